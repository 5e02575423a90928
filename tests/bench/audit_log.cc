// The audit log's writer against the same bytes written and synced by themselves, and its verifier
// against the digests alone. usage: bench_audit_log plain|append|digest|verify DIRECTORY SECONDS
#include <fcntl.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/audit/audit.h"
#include "common/audit/digest.h"
#include "common/audit/lines.h"
#include "common/audit/verify.h"
#include "tests/bench/measure.h"
#include "tests/support/sealed_log.h"

namespace bulkhead::bench {
namespace {

constexpr std::uint64_t kRecords = 20000;

AuditRecord record() {
  AuditRecord made;
  made.kind = AuditKind::kIntent;
  made.op = "account.create";
  made.opId = made.requestId = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
  made.actor = "admin:root";
  made.account = "benchmark";
  made.params = {{"username", std::string("benchmark")}, {"limits.tasks", std::uint64_t{300}}};
  return made;
}

template <typename Act>
void repeat(double seconds, const Act& act) {
  Tally tally(seconds);
  for (;;) {
    const auto begun = Clock::now();
    act();
    if (!tally.add(begun)) break;
  }
  tally.print();
}

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

void writePlain(const std::string& directory, double seconds) {
  bulkhead::testing::SealedLog log;
  const std::string line = log.sealed(record(), log.keys()) + "\n";
  const Fd file(
      ::open((directory + "/plain").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  repeat(seconds, [&] {
    require(::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                ::fdatasync(file.get()) == 0,
            "cannot write");
  });
}

void append(const std::string& directory, double seconds) {
  auto audit = agent::Audit::open({directory, directory + "/keys"});
  require(audit.ok(), "cannot open the log");
  const AuditRecord one = record();
  repeat(seconds, [&] { require((*audit)->append(one).ok(), "cannot append"); });
}

// A pass over the whole log is one call here; its record's share is what is told.
template <typename Pass>
void repeatPasses(double seconds, const Pass& pass) {
  const auto begun = Clock::now();
  std::size_t passes = 0;
  double took = 0;
  while (took < seconds) {
    pass();
    ++passes;
    took = std::chrono::duration<double>(Clock::now() - begun).count();
  }
  const double micros = took * 1e6 / static_cast<double>(passes * kRecords);
  std::printf("{\"calls\":%zu,\"seconds\":%.3f,\"p50_micros\":%.3f,\"p99_micros\":%.3f}\n",
              static_cast<std::size_t>(passes * kRecords), took, micros, micros);
}

bulkhead::testing::SealedLog makeLog(const std::string& directory) {
  bulkhead::testing::SealedLog log;
  log.grow(kRecords - 1, agent::kCheckpointRecords);
  bulkhead::testing::writeSegment(directory, 1, bulkhead::testing::textOf(log.lines()));
  return log;
}

void digest(const std::string& directory, double seconds) {
  const auto log = makeLog(directory);
  repeatPasses(seconds, [&] {
    const auto file = openSegment(directory, segmentName(1));
    std::size_t lines = 0;
    require(readLines(*file,
                      [&](std::string_view line, LineEnd, std::uint64_t) {
                        lines += sha256Hex(line).empty() ? 0 : 1;
                        return Lines::kContinue;
                      })
                .ok(),
            "cannot read");
    require(lines == kRecords, "not all of it");
  });
}

void verify(const std::string& directory, double seconds) {
  const auto log = makeLog(directory);
  const VerifyRequest request{{log.seed()}, log.anchors()};
  repeatPasses(seconds, [&] {
    const auto report = verifyAudit(directory, request);
    require(report.ok() && !report->finding && report->sealed == kRecords, "not found whole");
  });
}

int run(int count, char** words) {
  if (count != 4) return 2;
  const std::string what = words[1], directory = words[2];
  const double seconds = std::strtod(words[3], nullptr);
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  if (what == "plain") writePlain(directory, seconds);
  if (what == "append") append(directory, seconds);
  if (what == "digest") digest(directory, seconds);
  if (what == "verify") verify(directory, seconds);
  return 0;
}

}  // namespace
}  // namespace bulkhead::bench

int main(int count, char** words) {
  try {
    return bulkhead::bench::run(count, words);
  } catch (const std::exception& fault) {
    (void)std::fprintf(stderr, "bench_audit_log: %s\n", fault.what());
    return 1;
  }
}
