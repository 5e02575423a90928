// What a worker really has, told by workers themselves, and what becomes of those that misbehave.
#include "agent/worker/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include "common/rpc/op.capnp.h"
#include "tests/support/temp_dir.h"

extern char** environ;

namespace bulkhead::agent {
namespace {

std::string readText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool alive(pid_t pid) {
  const std::string status = readText("/proc/" + std::to_string(pid) + "/status");
  return !status.empty() && status.find("State:\tZ") == std::string::npos;
}

class WorkerSandbox : public ::testing::Test {
 protected:
  // The worker's answer is a text in the message of an Evidence.
  using Body = std::function<std::string()>;
  Result<std::string> run(Body body,
                          std::vector<cap_value_t> capabilities = {},
                          std::chrono::seconds timeLimit = std::chrono::seconds(20)) {
    WorkerTask task{std::move(capabilities), timeLimit, [&body](capnp::MessageBuilder& result) {
                      result.initRoot<rpc::Evidence>().setDetail(body().c_str());
                    }};
    auto words = pool_.run(std::move(task)).wait(io_->waitScope);
    if (!words.ok()) return words.error();
    capnp::FlatArrayMessageReader reader(*words);
    return std::string(reader.getRoot<rpc::Evidence>().getDetail().cStr());
  }
  std::string answer(Body body, std::vector<cap_value_t> capabilities = {}) {
    const auto result = run(std::move(body), std::move(capabilities));
    return result.ok() ? *result : std::string(codeName(result.error().code));
  }
  void expectFailure(Code code,
                     Body body,
                     std::chrono::seconds timeLimit = std::chrono::seconds(20)) {
    const auto result = run(std::move(body), {}, timeLimit);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(codeName(result.error().code), codeName(code));
    EXPECT_EQ(pool_.running(), 0U);
    EXPECT_EQ(answer([] { return std::string("well"); }), "well") << "the core stays healthy";
  }
  // Starts a process that leaves its parent, its session and its standard streams, and notes its
  // pid.
  void daemonise(const std::string& pidFile) {
    if (::fork() != 0) return;
    (void)::setsid();
    if (::fork() != 0) ::_exit(0);
    ::close(kResultFd);
    std::ofstream(pidFile) << ::getpid() << std::flush;
    while (true)
      ::pause();
  }
  pid_t daemonIn(const std::string& pidFile) {
    for (int i = 0; i < 500; ++i, ::usleep(10000)) {
      pid_t pid = 0;
      if (std::ifstream(pidFile) >> pid) return pid;
    }
    return 0;
  }

