#include "common/os/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "common/os/errors.h"
#include "common/os/kill_user.h"
#include "common/os/open.h"

namespace bulkhead::os {
namespace {

using Clock = std::chrono::steady_clock;
using Match = std::function<bool(const Process&)>;

constexpr std::size_t kProcFileBytes = 1U << 20U;  // mountinfo of a host with many containers
constexpr std::chrono::milliseconds kRoundPause{20};
constexpr unsigned kCapSysPtrace = 19;

template <typename T>
bool toNumber(std::string_view text, T& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size();
}

Result<std::string> readBelow(int proc, const std::string& path) {
  const Fd file(::openat(proc, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return lastError("/proc/" + path);
  return readAll(file.get(), kProcFileBytes, "/proc/" + path);
}

// "Name:\tvalue" of /proc/PID/status.
std::string_view fieldOf(std::string_view status, std::string_view key) {
  const auto at = status.find(key);
  if (at == std::string_view::npos) return {};
  const auto start = at + key.size();
  return status.substr(start, status.find('\n', start) - start);
}

bool hasPtrace(int proc) {
  const auto status = readBelow(proc, "self/status");
  if (!status.ok()) return false;
  const auto text = fieldOf(*status, "\nCapEff:\t");
  std::uint64_t effective = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), effective, 16);
  return failure == std::errc() && ((effective >> kCapSysPtrace) & 1U) != 0;
}

// With hidepid a process without CAP_SYS_PTRACE sees only its own kind.
Result<Ok> checkNothingHidden(int proc) {
  TRY_ASSIGN(const auto mounts, readBelow(proc, "self/mountinfo"));
  for (std::size_t at = 0; at < mounts.size();) {
    const auto end = std::min(mounts.find('\n', at), mounts.size());
    const auto line = std::string_view(mounts).substr(at, end - at);
    at = end + 1;
    if (line.find(" /proc ") == std::string_view::npos) continue;
    const bool hides = line.find("hidepid=") != std::string_view::npos &&
                       line.find("hidepid=0") == std::string_view::npos &&
                       line.find("hidepid=off") == std::string_view::npos;
    if (hides && !hasPtrace(proc))
      return Error{Code::kUnavailable, "/proc hides processes of others (hidepid)", ""};
  }
  return Ok{};
}

Result<Fd> openProc() {
  Fd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!proc) return lastError("/proc");
  TRY(checkNothingHidden(proc.get()));
  return proc;
}

bool parseUids(std::string_view text, std::array<uid_t, 4>& uids) {
  for (auto& uid : uids) {
    const auto end = std::min(text.find('\t'), text.size());
    if (!toNumber(text.substr(0, end), uid)) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

// Session and start time are fields 6 and 22 of /proc/PID/stat; counting starts after the name,
// which may hold anything.
bool parseStat(std::string_view text, Process& process) {
  const auto name = text.rfind(')');
  if (name == std::string_view::npos) return false;
  text.remove_prefix(std::min(name + 2, text.size()));
  for (int field = 3; field <= 22; ++field) {
    const auto end = std::min(text.find(' '), text.size());
    const auto value = text.substr(0, end);
    if (field == 6 && !toNumber(value, process.session)) return false;
    if (field == 22 && !toNumber(value, process.started)) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

// kNotFound when it has ended meanwhile.
Result<Process> readProcess(int proc, const std::string& pid) {
  TRY_ASSIGN(const auto status, readBelow(proc, pid + "/status"));
  TRY_ASSIGN(const auto stat, readBelow(proc, pid + "/stat"));
  Process process;
  process.name = fieldOf(status, "Name:\t");
  const auto state = fieldOf(status, "\nState:\t");
  process.dead = state.starts_with('Z') || state.starts_with('X');
  if (!toNumber(pid, process.pid) || !toNumber(fieldOf(status, "\nPPid:\t"), process.parent) ||
      !parseUids(fieldOf(status, "\nUid:\t"), process.uids) || !parseStat(stat, process))
    return Error{Code::kInternal, "/proc/" + pid + " is not understood", ""};
  return process;
}

bool isGone(const Error& error) {
  return error.code == Code::kNotFound ||
         error.message.find("No such process") != std::string::npos;
}

// Visits each process as soon as the kernel names it. The kernel walks by pid, so children born
// during the walk still come.
template <typename Visitor>
Result<Ok> forEachIn(int proc, Visitor&& visit) {
  const auto close = [](DIR* stream) { (void)::closedir(stream); };  // ignoring: it was only read
  const std::unique_ptr<DIR, decltype(close)> stream(
      ::fdopendir(::openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), close);
  if (!stream) return lastError("/proc");
  while (true) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) return lastError("/proc");
      return Ok{};
    }
    const std::string_view name = entry->d_name;
    if (name.front() < '1' || name.front() > '9') continue;
    const auto process = readProcess(proc, std::string(name));
    if (process.ok())
      visit(*process);
    else if (!isGone(process.error()))
      return process.error();
  }
}

// Opened first and looked at again through its pid: the same start time proves that the descriptor
// is of the process that was seen.
Fd openSame(int proc, const Process& seen) {
  Fd process(static_cast<int>(::syscall(SYS_pidfd_open, seen.pid, 0)));
  if (!process) return process;
  const auto now = readProcess(proc, std::to_string(seen.pid));
  if (!now.ok() || now->dead || now->started != seen.started) process.reset();
  return process;
}

bool signalTo(const Fd& process, int number) {
  return ::syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0) == 0;
}

// A stopped process cannot fork: after a look that finds no new one, the set has stopped growing.
// Each is stopped on sight, because a process that forks and leaves the rest to its child outruns
// whoever makes a list first.
Result<std::map<pid_t, Fd>> stopAll(int proc, const Match& match, Clock::time_point deadline) {
  std::map<pid_t, Fd> stopped;
  for (bool grown = true; grown && Clock::now() < deadline;) {
    grown = false;
    TRY(forEachIn(proc, [&](const Process& process) {
      if (process.dead || process.pid == ::getpid() || !match(process) ||
          stopped.contains(process.pid))
        return;
      auto handle = openSame(proc, process);
      if (!handle) return;
      (void)signalTo(handle, SIGSTOP);  // ignoring: SIGKILL follows
      stopped.emplace(process.pid, std::move(handle));
      grown = true;
    }));
  }
  return stopped;
}

// Again and again until nothing that matches is alive; answers how many it ended.
Result<std::uint32_t> killMatching(const Match& match, std::chrono::milliseconds patience) {
  TRY_ASSIGN(const auto proc, openProc());
  const auto deadline = Clock::now() + patience;
  std::set<pid_t> ended;
  while (true) {
    TRY_ASSIGN(const auto stopped, stopAll(proc.get(), match, deadline));
    for (const auto& [pid, handle] : stopped)
      if (signalTo(handle, SIGKILL)) ended.insert(pid);
    if (Clock::now() >= deadline) return Error{Code::kTimeout, "processes do not end", ""};
    if (stopped.empty()) return static_cast<std::uint32_t>(ended.size());
    std::this_thread::sleep_for(kRoundPause);
  }
}

// Kills each process of the tenant as it comes by, and answers how many were alive. This also
// reaches what acts as the tenant but is not its own, and so nobody's to kill with one call.
Result<std::size_t> killOnSight(int proc, const Tenant& tenant, std::set<pid_t>& ended) {
  std::size_t alive = 0;
  TRY(forEachIn(proc, [&](const Process& process) {
    const bool owned = std::any_of(process.uids.begin(), process.uids.end(),
                                   [&tenant](uid_t uid) { return tenant.owns(uid); });
    if (!owned || process.dead || process.pid == ::getpid()) return;
    ++alive;
    ended.insert(process.pid);
    if (const auto handle = openSame(proc, process))
      (void)signalTo(handle, SIGKILL);  // ignoring: the next round looks again
  }));
  return alive;
}

// The kernel counts processes by user, so this costs a look into a table where there is none; a
// range of 65536 takes some ten milliseconds.
bool hasProcesses(uid_t uid) {
  errno = 0;
  return ::getpriority(PRIO_USER, uid) != -1 || errno != ESRCH;
}

Result<Ok> killUsers(const Tenant& tenant, Clock::time_point deadline) {
  const auto kill = [&](uid_t uid) -> Result<Ok> {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return Error{Code::kTimeout, "processes do not end", ""};
    return killUser(uid, tenant.sender, left);
  };
  TRY(kill(tenant.uid));
  for (std::uint32_t i = 0; i < tenant.subUidCount; ++i)
    if (hasProcesses(tenant.subUidFirst + i)) TRY(kill(tenant.subUidFirst + i));
  return Ok{};
}

}  // namespace

