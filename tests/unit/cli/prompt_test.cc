#include "cli/prompt.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "common/os/fd.h"

namespace bulkhead::cli {
namespace {

// Another standard input for as long as it lives.
class Input {
 public:
  explicit Input(int fd) : before_(::dup(STDIN_FILENO)) { (void)::dup2(fd, STDIN_FILENO); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    (void)::dup2(before_, STDIN_FILENO);
    (void)::close(before_);
  }

 private:
  int before_;
};

Result<std::string> readFrom(const std::string& text, int lines = 1) {
  int ends[2] = {};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd out(ends[0]);
  {
    const Fd in(ends[1]);
    EXPECT_EQ(::write(in.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  const Input input(out.get());
  for (int i = 1; i < lines; ++i)
    EXPECT_TRUE(readSecret("code", Terminal{}).ok());
  return readSecret("password", Terminal{});
}

TEST(ReadSecret, TakesOneLineOfStandardInputAndLeavesTheRest) {
  EXPECT_EQ(*readFrom("hunter two\n"), "hunter two");
  EXPECT_EQ(*readFrom("without an end"), "without an end");
  EXPECT_EQ(*readFrom("first\nsecond\n", /*lines=*/2), "second");
}

TEST(ReadSecret, RefusesAnEmptyLineAndOneWithoutEnd) {
  EXPECT_EQ(readFrom("").error().code, Code::kInvalidArgument);
  EXPECT_EQ(readFrom("\n").error().code, Code::kInvalidArgument);
  EXPECT_EQ(readFrom(std::string(2000, 'x')).error().code, Code::kInvalidArgument);
}

// A terminal of our own, with a child that reads a secret from it.
class Asked {
 public:
  Asked() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    EXPECT_EQ(::grantpt(master_.get()), 0);
    EXPECT_EQ(::unlockpt(master_.get()), 0);
    name_ = ::ptsname(master_.get());
    child_ = ::fork();
    if (child_ != 0) return;
    (void)::setsid();
    const int terminal = ::open(name_.c_str(), O_RDWR);  // becomes the controlling one
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      (void)::dup2(terminal, fd);
    Terminal shown;
    shown.errorIsTerminal = true;
    const auto secret = readSecret("password", shown);
    ::_exit(secret.ok() ? 0 : static_cast<int>(exitCodeFor(secret.error().code)));
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  ~Asked() { EXPECT_LT(child_, 0) << "nobody waited for the child"; }

  void waitForPrompt() {
    std::string seen;
    char byte = 0;
    while (!seen.ends_with("password: ") && ::read(master_.get(), &byte, 1) == 1)
      seen += byte;
    for (int i = 0; i < 500 && echoes(); ++i)
      (void)::usleep(10'000);
    EXPECT_FALSE(echoes());
  }
  void type(const std::string& text) {
    EXPECT_EQ(::write(master_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  int exitCode() {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool echoes() {
    termios now{};
    EXPECT_EQ(::tcgetattr(master_.get(), &now), 0);
    return (now.c_lflag & ECHO) != 0;
  }

 private:
  Fd master_;
  std::string name_;
  pid_t child_ = -1;
};

TEST(ReadSecret, DoesNotEchoAndPutsTheTerminalBack) {
  Asked asked;
  asked.waitForPrompt();
  asked.type("hunter two\n");
  EXPECT_EQ(asked.exitCode(), 0);
  EXPECT_TRUE(asked.echoes());
}

TEST(ReadSecret, PutsTheTerminalBackAfterCtrlC) {
  Asked asked;
  asked.waitForPrompt();
  asked.type("\x03");
  EXPECT_EQ(asked.exitCode(), static_cast<int>(ExitCode::kInterrupted));
  EXPECT_TRUE(asked.echoes());
}

TEST(ReadTokenFile, LeavesTheLineEndAway) {
  std::string path = "/tmp/bulkhead-token-XXXXXX";
  const Fd file(::mkstemp(path.data()));
  ASSERT_EQ(::write(file.get(), "token\r\n", 7), 7);
  EXPECT_EQ(*readTokenFile(path), "token");
  (void)::unlink(path.c_str());
  EXPECT_EQ(readTokenFile(path).error().code, Code::kInvalidArgument);
}

TEST(ReadTokenFile, RefusesAnEmptyOneWhichWouldMakeTheRequestRoots) {
  std::string path = "/tmp/bulkhead-token-XXXXXX";
  const Fd file(::mkstemp(path.data()));
  ASSERT_EQ(::write(file.get(), "\n", 1), 1);
  EXPECT_EQ(readTokenFile(path).error().code, Code::kInvalidArgument);
  (void)::unlink(path.c_str());
}

TEST(Ask, KnowsWhenNobodyIsThere) {
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Input input(nothing.get());
  EXPECT_EQ(ask("Really?", Terminal{}), Answer::kNobodyThere);
}

}  // namespace
}  // namespace bulkhead::cli