  // Held by pointer: its destructor may throw, a fixture's must not.
  std::unique_ptr<kj::AsyncIoContext> io_ =
      std::make_unique<kj::AsyncIoContext>(kj::setupAsyncIo());
  WorkerPool pool_{*io_};
  bulkhead::testing::TempDir directory_;
};

TEST_F(WorkerSandbox, HasExactlyTheDeclaredCapabilities) {
  const Body capabilities = [] {
    const std::string status = readText("/proc/self/status");
    const auto start = status.find("CapInh:");
    return status.substr(start, status.find("Seccomp:") - start);
  };
  const std::string kNone = "0000000000000000\n";
  const std::string kTwo = "0000000000000003\n";  // CAP_CHOWN and CAP_DAC_OVERRIDE
  EXPECT_EQ(answer(capabilities), "CapInh:\t" + kNone + "CapPrm:\t" + kNone + "CapEff:\t" + kNone +
                                      "CapBnd:\t" + kNone + "CapAmb:\t" + kNone +
                                      "NoNewPrivs:\t1\n");
  EXPECT_EQ(answer(capabilities, {CAP_CHOWN, CAP_DAC_OVERRIDE}),
            "CapInh:\t" + kNone + "CapPrm:\t" + kTwo + "CapEff:\t" + kTwo + "CapBnd:\t" + kTwo +
                "CapAmb:\t" + kNone + "NoNewPrivs:\t1\n");
}

TEST_F(WorkerSandbox, GivesAProgramThatItStartsNoMoreThanItHas) {
  EXPECT_EQ(answer(
                [&] {
                  int ends[2] = {-1, -1};
                  if (::pipe(ends) != 0) return std::string("pipe");
                  if (::fork() == 0) {
                    ::dup2(ends[1], 1);
                    ::execl("/bin/grep", "grep", "CapEff", "/proc/self/status", nullptr);
                    ::_exit(1);
                  }
                  char text[100] = {};
                  (void)!::read(ends[0], text, sizeof text - 1);
                  return std::string(text);
                },
                {CAP_CHOWN}),
            "CapEff:\t0000000000000001\n");
}

TEST_F(WorkerSandbox, CannotDoWhatItsCapabilitiesDoNotAllow) {
  const std::string foreign = directory_.path() + "/foreign";
  std::ofstream(foreign) << "x";
  ASSERT_EQ(::chmod(foreign.c_str(), 0600), 0);
  ASSERT_EQ(::chown(foreign.c_str(), 12345, 12345), 0);
  const auto attempts = [&] {
    std::string done;
    if (::open(foreign.c_str(), O_RDONLY) >= 0) done += "read ";
    if (::chown(foreign.c_str(), 0, 0) == 0) done += "chown ";
    if (::setuid(12345) == 0) done += "setuid ";
    if (::sethostname("x", 1) == 0) done += "sethostname ";
    if (::chroot("/") == 0) done += "chroot ";
    if (::socket(AF_INET, SOCK_RAW, 1) >= 0) done += "raw ";
    if (::prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0) == 0) done += "bounding ";
    return done;
  };
  EXPECT_EQ(answer(attempts), "");
  EXPECT_EQ(answer(attempts, {CAP_DAC_OVERRIDE}), "read ");
  EXPECT_EQ(answer(attempts, {CAP_CHOWN, CAP_SETUID}), "chown setuid ");
}

TEST_F(WorkerSandbox, InheritsNoDescriptorButThePipe) {
  const int leaked =
      ::open("/etc/passwd", O_RDONLY);  // without O_CLOEXEC, as a careless library would
  ASSERT_GE(leaked, 0);
  ASSERT_GE(::dup2(leaked, 200), 0);
  EXPECT_EQ(answer([] {
              std::string open;
              for (int fd = 0; fd < 1024; ++fd) {
                std::error_code failure;
                const auto target =
                    std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), failure);
                if (!failure)
                  open += std::to_string(fd) + " " +
                          target.string().substr(0, target.string().find('[')) + "\n";
              }
              return open;
            }),
            "0 /dev/null\n1 /dev/null\n2 /dev/null\n3 pipe:\n");
  ::close(leaked);
  ::close(200);
}

TEST_F(WorkerSandbox, StartsWithAnEmptyEnvironmentInTheRootDirectory) {
  ASSERT_EQ(::setenv("LD_PRELOAD_LIKE", "x", 1), 0);
  EXPECT_EQ(answer([] {
              const mode_t mask = ::umask(0);
              return std::string(environ == nullptr || *environ == nullptr ? "empty" : *environ) +
                     " " + std::filesystem::current_path().string() + " " + std::to_string(mask) +
                     " " + (::getsid(0) == ::getpid() ? "session" : "no session");
            }),
            "empty / 63 session");
}

