// bulkhead-agent: the only part of the panel that acts as root. Checks itself, opens the audit log,
// then serves its two sockets until SIGTERM. Whatever is missing or broken at the start stops it:
// it fails closed.
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "agent/audit/anchor_file.h"
#include "agent/audit/heartbeat.h"
#include "agent/audit/tail.h"
#include "agent/gate/listener.h"
#include "agent/gate/options.h"
#include "agent/gate/reference.h"
#include "agent/gate/self_check.h"
#include "agent/ops/all_ops.h"
#include "agent/registry/registry.h"
#include "agent/worker/real_machine.h"

#include <systemd/sd-daemon.h>

namespace bulkhead::agent {
namespace {

constexpr mode_t kAgentSocketMode = 0660;
constexpr mode_t kAdminSocketMode = 0600;

struct Sockets {
  Fd agent;
  Fd admin;
};

Error refusal(const std::string& what) { return Error{Code::kUnavailable, what, ""}; }

// From the file itself: a name service could be asked for another answer, and costs memory.
Result<uid_t> uidOf(const std::string& name) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/etc/passwd", "re"), std::fclose);
  if (!file) return refusal("cannot read /etc/passwd");
  while (const passwd* entry = ::fgetpwent(file.get()))
    if (name == entry->pw_name) return entry->pw_uid;
  return refusal("there is no user " + name);
}

// A directory that others can look into or write to is no place for what the agent believes.
Result<Ok> checkPrivateDirectory(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return refusal(path + " is no directory");
  if (info.st_uid != ::geteuid() || (info.st_mode & 077U) != 0)
    return refusal(path + " must belong to root alone, with mode 0700");
  return Ok{};
}

Result<Sockets> systemdSockets() {
  Sockets sockets;
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(/*unset_environment=*/1, &names);
  if (count < 0) return refusal("cannot read the sockets that systemd passes");
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    if (std::strcmp(names[i], "agent") == 0)
      sockets.agent.reset(fd);
    else if (std::strcmp(names[i], "admin") == 0)
      sockets.admin.reset(fd);
    else
      logLine(LogLevel::kWarning, "ignoring a socket of unknown name", {{"name", names[i]}});
    std::free(names[i]);
  }
  std::free(names);
  return sockets;
}

Result<Sockets> openSockets(const Options& options) {
  TRY_ASSIGN(Sockets sockets, systemdSockets());
  if (!options.agentSocket.empty()) {
    TRY_ASSIGN(sockets.agent, listenOn(options.agentSocket, kAgentSocketMode));
  }
  if (!options.adminSocket.empty()) {
    TRY_ASSIGN(sockets.admin, listenOn(options.adminSocket, kAdminSocketMode));
  }
  if (!sockets.agent && !sockets.admin)
    return refusal("no socket: neither systemd nor an option gives one");
  return sockets;
}

// Such an operation would fail each time; the unit file and the schema disagree.
void warnOfMissingCapabilities(const OperationTable& table) {
  for (const auto& [ordinal, operation] : table.all())
    for (std::size_t i = 0; i < operation.capabilities.size(); ++i)
      if (cap_get_bound(operation.capabilities[i]) != 1)
        logLine(LogLevel::kWarning, "an operation needs a capability that this process lacks",
                {{"op", operation.name}, {"capability", operation.capabilityNames[i]}});
}

// Twice as often as systemd wants to hear, for as long as this loop turns and the audit log can be
// written: what hangs is restarted, and so is an agent whose disk failed it once.
kj::Promise<void> tellWatchdog(kj::Timer& timer, const Audit& audit) {
  std::uint64_t micros = 0;
  if (::sd_watchdog_enabled(/*unset_environment=*/0, &micros) <= 0) return kj::NEVER_DONE;
  return timer.afterDelay(static_cast<std::int64_t>(micros / 2) * kj::MICROSECONDS)
      .then([&timer, &audit] {
        if (!audit.needsRestart()) (void)::sd_notify(0, "WATCHDOG=1");
        return tellWatchdog(timer, audit);
      });
}

