#include "common/os/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <deque>

#include "common/os/errors.h"
#include "common/os/fd.h"
#include "common/os/open.h"
#include "common/os/processes.h"

namespace bulkhead::os {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLinksMax = 8;            // Debian needs one
constexpr int kInterpreterBytes = 256;  // the kernel reads as much of a script's first line
constexpr std::chrono::milliseconds kKillPatience{5000};

Error untrusted(const std::string& path, const std::string& why) {
  return Error{Code::kPermissionDenied, "program " + path + ": " + why, ""};
}

std::deque<std::string> partsOf(const std::string& path) {
  std::deque<std::string> parts;
  for (std::size_t start = 0; start < path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    if (end > start) parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

Result<Ok> checkOwner(const struct stat& info, const std::string& path) {
  if (info.st_uid != 0) return untrusted(path, "does not belong to root");
  if (!S_ISLNK(info.st_mode) && (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return untrusted(path, "others can write it");
  return Ok{};
}

// Walks as the kernel would, with every step proved. The directories are root's, so nobody can
// change the way meanwhile.
Result<std::string> resolveTrusted(const std::string& path) {
  if (path.empty() || path.front() != '/') return untrusted(path, "is not an absolute path");
  auto rest = partsOf(path);
  std::vector<std::string> walked;
  const auto text = [&walked] {
    std::string all;
    for (const auto& part : walked)
      all += "/" + part;
    return all.empty() ? std::string("/") : all;
  };
  for (int links = 0; !rest.empty();) {
    const auto part = rest.front();
    rest.pop_front();
    if (part == "..") {
      if (!walked.empty()) walked.pop_back();
      continue;
    }
    if (part == ".") continue;
    walked.push_back(part);
    const auto here = text();
    struct stat info = {};
    if (::lstat(here.c_str(), &info) != 0) return lastError("program " + here);
    TRY(checkOwner(info, here));
    if (S_ISLNK(info.st_mode)) {
      if (++links > kLinksMax) return untrusted(path, "too many links");
      std::string target(PATH_MAX, '\0');
      const auto size = ::readlink(here.c_str(), target.data(), target.size());
      if (size <= 0) return lastError("program " + here);
      target.resize(static_cast<std::size_t>(size));
      walked.pop_back();
      if (target.front() == '/') walked.clear();
      const auto more = partsOf(target);
      rest.insert(rest.begin(), more.begin(), more.end());
    } else if (rest.empty() ? !S_ISREG(info.st_mode) : !S_ISDIR(info.st_mode)) {
      return untrusted(here, "is not what its place needs");
    }
  }
  return text();
}

// The X of "#!X args", or "" for a binary.
Result<std::string> interpreterOf(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return lastError("program " + path);
  std::string head(kInterpreterBytes, '\0');
  const auto size = retry([&] { return ::read(file.get(), head.data(), head.size()); });
  if (size < 0) return lastError("program " + path);
  head.resize(static_cast<std::size_t>(size));
  if (!head.starts_with("#!")) return std::string();
  const auto first = head.find_first_not_of(" \t", 2);
  if (first == std::string::npos) return untrusted(path, "names no interpreter");
  return head.substr(first, head.find_first_of(" \t\n", first) - first);
}

struct Pipe {
  Fd read;
  Fd write;
};
Result<Pipe> makePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return lastError("pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// A memory file cannot fill up as a pipe does, so nothing has to be written while the program runs.
Result<Fd> openInput(const std::string& input) {
  if (input.empty()) {
    Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null) return lastError("/dev/null");
    return null;
  }
  Fd file(::memfd_create("stdin", MFD_CLOEXEC));
  if (!file) return lastError("memfd");
  TRY(writeAll(file.get(), input, "stdin"));
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return lastError("stdin");
  return file;
}

class SpawnSettings {
 public:
  SpawnSettings(int input, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, 1);
    ::posix_spawn_file_actions_adddup2(&actions_, output, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    ::posix_spawn_file_actions_addchdir_np(&actions_, "/");
    ::posix_spawnattr_init(&attributes_);
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

Result<pid_t> startProgram(const std::string& path,
                           const std::vector<std::string>& arguments,
                           int input,
                           int output) {
  auto name = path;
  auto words = arguments;
  std::vector<char*> argv = {name.data()};
  for (auto& word : words) {
    if (word.find('\0') != std::string::npos) return untrusted(path, "NUL in an argument");
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  // All that a program gets to know about its surroundings.
  static char search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  static char locale[] = "LC_ALL=C.UTF-8";
  static char home[] = "HOME=/";
  char* const environment[] = {search, locale, home, nullptr};
  const SpawnSettings settings(input, output);
  pid_t pid = 0;
  const int failure = ::posix_spawn(&pid, path.c_str(), settings.actions(), settings.attributes(),
                                    argv.data(), environment);
  if (failure != 0) return fromErrno(failure, "program " + path);
  return pid;
}

class Collector {
 public:
  Collector(Fd pipe, std::size_t limit) : pipe_(std::move(pipe)), limit_(limit) {
    (void)::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);  // ignoring: it cannot fail on a pipe
  }
  int fd() const { return pipe_.get(); }  // -1 at the end
  // Reads what is there; the program must never block on a full pipe.
  void drain() {
    std::string chunk(16U << 10U, '\0');
    while (pipe_) {
      const auto size = retry([&] { return ::read(pipe_.get(), chunk.data(), chunk.size()); });
      if (size < 0) return;  // EAGAIN: nothing more for now
      if (size == 0) return pipe_.reset();
      const auto room = std::min(limit_ - end.output.size(), static_cast<std::size_t>(size));
      end.output.append(chunk, 0, room);
      if (room < static_cast<std::size_t>(size)) end.truncated = true;
    }
  }
  ProgramEnd end;

 private:
  Fd pipe_;
  std::size_t limit_;
};

// True when the process ended before the deadline.
bool waitForEnd(int process, Collector& collector, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched[] = {{process, POLLIN, 0}, {collector.fd(), POLLIN, 0}};
    if (::poll(watched, 2, static_cast<int>(std::min<long long>(left, 60000))) < 0)
      continue;  // EINTR
    collector.drain();
    if ((watched[0].revents & POLLIN) != 0) return true;
  }
}

}  // namespace

Result<std::string> trustedProgram(const std::string& path) {
  struct stat root = {};
  if (::stat("/", &root) != 0) return lastError("/");
  TRY(checkOwner(root, "/"));
  TRY_ASSIGN(auto resolved, resolveTrusted(path));
  TRY_ASSIGN(const auto interpreter, interpreterOf(resolved));
  if (!interpreter.empty()) TRY(resolveTrusted(interpreter));
  return resolved;
}

Result<ProgramEnd> runProgram(const ProgramStart& start) {
  TRY_ASSIGN(const auto path, trustedProgram(start.path));
  TRY_ASSIGN(const auto input, openInput(start.input));
  TRY_ASSIGN(auto pipe, makePipe());
  const auto deadline = Clock::now() + start.timeLimit;
  TRY_ASSIGN(const auto pid, startProgram(path, start.arguments, input.get(), pipe.write.get()));
  pipe.write.reset();
  Collector collector(std::move(pipe.read), start.outputBytesMax);
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const bool ended = process.valid() && waitForEnd(process.get(), collector, deadline);
  if (!ended) {
    (void)killProcessTree(pid, kKillPatience);  // ignoring: the group is killed in any case
    (void)::kill(-pid, SIGKILL);
  }
  int status = 0;
  if (retry([&] { return ::waitpid(pid, &status, 0); }) < 0) return lastError("waitpid");
  if (!ended) return Error{Code::kTimeout, path + ": did not end in time and was killed", ""};
  collector.drain();
  collector.end.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return std::move(collector.end);
}

}  // namespace bulkhead::os