TEST_F(WorkerSandbox, HasNoSignalBlockedOrIgnored) {
  ASSERT_NE(::signal(SIGPIPE, SIG_IGN), SIG_ERR);
  EXPECT_EQ(answer([] {
              const std::string status = readText("/proc/self/status");
              const auto start = status.find("SigBlk:");
              return status.substr(start, status.find("SigCgt:") - start);
            }),
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  (void)::signal(SIGPIPE, SIG_DFL);
}

TEST_F(WorkerSandbox, DiesWithTheCore) {
  const std::string pidFile = directory_.path() + "/pid";
  const pid_t core = ::fork();
  ASSERT_GE(core, 0);
  if (core == 0) {
    // A confined process as the pool makes it, below a parent that dies.
    if (::fork() == 0) {
      const int null = ::open("/dev/null", O_WRONLY);
      if (!confine({{}, std::chrono::seconds(60), null, ::getppid()}).ok()) ::_exit(1);
      std::ofstream(pidFile) << ::getpid() << std::flush;
      while (true)
        ::pause();
    }
    while (true)
      ::pause();
  }
  const pid_t worker = daemonIn(pidFile);
  ASSERT_GT(worker, 0);
  ASSERT_TRUE(alive(worker));
  ASSERT_EQ(::kill(core, SIGKILL), 0);
  ASSERT_EQ(::waitpid(core, nullptr, 0), core);
  for (int i = 0; i < 200 && alive(worker); ++i)
    ::usleep(10000);
  EXPECT_FALSE(alive(worker));
}

TEST_F(WorkerSandbox, EndsAtItsDeadlineWithAllItsDaemonisedGrandchildren) {
  const std::string one = directory_.path() + "/one";
  const std::string two = directory_.path() + "/two";
  const auto started = std::chrono::steady_clock::now();
  expectFailure(
      Code::kTimeout,
      [&]() -> std::string {
        daemonise(one);
        daemonise(two);
        while (true)
          ::pause();
      },
      std::chrono::seconds(1));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(15));
  for (const auto& file : {one, two}) {
    const pid_t daemon = daemonIn(file);
    ASSERT_GT(daemon, 0);
    EXPECT_FALSE(alive(daemon));
  }
}

TEST_F(WorkerSandbox, LeavesNoProcessBehindWhenItEndsWell) {
  const std::string file = directory_.path() + "/daemon";
  EXPECT_EQ(answer([&] {
              daemonise(file);
              (void)daemonIn(file);  // waits until it runs
              return std::string("done");
            }),
            "done");
  const pid_t daemon = daemonIn(file);
  ASSERT_GT(daemon, 0);
  EXPECT_FALSE(alive(daemon));
}

TEST_F(WorkerSandbox, ThatCrashesIsAFaultAndNothingElse) {
  expectFailure(Code::kInternal, []() -> std::string { ::abort(); });
  expectFailure(Code::kInternal, []() -> std::string { throw std::runtime_error("fault"); });
  expectFailure(Code::kInternal, []() -> std::string { ::_exit(0); });
}

TEST_F(WorkerSandbox, ThatTalksTooMuchIsEnded) {
  expectFailure(Code::kInternal, []() -> std::string {
    const std::string block(1U << 20U, 'x');
    for (int i = 0; i < 100; ++i) {
      std::size_t sent = 0;
      while (sent < block.size()) {
        const auto written = ::write(kResultFd, block.data() + sent, block.size() - sent);
        if (written < 0) break;
        sent += static_cast<std::size_t>(written);
      }
    }
    return "done";
  });
}

TEST_F(WorkerSandbox, ThatAddsBytesToItsAnswerIsNotCutToFit) {
  expectFailure(Code::kInternal, []() -> std::string {
    (void)!::write(kResultFd, "x", 1);  // makes the length no multiple of a word
    return "done";
  });
}

TEST_F(WorkerSandbox, RunsBesideOthers) {
  auto one = pool_.run({{}, std::chrono::seconds(20), [](capnp::MessageBuilder& result) {
                          ::usleep(300000);
                          result.initRoot<rpc::Evidence>().setDetail("one");
                        }});
  auto two = pool_.run({{}, std::chrono::seconds(20), [](capnp::MessageBuilder& result) {
                          result.initRoot<rpc::Evidence>().setDetail("two");
                        }});
  EXPECT_EQ(pool_.running(), 2U);
  EXPECT_TRUE(two.wait(io_->waitScope).ok());
  EXPECT_TRUE(one.wait(io_->waitScope).ok());
  EXPECT_EQ(pool_.running(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
