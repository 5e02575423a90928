// The order of starting and ending.
#include "api/boot/serve.h"

#include <malloc.h>
#include <pwd.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/agent_client/agent_client.h"
#include "api/auth/authority.h"
#include "api/auth/factor_key.h"
#include "api/auth/rate_limit.h"
#include "api/auth/ui_tokens.h"
#include "api/cpapi/agent_php.h"
#include "api/cpapi/cached_php.h"
#include "api/cpapi/scripts.h"
#include "api/http/event_feed.h"
#include "api/http/openapi.h"
#include "api/http/router.h"
#include "api/http/routes/routes.h"
#include "api/http/server.h"
#include "api/jobs/runner.h"
#include "api/sandbox/sandbox.h"
#include "api/store/mariadb/mariadb_store.h"
#include "api/store/sqlite/sqlite_store.h"
#include "api/usecases/anchor_keeper.h"
#include "api/usecases/lockdown.h"
#include "api/usecases/panel_impl.h"
#include "api/usecases/purge_timer.h"
#include "common/core/clock.h"
#include "common/log/log.h"
#include "common/types/id_ranges.h"

#include <systemd/sd-daemon.h>

namespace bulkhead::api {
namespace {

constexpr const char* kListenerName = "api";
const std::string kCpapiListenerName(kCpapiListener);
constexpr int kWholeMappingBytes =
    256 * 1024;  // from here on an allocation is a mapping of its own
constexpr mode_t kSocketMode =
    0666;  // the kernel tells who connects; only the gateway and root are let in

Result<uid_t> uidOf(const std::string& user) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr)
    return Error{Code::kNotFound, "there is no user " + user, ""};
  if (found->pw_uid == 0)
    return Error{Code::kInvalidArgument, "the gateway must not run as root", ""};
  return found->pw_uid;
}

struct FreeNames {
  void operator()(char** names) const {
    for (char** name = names; name != nullptr && *name != nullptr; ++name)
      std::free(*name);
    std::free(names);
  }
};

// By name. Descriptors of other names are closed: nobody would ever accept from them.
std::map<std::string, Fd> passedSockets() {
  char** raw = nullptr;
  const int count = ::sd_listen_fds_with_names(/*unset_environment=*/1, &raw);
  const std::unique_ptr<char*, FreeNames> names(raw);
  std::map<std::string, Fd> sockets;
  for (int i = 0; i < count; ++i)
    sockets.insert_or_assign(names.get()[i], Fd(SD_LISTEN_FDS_START + i));
  return sockets;
}

// An invalid one when there is neither.
Result<Fd> socketOf(const std::string& path,
                    const std::string& name,
                    std::map<std::string, Fd>& passed) {
  if (!path.empty()) return listenOnUnixSocket(path, kSocketMode);
  const auto found = passed.find(name);
  return found == passed.end() ? Fd() : std::move(found->second);
}

Result<std::vector<Listener>> listeners(const Options& options, uid_t gateway) {
  auto passed = passedSockets();
  TRY_ASSIGN(Fd panel, socketOf(options.socketPath, kListenerName, passed));
  if (!panel)
    return Error{Code::kNotFound,
                 "systemd passed no socket named api; give --socket to listen without it", ""};
  TRY_ASSIGN(Fd scripts, socketOf(options.cpapiSocketPath, kCpapiListenerName, passed));
  std::vector<Listener> list;
  list.push_back(Listener{kListenerName, std::move(panel), admitUids({0, gateway})});
  // Any user of the host may come in; what he is told depends on who he is. Users of containers are
  // none, and an account has thousands of them to take places with.
  if (scripts)
    list.push_back(Listener{kCpapiListenerName, std::move(scripts),
                            [](const Peer& peer) { return !isSubUid(peer.uid); },
                            kScriptConnectionsMax, kScriptConnectionsOfUserMax,
                            kScriptBodyBytesMax});
  return list;
}

// SIGTERM and SIGINT are for sigwait() in this thread: every thread inherits the mask.
sigset_t blockSignals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  (void)::pthread_sigmask(SIG_BLOCK, &ending,
                          nullptr);     // ignoring: it fails for a wrong argument only
  (void)std::signal(SIGPIPE, SIG_IGN);  // a client that left is no reason to end
  return ending;
}

// Where systemd watches: twice as often as it wants to hear. Elsewhere once in a while for nothing.
timespec watchdogInterval() {
  std::uint64_t micros = 0;
  constexpr std::uint64_t kMicrosASecond = 1'000'000;
  if (::sd_watchdog_enabled(/*unset_environment=*/0, &micros) <= 0) micros = 60 * kMicrosASecond;
  micros /= 2;
  return {static_cast<time_t>(micros / kMicrosASecond),
          static_cast<long>(micros % kMicrosASecond * 1000)};
}