Result<std::vector<Process>> listProcesses() {
  TRY_ASSIGN(const auto proc, openProc());
  std::vector<Process> processes;
  TRY(forEachIn(proc.get(),
                [&processes](const Process& process) { processes.push_back(process); }));
  return processes;
}

Result<std::uint32_t> killTenant(const Tenant& tenant, std::chrono::milliseconds patience) {
  TRY_ASSIGN(const auto proc, openProc());
  const auto deadline = Clock::now() + patience;
  std::set<pid_t> ended;
  TRY(killOnSight(proc.get(), tenant, ended));  // for the count: a sweep does not say whom it hit
  while (true) {
    TRY(killUsers(tenant, deadline));
    TRY_ASSIGN(const auto alive, killOnSight(proc.get(), tenant, ended));
    if (alive == 0) return static_cast<std::uint32_t>(ended.size());
    if (Clock::now() >= deadline) return Error{Code::kTimeout, "processes do not end", ""};
    std::this_thread::sleep_for(kRoundPause);
  }
}

Result<std::uint32_t> killProcessTree(pid_t root, std::chrono::milliseconds patience) {
  const bool ownSession = ::getsid(root) == root;
  // Whoever once belonged to the tree stays known, because a child loses its parent's pid when the
  // parent dies. The start time tells a member from a stranger that got its pid later.
  std::map<pid_t, std::uint64_t> known;
  return killMatching(
      [&known, root, ownSession](const Process& process) {
        const auto earlier = known.find(process.pid);
        if (earlier != known.end()) {
          if (earlier->second == process.started) return true;
          known.erase(earlier);
        }
        const bool isRoot = process.pid == root && known.empty();
        if (!isRoot && !known.contains(process.parent) && !(ownSession && process.session == root))
          return false;
        known.emplace(process.pid, process.started);
        return true;
      },
      patience);
}

}  // namespace bulkhead::os
