#include "cli/audit_verify.h"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>

#include "cli/output.h"
#include "common/core/json.h"
#include "common/os/open.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr std::size_t kSeedFileBytesMax = 65536;
// Of 400 bytes each: what a busy host writes in some years.
constexpr std::size_t kAnchorsFileBytesMax = 256U << 20U;

Result<std::string> contentOf(const std::string& path, std::size_t bytesMax) {
  if (path == "-") return os::readAll(STDIN_FILENO, bytesMax, "standard input");
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return Error{Code::kNotFound, "cannot read " + path, ""};
  return os::readAll(file.get(), bytesMax, path);
}

Result<Ok> readSeeds(const std::string& path, std::vector<AuditSeed>& seeds) {
  TRY_ASSIGN(const std::string text, contentOf(path, kSeedFileBytesMax));
  constexpr const char* kBlank = " \t\r\n";
  for (std::size_t at = text.find_first_not_of(kBlank); at != std::string::npos;
       at = text.find_first_not_of(kBlank, at)) {
    const std::size_t end = std::min(text.find_first_of(kBlank, at), text.size());
    const auto seed = AuditSeed::parse(std::string_view(text).substr(at, end - at));
    if (!seed.ok())
      return Error{Code::kInvalidArgument, path + " holds something else than seeds", ""};
    seeds.push_back(*seed);
    at = end;
  }
  if (seeds.empty()) return Error{Code::kInvalidArgument, "there is no seed in " + path, ""};
  return Ok{};
}

// Before the log: it may grow meanwhile, and must reach every anchor that was given.
Result<VerifyRequest> requestOf(const VerifyOptions& options) {
  VerifyRequest request;
  for (const auto& path : options.seedFiles)
    TRY(readSeeds(path, request.seeds));
  if (!options.anchorsFile.empty()) {
    TRY_ASSIGN(const std::string text, contentOf(options.anchorsFile, kAnchorsFileBytesMax));
    TRY_ASSIGN(request.anchors, parseAnchors(text));
  }
  return request;
}

Json asJson(const ChainReport& report) {
  Json out = {{"ok", !report.finding.has_value()},
              {"records", report.records},
              {"sealed", report.sealed},
              {"anchors", report.anchors},
              {"key", report.publicKey},
              {"head", {{"seq", report.head.seq}, {"hash", report.head.hash}}}};
  out["clock"] = Json::array();
  for (const auto& notice : report.clock)
    out["clock"].push_back({{"seq", notice.seq}, {"seconds", notice.seconds}});
  if (report.finding) {
    const auto& finding = *report.finding;
    out["finding"] = {{"fault", chainFaultName(finding.fault)},
                      {"seq", finding.seq},
                      {"file", finding.file},
                      {"line", finding.line},
                      {"anchor", finding.anchorSeq}};
  }
  return out;
}

void printFinding(const ChainReport& report) {
  const auto& finding = *report.finding;
  std::cout << "audit verify: FAILED, record " << finding.seq << " is "
            << chainFaultName(finding.fault) << " (" << printable(finding.file) << " line "
            << finding.line << "); " << report.records << " records before it are good\n";
  if (finding.anchorSeq != 0)
    std::cout << "an anchor of record " << finding.anchorSeq << " says so\n";
}

// What was not looked at is said, so that "ok" is not taken for more than it is.
void printGood(const ChainReport& report, const VerifyOptions& options) {
  std::cout << "audit verify: ok, " << report.records << " records\n"
            << "head " << report.head.seq << " " << report.head.hash << "\n";
  if (options.seedFiles.empty())
    std::cout << "seals: not checked, give --seed\n";
  else
    std::cout << "seals: " << report.sealed << " checked\n";
  if (options.anchorsFile.empty())
    std::cout << "end: not checked, give --anchors\n";
  else
    std::cout << "end: " << report.anchors << " anchors fit\n";
}

}  // namespace

ExitCode runAuditVerify(const VerifyOptions& options, bool json) {
  const auto request = requestOf(options);
  if (!request.ok()) return complain(request.error(), "see: bulkhead audit verify --help");
  const auto report = verifyAudit(options.directory, *request);
  if (!report.ok())
    return complain(report.error(),
                    "name another --directory, or run it as root: sudo bulkhead audit verify");
  if (json) {
    std::cout << printJson(asJson(*report)) << "\n";
  } else {
    if (report->finding)
      printFinding(*report);
    else
      printGood(*report, options);
    for (const auto& notice : report->clock)
      std::cout << "clock: set by " << notice.seconds << " s before record " << notice.seq << "\n";
  }
  return report->finding ? ExitCode::kFindings : ExitCode::kOk;
}

}  // namespace bulkhead::cli