Result<Ok> serve(const Options& options, const OperationTable& table, PolicyRules rules) {
  kj::UnixEventPort::captureSignal(SIGTERM);
  kj::UnixEventPort::captureSignal(SIGINT);
  auto io = kj::setupAsyncIo();
  TRY_ASSIGN(const auto audit, Audit::open({options.auditDirectory, options.auditKeys,
                                            kSegmentBytesMax, systemAuditTime, sendToJournal}));
  RealHost host;
  // What a killed worker may have left half-written; nobody writes anywhere yet.
  const std::string state = kStateDirectory;
  for (const auto& path :
       {state, options.auditKeys, state + "/accounts", state + "/sites", state + "/renames",
        std::string("/etc"), std::string("/etc/nginx/bulkhead"),
        std::string("/etc/nginx/bulkhead/sites"), std::string("/etc/systemd/system")})
    TRY(host.removeTemporaries(path));
  // Folders of other products: what is wrong with them is not the panel's.
  for (const auto* path : {"/etc/container", "/etc/cl.selector", "/etc/cagefs",
                           "/etc/cagefs/conf.d", "/etc/cagefs/exclude", "/opt/cpvendor/etc"})
    if (const auto removed = host.removeTemporaries(path); !removed.ok())
      logLine(LogLevel::kWarning, "cannot look for unfinished files",
              {{"path", path}, {"reason", removed.error().message}});
  RealMachine machine;
  Dispatcher dispatcher(io, table, Policy(std::move(rules), table.namesOf(Risk::kDestroy)), *audit,
                        machine);
  const auto anchoring = keepAnchoring(io.provider->getTimer(), *audit).eagerlyEvaluate(nullptr);
  TRY_ASSIGN(Sockets sockets, openSockets(options));
  std::optional<Listener> agent;
  std::optional<Listener> admin;
  if (sockets.agent) {
    TRY_ASSIGN(const uid_t apiUid, uidOf(options.apiUser));
    agent.emplace(io, std::move(sockets.agent), ListenerOptions{Peer::kApi, apiUid}, dispatcher);
  }
  if (sockets.admin)
    admin.emplace(io, std::move(sockets.admin), ListenerOptions{Peer::kAdmin, ::geteuid()},
                  dispatcher);
  (void)::malloc_trim(0);  // what parsing at the start took goes back to the system
  logLine(LogLevel::kNotice, "ready", {{"version", BULKHEAD_VERSION}});
  (void)::sd_notify(/*unset_environment=*/0, "READY=1");
  const auto watched =
      tellWatchdog(io.provider->getTimer(), *audit).eagerlyEvaluate([](kj::Exception&&) {
      });  // stopped: systemd restarts

  SelfCheck check(dispatcher, io.provider->getTimer());
  auto checking = admin ? check.run().eagerlyEvaluate(nullptr) : kj::Promise<void>(kj::READY_NOW);
  auto& port = io.unixEventPort;
  port.onSignal(SIGTERM).exclusiveJoin(port.onSignal(SIGINT)).wait(io.waitScope);
  checking = nullptr;
  (void)::sd_notify(0, "STOPPING=1");
  logLine(LogLevel::kNotice, "stopping, running operations finish first");
  if (agent) agent->stop();
  if (admin) admin->stop();
  dispatcher.drain().wait(io.waitScope);
  (void)audit->checkpoint();  // ignoring: the writer logs what fails, and nothing was asked for
  return Ok{};
}

Result<Ok> run(const Options& options) {
  TRY_ASSIGN(const auto table, OperationTable::build(allOps(), Coverage::kAll));
  TRY_ASSIGN(auto rules, loadPolicy(options.policy, table.names()));
  TRY(checkPrivateDirectory(kStateDirectory));
  TRY(checkPrivateDirectory(options.auditDirectory));
  warnOfMissingCapabilities(table);
  if (options.mode == Options::Mode::kServe) return serve(options, table, std::move(rules));

  TRY_ASSIGN(const auto segments, listSegments(options.auditDirectory));
  TRY_ASSIGN(const auto tail, readTail(options.auditDirectory, segments));
  std::printf("bulkhead-agent: %zu operations, %zu rules, audit log ends at record %llu: ok\n",
              table.all().size(), rules.size(), static_cast<unsigned long long>(tail.head.seq));
  return Ok{};
}

int start(const Options& options) {
  (void)::umask(077);
  (void)::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up shows as a failed write
  (void)::signal(SIGXFSZ, SIG_IGN);  // so does a limit on file sizes
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const auto result = run(options);
  if (result.ok()) return 0;
  logLine(LogLevel::kCritical, "cannot start", {{"reason", result.error().message}});
  return 1;
}

}  // namespace
}  // namespace bulkhead::agent

int main(int argc, char** argv) {
  using bulkhead::agent::Options;
  const auto options = bulkhead::agent::parseOptions({argv + 1, argv + argc});
  if (!options.ok()) {
    std::fprintf(stderr, "%s\n%s", options.error().message.c_str(),
                 bulkhead::agent::usage().c_str());
    return 2;
  }
  switch (options->mode) {
    case Options::Mode::kHelp:
      std::fputs(bulkhead::agent::usage().c_str(), stdout);
      return 0;
    case Options::Mode::kVersion:
      std::puts("bulkhead-agent " BULKHEAD_VERSION);
      return 0;
    case Options::Mode::kPrintOperations: {
      const auto table =
          bulkhead::agent::OperationTable::build({}, bulkhead::agent::Coverage::kSome);
      if (!table.ok()) return 1;
      std::fputs(bulkhead::agent::operationsMarkdown(*table).c_str(), stdout);
      return 0;
    }
    case Options::Mode::kCheck:
    case Options::Mode::kServe:
      break;
  }
  try {
    return bulkhead::agent::start(*options);
  } catch (const std::exception& fault) {
    bulkhead::logLine(bulkhead::LogLevel::kCritical, "fault", {{"reason", fault.what()}});
  } catch (const kj::Exception& fault) {
    bulkhead::logLine(bulkhead::LogLevel::kCritical, "fault",
                      {{"reason", fault.getDescription().cStr()}});
  }
  return 1;
}
