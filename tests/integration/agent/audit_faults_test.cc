// The audit log under every failure of every system call that changes something, and under a kill
// before each of them. Afterwards it opens, verifies with its seed, and has all that was
// acknowledged.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "agent/audit/audit.h"
#include "common/audit/lines.h"
#include "common/audit/verify.h"
#include "tests/support/syscall_faults.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::agent {
namespace {

using bulkhead::testing::SyscallFault;

// A segment ends after two or three records, so that the work below rotates, too.
constexpr std::size_t kSmallSegment = kRecordBytesMax + 4096 + 1500;

AuditRecord record(AuditKind kind, const std::string& opId) {
  AuditRecord made;
  made.kind = kind;
  made.op = "account.create";
  made.opId = opId;
  return made;
}

// On a file system in memory: thousands of syncs, and the disk would be what is measured.
class AuditFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mount("tmpfs", place_.path().c_str(), "tmpfs", 0, "size=64m"), 0)
        << "the tests of the agent run as root";
  }
  void TearDown() override { (void)::umount2(place_.path().c_str(), MNT_DETACH); }

  // A log with some records and keys of a known seed, for each run anew.
  void renew() {
    std::filesystem::remove_all(log());
    std::filesystem::remove_all(keys());
    std::filesystem::create_directory(log());
    std::filesystem::create_directory(keys());
    ASSERT_TRUE(AuditKeyFile::create(keys() + "/" + kNextAuditKeyFile, seed_.keys()).ok());
    auto audit = open();
    ASSERT_TRUE(audit.ok());
    ASSERT_TRUE((*audit)->append(record(AuditKind::kDeny, "before")).ok());
  }
  std::string log() const { return place_.path() + "/log"; }
  std::string keys() const { return place_.path() + "/keys"; }
  std::string acknowledged() const { return place_.path() + "/acknowledged"; }
  Result<std::unique_ptr<Audit>> open() { return Audit::open({log(), keys(), kSmallSegment}); }

  // What an agent does in its life: starts, appends, rotates, ends epochs, takes up other keys.
  void work() {
    const Fd quiet(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    (void)::dup2(quiet.get(), STDERR_FILENO);
    const Fd told(::open(acknowledged().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    auto audit = open();
    if (!audit.ok()) return;
    for (int i = 0; i < 6; ++i) {
      const std::string opId = "op" + std::to_string(i);
      if ((*audit)->appendIntent(record(AuditKind::kIntent, opId)).ok()) tell(told, "i" + opId);
      if (i == 2) (void)(*audit)->checkpoint();
      if (i == 3) (void)AuditKeyFile::create(keys() + "/" + kNextAuditKeyFile, second_.keys());
      if ((*audit)->appendOutcome(record(AuditKind::kOutcome, opId)).ok()) tell(told, "o" + opId);
    }
    (void)(*audit)->checkpoint();
  }
  // Only a whole line counts.
  static void tell(const Fd& told, const std::string& what) {
    const std::string line = what + "\n";
    [[maybe_unused]] const auto written = ::write(told.get(), line.data(), line.size());
  }

  std::set<std::string> recorded() {
    std::set<std::string> found;
    const auto segments = listSegments(log());
    for (const auto& segment : *segments) {
      const auto file = openSegment(log(), segment.name);
      (void)readLines(*file, [&](std::string_view line, LineEnd, std::uint64_t) {
        const auto parsed = parseAuditLine(line);
        if (parsed.ok() && !parsed->opId.empty())
          found.insert((parsed->kind == "intent" ? "i" : "o") + parsed->opId);
        return Lines::kContinue;
      });
    }
    return found;
  }
  void expectWholeAfter(const SyscallFault& fault) {
    SCOPED_TRACE("call " + std::to_string(fault.position) + ", error " +
                 std::to_string(fault.error));
    {
      auto audit = open();
      ASSERT_TRUE(audit.ok()) << audit.error().message;
      ASSERT_TRUE((*audit)->append(record(AuditKind::kDeny, "after")).ok());
      ASSERT_TRUE((*audit)->checkpoint().ok());
    }
    VerifyRequest request{.seeds = {seed_}};
    auto report = verifyAudit(log(), request);
    if (report->finding) {  // the other keys were taken up, then
      request.seeds.push_back(second_);
      report = verifyAudit(log(), request);
    }
    ASSERT_TRUE(report.ok());
    ASSERT_FALSE(report->finding.has_value())
        << chainFaultName(report->finding->fault) << " at " << report->finding->seq;
    EXPECT_EQ(report->sealed, report->records);
    const auto found = recorded();
    std::ifstream told(acknowledged());
    for (std::string line; std::getline(told, line);)
      EXPECT_TRUE(found.count(line) != 0) << line << " was acknowledged";
  }
  void goThroughAll(int error, SyscallFault::For duration) {
    renew();
    const int changes = bulkhead::testing::runWithFault([this] { work(); }, {}).changes;
    ASSERT_GT(changes, 80);
    for (int position = 1; position <= changes && !HasFailure(); ++position) {
      renew();
      std::filesystem::remove(acknowledged());
      const SyscallFault fault{position, error, duration};
      const auto run = bulkhead::testing::runWithFault([this] { work(); }, fault);
      ASSERT_EQ(WIFSIGNALED(run.status), error == 0) << position;
      expectWholeAfter(fault);
    }
  }

  bulkhead::testing::TempDir place_;
  AuditSeed seed_ = AuditSeed::make();
  AuditSeed second_ = AuditSeed::make();
};

TEST_F(AuditFaults, T9AFullDiskAtEachCallLosesNothingAcknowledged) {
  goThroughAll(ENOSPC, SyscallFault::For::kOnce);
  goThroughAll(ENOSPC, SyscallFault::For::kGood);
}

TEST_F(AuditFaults, T9AnErrorOfTheDiskAtEachCallLosesNothingAcknowledged) {
  goThroughAll(EIO, SyscallFault::For::kOnce);
}

TEST_F(AuditFaults, T9AnExhaustedQuotaAtEachCallLosesNothingAcknowledged) {
  goThroughAll(EDQUOT, SyscallFault::For::kOnce);
}

TEST_F(AuditFaults, T9AFileSystemThatTurnsReadOnlyAtEachCallLosesNothingAcknowledged) {
  goThroughAll(EROFS, SyscallFault::For::kGood);
}

TEST_F(AuditFaults, T10AKillAtEachCallLosesNothingAcknowledged) {
  goThroughAll(0, SyscallFault::For::kOnce);
}

TEST_F(AuditFaults, T11ASecondWriterIsRefusedWhileTheFirstLivesAndNotAfterItsDeath) {
  renew();
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const Fd reading(ready[0]);
  Fd writing(ready[1]);
  const pid_t first = ::fork();
  if (first == 0) {
    const auto audit = open();
    [[maybe_unused]] const auto told = ::write(writing.get(), audit.ok() ? "y" : "n", 1);
    while (true)
      ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(reading.get(), &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  const auto second = open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_EQ(::waitpid(first, nullptr, 0), first);
  EXPECT_TRUE(open().ok());
}

}  // namespace
}  // namespace bulkhead::agent
