#include "tests/support/root.h"

#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bulkhead::testing {
namespace {

pid_t forkAs(uid_t uid, const std::function<int()>& work) {
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) return pid;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(uid, uid, uid) != 0 ||
      ::setresuid(uid, uid, uid) != 0)
    ::_exit(120);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::_exit(work());
}

}  // namespace

void requireRoot() {
  if (::geteuid() != 0) throw std::runtime_error("this test needs root: run the suite as root");
}

RootDirectory::RootDirectory() {
  requireRoot();
  std::string pattern = "/run/bulkhead-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr || ::chmod(pattern.c_str(), 0755) != 0)
    throw std::runtime_error("no test directory");
  path_ = pattern;
}

RootDirectory::~RootDirectory() {
  std::error_code ignored;  // what a test leaves mounted or immutable stays visible in /run
  std::filesystem::remove_all(path_, ignored);
}

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void spill(const std::string& path, std::string_view content, mode_t mode) {
  std::ofstream(path, std::ios::binary) << content;
  if (::chmod(path.c_str(), mode) != 0) throw std::runtime_error("cannot write " + path);
}

int runAs(uid_t uid, const std::function<int()>& work) {
  const auto pid = forkAs(uid, work);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t startAs(uid_t uid, const std::function<void()>& work) {
  return forkAs(uid, [&work] {
    work();
    return 0;
  });
}

void endChild(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace bulkhead::testing
