// Programs, locks and processes. Files are in real_files.cc, what runs as the account in
// real_account.cc.
#include "agent/host/real_host.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "agent/host/apart.h"
#include "agent/host/identity.h"
#include "agent/host/stopwatch.h"
#include "agent/registry/registry.h"
#include "common/os/errors.h"
#include "common/os/open.h"
#include "common/os/processes.h"
#include "common/os/program.h"

namespace bulkhead::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLockPause{20};
constexpr std::chrono::milliseconds kUnitPause{20};  // between two attempts to start a unit
constexpr std::chrono::seconds kKillPatience{
    40};  // a process has to get to a core to end, or is in a write to a slow disk

struct ProgramPath {
  Program program;
  const char* name;
  const char* path;
};
// All programs that the agent can start.
constexpr std::array kPrograms = {
    ProgramPath{Program::kSystemctl, "systemctl", "/usr/bin/systemctl"},
    ProgramPath{Program::kSystemdRun, "systemd-run", "/usr/bin/systemd-run"},
    ProgramPath{Program::kNginx, "nginx", "/usr/sbin/nginx"},
    ProgramPath{Program::kUfw, "ufw", "/usr/sbin/ufw"},
    ProgramPath{Program::kQuota, "bulkhead-quota", kQuotaProgram},
};

const ProgramPath* entryOf(Program program) {
  for (const auto& entry : kPrograms)
    if (entry.program == program) return &entry;
  return nullptr;
}

class FileLock : public Host::Lock {
 public:
  explicit FileLock(Fd file) : file_(std::move(file)) {}  // closing the file drops the lock

 private:
  Fd file_;
};

bool owns(const Identity& who, const os::Process& process) {
  return std::any_of(process.uids.begin(), process.uids.end(),
                     [&who](uid_t uid) { return ownsUid(who, uid); });
}

}  // namespace

std::string commandLine(const Command& command) {
  const auto* entry = entryOf(command.program);
  std::string line = entry == nullptr ? "unknown" : entry->name;
  for (const auto& argument : command.arguments)
    line += " " + argument;
  return line;
}

Result<ProgramOutput> RealHost::query(const Command& command) const {
  const auto* entry = entryOf(command.program);
  if (entry == nullptr) return Error{Code::kInternal, "a program without a path", ""};
  const Stopwatch watch(*this);
  if (const auto unit = unitApart(command, entry->path)) return queryApart(command, *unit);
  return start(command, entry->path);
}

Result<ProgramOutput> RealHost::start(const Command& command, const std::string& path) const {
  os::ProgramStart start;
  start.path = path;
  start.arguments = command.arguments;
  start.input = command.input;
  start.timeLimit = command.timeLimit;
  start.outputBytesMax = kOutputBytesMax;
  auto end = os::runProgram(start);
  if (!end.ok() && end.error().code == Code::kNotFound)
    return Error{Code::kUnsupported, path + " is not installed", ""};
  if (!end.ok()) return end.error();
  return ProgramOutput{end->exitCode, std::move(end->output), end->truncated};
}

// One at a time: what another operation started, or one that was killed in the middle, is waited
// for.
Result<ProgramOutput> RealHost::queryApart(const Command& command,
                                           const TransientUnit& unit) const {
  const auto trusted = checkProgram(unit.program);
  if (!trusted.ok() && trusted.error().code == Code::kNotFound)
    return Error{Code::kUnsupported, unit.program + " is not installed", ""};
  TRY(trusted);
  const auto deadline = Clock::now() + command.timeLimit;
  const auto starter = transientCommand(unit);
  while (true) {
    TRY_ASSIGN(auto done, start(starter, entryOf(starter.program)->path));
    if (!isStillRunning(done)) return done;
    if (Clock::now() >= deadline)
      return Error{Code::kBusy, unit.name + ".service: an earlier run has not ended", ""};
    pause(kUnitPause);
  }
}

Result<Ok> RealHost::checkProgram(const std::string& path) const {
  TRY(os::trustedProgram(path));
  return Ok{};
}

void RealHost::pause(std::chrono::milliseconds time) const { std::this_thread::sleep_for(time); }

const std::string& RealHost::Paths::of(LockName name) const {
  switch (name) {
    case LockName::kAccountFiles:
      return accountLock;
    case LockName::kNginx:
      return nginxLock;
    case LockName::kDatabaseUsers:
      break;
  }
  return databaseUsersLock;
}

// Open file description locks exclude each other, POSIX locks of other processes (lckpwdf) and a
// second attempt in this one.
Result<std::unique_ptr<Host::Lock>> RealHost::lock(LockName name,
                                                   std::chrono::milliseconds patience) {
  const auto& path = paths_.of(name);
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  Fd file(::openat(place.directory.get(), place.name.c_str(),
                   O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return os::lastError(path);
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const auto deadline = Clock::now() + patience;
  while (::fcntl(file.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) return os::lastError(path);
    if (Clock::now() >= deadline)
      return Error{Code::kBusy, path + ": another program holds the lock", ""};
    std::this_thread::sleep_for(kLockPause);
  }
  return std::unique_ptr<Lock>(std::make_unique<FileLock>(std::move(file)));
}

Result<std::vector<ProcessInfo>> RealHost::processesOf(const Identity& who) const {
  TRY(checkIdentity(who));
  TRY_ASSIGN(const auto all, os::listProcesses());
  std::vector<ProcessInfo> found;
  for (const auto& process : all)
    if (!process.dead && owns(who, process))
      found.push_back({process.pid, process.uids[1], process.name});
  return found;
}

Result<std::uint32_t> RealHost::killProcessesOf(const Identity& who) {
  TRY(checkIdentity(who));
  return os::killTenant({who.uid, who.subUidFirst, who.subUidCount, kNobodysUid}, kKillPatience);
}

}  // namespace bulkhead::agent