// Until a signal. `isAlive` is asked at each interval; systemd ends and restarts what says nothing.
void waitFor(const sigset_t& ending, const std::function<bool()>& isAlive) {
  const timespec interval = watchdogInterval();
  while (::sigtimedwait(&ending, nullptr, &interval) < 0)
    if (errno == EAGAIN && isAlive())
      (void)::sd_notify(/*unset_environment=*/0, "WATCHDOG=1");  // ignoring: as for READY
}

void logFault(std::string_view requestId, std::string_view what) {
  logLine(LogLevel::kError, "fault while answering",
          {{"request_id", std::string(requestId)}, {"what", std::string(what)}});
}

// Whoever is refused may come again at once, as often as he likes.
constexpr Rate kRefusalsLogged{10, 6};  // ten at once, then ten a minute

ServerOptions serverOptions(const Router& router, RateLimit& refusals) {
  ServerOptions options;
  options.laneOf = [&router](const HttpRequest& request) { return router.laneOf(request); };
  options.onFault = [](const HttpRequest& request, std::string_view what) {
    logFault(request.requestId, what);
  };
  options.onRefusedPeer = [&refusals](std::string_view listener, const Peer& peer) {
    if (refusals.take(std::string(listener))) return;
    logLine(LogLevel::kWarning, "refused a peer",
            {{"uid", std::to_string(peer.uid)}, {"pid", std::to_string(peer.pid)}});
  };
  return options;
}

// What a new connection to a database on another host reads.
std::vector<std::string> filesOf(const mariadb::Access& access) {
  if (!access.isRemote()) return {};
  return {access.ca,        "/etc/resolv.conf", "/etc/hosts",
          "/etc/host.conf", "/etc/gai.conf",    "/etc/nsswitch.conf"};
}

struct DatabaseServer {
  std::unique_ptr<Store> store;       // none: SQLite
  std::vector<std::string> readable;  // in the sandbox
  Network network = Network::kNone;
};

// Opened before the sandbox is put on: with its first connection the library loads what it needs.
Result<DatabaseServer> openDatabaseServer(const Options& options) {
  DatabaseServer server;
  if (options.databaseFile.empty()) return server;
  TRY_ASSIGN(const auto access, mariadb::readAccess(options.databaseFile));
  TRY_ASSIGN(server.store, mariadb::MariadbStore::open(access));
  server.readable = filesOf(access);
  if (access.isRemote()) server.network = Network::kDatabase;
  return server;
}

// Everything that lives as long as the server; members end in reverse order.
class Daemon {
 public:
  // `store` is the one to use; none stands for SQLite's file.
  Daemon(FactorKey key, const Pepper& pepper, std::unique_ptr<Store> store)
      : pepperIsNew_(pepper.isNew()),
        hashes_(HashCost{}, pepper),
        key_(std::move(key)),
        store_(std::move(store)) {}
  Result<Ok> open(const Options& options, uid_t gateway) {
    if (store_ == nullptr) {
      TRY_ASSIGN(store_, sqlite::SqliteStore::open(options.stateDirectory + "/panel.db"));
    }
    TRY_ASSIGN(admins_, AdminStore::open(options.stateDirectory + "/admins.db"));
    TRY_ASSIGN(const bool factors, admins_->hasSecondFactors());
    if (key_.isNew() && factors)
      logLine(LogLevel::kCritical,
              "second-factor.key was lost and made anew: no code of before can be checked; put it "
              "back from a backup, or remove the factors: bulkhead admin reset-second-factor");
    TRY_ASSIGN(const bool peppered, admins_->hasPepperedPasswords());
    if (pepperIsNew_ && peppered)
      logLine(
          LogLevel::kCritical,
          "password-pepper.key was lost and made anew: no password of before can be checked; "
          "put it back from a backup, or let everybody choose another: bulkhead admin password");
    authority_.emplace(*admins_, *store_, hashes_, key_, clock_);
    AgentClient::Options agent;
    agent.socketPath = options.agentSocket;
    agent_.emplace(agent);
    lockdown_.emplace(
        *agent_, [this](std::int64_t before) { return admins_->endAllAccess(before); }, clock_);
    JobRunner::Options jobs;
    jobs.surroundings.mainAdministrator = [this] {
      const auto main = admins_->mainAdministrator();
      return main.ok() ? main->name : std::string("root");
    };
    owners_.emplace(*admins_);
    jobs.surroundings.worksAnAdministratorAs = [this](const std::string& unixUser) {
      return owners_->worksAnAdministratorAs(unixUser);
    };
    jobs.surroundings.isLockedDown = [this] { return lockdown_->isOn(); };
    runner_.emplace(*store_, *agent_, clock_, std::move(jobs));
    panel_ = makePanel(*store_, *agent_, *runner_, *owners_, clock_);
    purges_.emplace(*panel_);
    people_ = makePeople(*store_, *owners_, *runner_, clock_);
    php_.emplace([this] { return listPhp(*agent_, clock_); }, clock_);
    uiTokens_.emplace(*admins_, *store_, clock_);
    scripts_.emplace(*store_, *admins_, *php_, *uiTokens_,
                     Scripts::Options{0, options.stateDirectory});
    events_.emplace(*store_);
    eventFeed_.emplace(*events_, [this] { return lockdown_->isOn(); });
    TRY_ASSIGN(auto table, makeRouteTable(Services{panel_.get(), people_.get(), &*authority_,
                                                   &document_, &*scripts_, &*uiTokens_, &*events_,
                                                   &*eventFeed_, &*lockdown_}));
    document_ = openApiDocument(table);
    repeats_.emplace(*store_, clock_);
    borders_.emplace(*store_);
    // Ignoring a failure: it is only tidier, and the next start tries again.
    (void)authority_->persons().forgetTheGone();
    anchors_.emplace(*agent_, options.stateDirectory);
    router_.emplace(std::move(table), *authority_, *borders_, *repeats_, PeerPolicy{0, gateway},
                    logFault, [this] { return lockdown_->isOn(); });
    return Ok{};
  }
  Result<Ok> start(std::vector<Listener> sockets) {
    TRY(runner_->start());
    authority_->start();
    lockdown_->start();
    anchors_->start();
    purges_->start();
    eventFeed_->start();
    server_.emplace(
        std::move(sockets), [this](const HttpRequest& request) { return router_->handle(request); },
        serverOptions(*router_, refusals_));
    server_->start();
    return Ok{};
  }
  bool comesRound() { return server_->comesRound(); }
  // Jobs first: who waits for one gets its address at once, and it goes on after the next start.
  void stop() {
    agent_->stop();
    lockdown_->stop();
    anchors_->stop();
    purges_->stop();
    runner_->stop();
    eventFeed_->stop();  // who followed goes on by id
    server_->stop();
    authority_->stop();
  }

