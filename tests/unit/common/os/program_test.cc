#include "common/os/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/os/processes.h"
#include "tests/support/root.h"

namespace bulkhead::os {
namespace {

using ::testing::HasSubstr;
using testing::RootDirectory;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Counts processes by a mark in their arguments that only this test gives.
std::size_t running(const std::string& name) {
  std::size_t count = 0;
  for (const auto& process : listProcesses().value())
    if (!process.dead && process.name == name) ++count;
  return count;
}

TEST(RunProgram, PassesArgumentsAsTheyAreAndAnswersTheExitCode) {
  const auto end =
      runProgram({"/usr/bin/printf", {"%s|", "a b", "$(id)", "*", "'\"", ";"}, ""}).value();
  EXPECT_EQ(end.output, "a b|$(id)|*|'\"|;|");
  EXPECT_EQ(end.exitCode, 0);
  EXPECT_EQ(runProgram({"/usr/bin/false", {}, ""}).value().exitCode, 1);
  EXPECT_EQ(runProgram({"/usr/bin/printf", {std::string("a\0b", 3)}, ""}).error().code,
            Code::kPermissionDenied);
}

TEST(RunProgram, GivesAFixedEnvironmentAndNothingElse) {
  ::setenv("LD_PRELOAD_TEST", "1", 1);
  ::setenv("BASH_ENV", "/tmp/x", 1);
  EXPECT_EQ(runProgram({"/usr/bin/env", {}, ""}).value().output,
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C.UTF-8\nHOME=/\n");
  EXPECT_EQ(runProgram({"/usr/bin/pwd", {}, ""}).value().output, "/\n");
}

TEST(RunProgram, InheritsNoDescriptor) {
  const int leaked =
      ::open("/etc/passwd", O_RDONLY);  // NOLINT(android-cloexec-open): the point of the test
  ASSERT_GE(leaked, 3);
  const auto end = runProgram({"/usr/bin/ls", {"/proc/self/fd"}, ""}).value();
  EXPECT_EQ(end.output, "0\n1\n2\n3\n") << "3 is the directory that ls reads";
  ::close(leaked);
}

TEST(RunProgram, FeedsInputOrNothing) {
  const std::string input(1U << 20U, 'i');
  EXPECT_EQ(runProgram({"/usr/bin/wc", {"-c"}, input}).value().output, "1048576\n");
  EXPECT_EQ(runProgram({"/usr/bin/wc", {"-c"}, ""}).value().output, "0\n");
}

TEST(RunProgram, CutsLongOutputAndLetsTheProgramFinish) {
  ProgramStart start{"/usr/bin/seq", {"1", "200000"}, ""};
  start.outputBytesMax = 1000;
  const auto end = runProgram(start).value();
  EXPECT_EQ(end.output.size(), 1000U);
  EXPECT_TRUE(end.truncated);
  EXPECT_EQ(end.exitCode, 0) << "a program whose output is cut must not die of it";
}

TEST(RunProgram, MixesBothOutputsInOrder) {
  const auto end = runProgram({"/usr/bin/ls", {"/nonexistent-a"}, ""}).value();
  EXPECT_THAT(end.output, HasSubstr("nonexistent-a"));
  EXPECT_NE(end.exitCode, 0);
}

TEST(RunProgram, SaysWhichSignalEndedIt) {
  EXPECT_EQ(runProgram({"/usr/bin/timeout", {"--signal=KILL", "0.1", "/usr/bin/sleep", "5"}, ""})
                .value()
                .exitCode,
            137);
}

TEST(RunProgram, KillsTheWholeTreeAtTheDeadline) {
  const RootDirectory root;
  fs::copy_file("/usr/bin/sleep", root / "bh-sleeper");
  ProgramStart start{"/usr/bin/setsid", {"--fork", "--wait", root / "bh-sleeper", "100"}, ""};
  start.timeLimit = 400ms;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(runProgram(start).error().code, Code::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_EQ(running("bh-sleeper"), 0U) << "a child in a session of its own must die, too";
}

TEST(RunProgram, DoesNotWaitForADaemonThatHoldsTheOutput) {
  const RootDirectory root;
  fs::copy_file("/usr/bin/sleep", root / "bh-daemon");
  const auto before = std::chrono::steady_clock::now();
  const auto end = runProgram({"/usr/bin/setsid", {"--fork", root / "bh-daemon", "3"}, ""});
  ASSERT_TRUE(end.ok());
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  for (const auto& process : listProcesses().value())
    if (process.name == "bh-daemon") {
      EXPECT_TRUE(killProcessTree(process.pid, 5s).ok());
    }
}

TEST(TrustedProgram, ResolvesRootsOwnLinks) {
  EXPECT_EQ(trustedProgram("/bin/true").value(), "/usr/bin/true");
  EXPECT_EQ(trustedProgram("true").error().code, Code::kPermissionDenied);
  EXPECT_EQ(trustedProgram("/usr/bin").error().code, Code::kPermissionDenied);
  EXPECT_EQ(trustedProgram("/usr/bin/no-such-program").error().code, Code::kNotFound);
}

TEST(TrustedProgram, RefusesWhatOthersCouldHaveWritten) {
  const RootDirectory root;
  const auto program = root / "program";
  fs::copy_file("/usr/bin/true", program);
  EXPECT_TRUE(runProgram({program, {}, ""}).ok());
  ::chmod(program.c_str(), 0775);
  EXPECT_EQ(runProgram({program, {}, ""}).error().code, Code::kPermissionDenied)
      << "group-writable";
  ::chmod(program.c_str(), 0755);
  ASSERT_EQ(::chown(program.c_str(), 20000, 0), 0);
  EXPECT_EQ(runProgram({program, {}, ""}).error().code, Code::kPermissionDenied) << "foreign owner";
  ASSERT_EQ(::chown(program.c_str(), 0, 0), 0);
  ::chmod(root.path().c_str(), 01777);
  EXPECT_EQ(runProgram({program, {}, ""}).error().code, Code::kPermissionDenied)
      << "writable directory, even if sticky";
  ::chmod(root.path().c_str(), 0755);
  ASSERT_EQ(::symlink("program", (root / "link").c_str()), 0);
  EXPECT_TRUE(trustedProgram(root / "link").ok());
  ASSERT_EQ(::lchown((root / "link").c_str(), 20000, 20000), 0);
  EXPECT_EQ(trustedProgram(root / "link").error().code, Code::kPermissionDenied) << "foreign link";
  ASSERT_EQ(::symlink("loop", (root / "loop").c_str()), 0);
  EXPECT_FALSE(trustedProgram(root / "loop").ok());
}

TEST(TrustedProgram, RefusesAScriptWhoseInterpreterIsNotTrusted) {
  const RootDirectory root;
  testing::spill(root / "good", "#!/usr/bin/env\n", 0755);
  EXPECT_TRUE(trustedProgram(root / "good").ok());
  fs::copy_file("/usr/bin/true", root / "interpreter");
  ::chmod((root / "interpreter").c_str(), 0777);
  testing::spill(root / "bad", "#! " + (root / "interpreter") + " -x\n", 0755);
  EXPECT_EQ(trustedProgram(root / "bad").error().code, Code::kPermissionDenied);
}

}  // namespace
}  // namespace bulkhead::os