 private:
  SystemClock clock_;
  RateLimit refusals_{kRefusalsLogged, clock_};
  bool pepperIsNew_;
  HashPool hashes_;
  FactorKey key_;
  std::string document_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<AdminStore> admins_;
  std::optional<Authority> authority_;
  std::optional<AgentClient> agent_;
  std::optional<Lockdown> lockdown_;
  std::optional<Owners> owners_;
  std::optional<JobRunner> runner_;
  std::unique_ptr<Panel> panel_;
  std::optional<PurgeTimer> purges_;
  std::unique_ptr<People> people_;
  std::optional<CachedPhp> php_;
  std::optional<UiTokens> uiTokens_;
  std::optional<Scripts> scripts_;
  std::optional<EventLog> events_;
  std::optional<EventFeed> eventFeed_;
  std::optional<Repeats> repeats_;
  std::optional<StoreBorders> borders_;
  std::optional<AnchorKeeper> anchors_;
  std::optional<Router> router_;
  std::optional<Server> server_;
};

}  // namespace

Result<Ok> serve(const Options& options) {
  // Documents of many megabytes come and go: with a threshold that stays where it is, each goes
  // back to the system as a whole.
  (void)::mallopt(M_MMAP_THRESHOLD, kWholeMappingBytes);  // ignoring: it only saves memory
  const sigset_t ending = blockSignals();
  // All that needs the machine comes before the sandbox: users, sockets, the list itself.
  TRY_ASSIGN(const uid_t gateway, uidOf(options.gatewayUser));
  TRY_ASSIGN(auto sockets, listeners(options, gateway));
  TRY_ASSIGN(const auto list, loadSeccompList(options.seccompList, /*owner=*/0));
  TRY_ASSIGN(FactorKey key, FactorKey::load(options.stateDirectory));
  TRY_ASSIGN(const Pepper pepper, Pepper::load(options.stateDirectory));
  TRY_ASSIGN(DatabaseServer database, openDatabaseServer(options));
  TRY_ASSIGN(const std::string landlock, confineFiles(options.stateDirectory, database.readable));
  const char* const kind = database.store == nullptr ? "sqlite" : "mariadb";
  Daemon daemon(std::move(key), pepper, std::move(database.store));
  TRY(daemon.open(options, gateway));
  TRY(confineSyscalls(list, database.network));
  TRY(daemon.start(std::move(sockets)));
  logLine(LogLevel::kNotice, "serving",
          {{"version", BULKHEAD_VERSION}, {"landlock", landlock}, {"store", kind}});
  (void)::sd_notify(/*unset_environment=*/0,
                    "READY=1");  // ignoring: without systemd nobody listens
  waitFor(ending, [&daemon] { return daemon.comesRound(); });
  (void)::sd_notify(/*unset_environment=*/0, "STOPPING=1");
  logLine(LogLevel::kNotice, "ending");
  daemon.stop();
  return Ok{};
}

}  // namespace bulkhead::api
