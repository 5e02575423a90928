// AgentPort: what the API may ask of the agent, as plain values. AgentClient speaks Cap'n Proto;
// tests put a scripted mock here.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/usecases/model.h"
#include "common/types/limits.h"

namespace bulkhead::api {

// One struct for each operation, named and filled as in common/rpc/agent.capnp.
namespace ask {
struct HostInspect {};
struct AccountCreate {
  std::string username;
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
  std::uint32_t tasks = 0;
  IoLimits io = {};
};
struct AccountGet {
  std::string username;
};
struct AccountList {
  std::string after;
  std::uint16_t limit = 50;
};
struct AccountSuspend {
  std::string username;
};
struct AccountUnsuspend {
  std::string username;
};
struct AccountDelete {
  std::string username;
};
struct LimitsSet {
  std::string username;
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
  std::uint32_t tasks = 0;
  IoLimits io = {};
};
struct QuotaSet {
  std::string username;
  std::uint64_t diskBytes = 0;
  std::uint64_t inodes = 0;
};
struct QuotaGet {
  std::string username;
};
struct EngineEnsure {
  std::string username;
};
struct EngineRemove {
  std::string username;
};
struct EngineStatus {
  std::string username;
};
struct ServiceApply {
  std::string username;
  std::string service;
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
  std::uint16_t publishPort = 0;
};
struct ServiceRemove {
  std::string username;
  std::string service;
};
struct ServiceList {
  std::string username;
};
enum class SiteMode { kServe, kSuspended };
struct SiteApply {
  std::string username;
  std::string domain;
  std::vector<std::string> aliases;
  SiteMode mode = SiteMode::kServe;
};
struct SiteRemove {
  std::string username;
  std::string domain;
};
struct FirewallSetup {};
struct FirewallOpen {
  std::string username;
  std::uint16_t port = 0;  // TCP; the panel opens nothing else
};
struct FirewallClose {
  std::string username;
  std::uint16_t port = 0;
};
struct FirewallList {
  std::string username;
};  // "" = the whole host
struct AccountRename {
  std::string username;
  std::string newName;
};
struct SiteRename {
  std::string username;
  std::string domain;
  std::string newDomain;
};
struct HookList {};
enum class HookEvent {
  kAdminCreated,
  kAdminRemoved,
  kUserCreated,
  kUserRenamed,
  kUserMoved,
  kUserRemoving,
  kUserRemoved,
  kUserRestored,
  kDomainRenamed,
  kPackageRenamed
};
struct HookRun {  // only the fields that the event needs
  HookEvent event = HookEvent::kUserCreated;
  std::string username;  // as the account is called after the event
  std::string oldUsername;
  std::string owner;
  std::string domain;
  std::string oldDomain;
  bool includeSubdomains = false;
  std::string admin;  // a UNIX user
  std::string package;
  std::string oldPackage;
};
struct LvectlApply {
  std::string username;  // "" = all
};
struct LvectlForget {
  std::string package;
};
struct CpapiPublish {
  std::string username;
  std::string mainDomain;  // "" = none
};
struct PhpList {};
struct DbmapWrite {
  std::string username;
  std::vector<std::string> databaseUsers;  // all that the account has
};
struct CloudlinuxStatus {};
struct AuditList {
  std::uint64_t before = 0;  // 0 = from the newest
  std::uint16_t limit = 50;
  std::string account;
  std::string requestId;
  std::string kind;
};
struct AuditAnchor {};
struct LockdownOn {};
struct LockdownStatus {};
}  // namespace ask

using AgentRequest = std::variant<ask::HostInspect,
                                  ask::AccountCreate,
                                  ask::AccountGet,
                                  ask::AccountList,
                                  ask::AccountSuspend,
                                  ask::AccountUnsuspend,
                                  ask::AccountDelete,
                                  ask::LimitsSet,
                                  ask::QuotaSet,
                                  ask::QuotaGet,
                                  ask::EngineEnsure,
                                  ask::EngineRemove,
                                  ask::EngineStatus,
                                  ask::ServiceApply,
                                  ask::ServiceRemove,
                                  ask::ServiceList,
                                  ask::SiteApply,
                                  ask::SiteRemove,
                                  ask::FirewallSetup,
                                  ask::FirewallOpen,
                                  ask::FirewallClose,
                                  ask::FirewallList,
                                  ask::AccountRename,
                                  ask::SiteRename,
                                  ask::HookList,
                                  ask::HookRun,
                                  ask::LvectlApply,
                                  ask::LvectlForget,
                                  ask::CpapiPublish,
                                  ask::PhpList,
                                  ask::DbmapWrite,
                                  ask::CloudlinuxStatus,
                                  ask::AuditList,
                                  ask::AuditAnchor,
                                  ask::LockdownOn,
                                  ask::LockdownStatus>;

std::string_view eventName(ask::HookEvent event);  // "user_created"

// "account.create", as in the schema, the policy and the audit log.
std::string_view operationName(const AgentRequest& request);
// "account.create username=alice cpu=100": name and every parameter that is set, for logs and
// scripted tests.
std::string describe(const AgentRequest& request);

// ---- answers

enum class AgentAccountState { kCreating, kActive, kSuspended, kDeleting, kRenaming };
struct AgentAccount {
  std::string username;
  std::uint32_t uid = 0;
  std::string home;
  std::string slice;
  AgentAccountState state = AgentAccountState::kCreating;
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
  std::uint32_t tasks = 0;
  IoLimits io = {};
};
struct AgentAccounts {
  std::vector<AgentAccount> accounts;
  bool more = false;
};
struct AgentDeleted {
  std::uint32_t uid = 0;  // 0: there was no such account
  std::uint32_t processesEnded = 0;
};
struct AgentLimits {
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
  std::uint32_t tasks = 0;
  IoLimits io = {};
};
struct AgentQuota {
  std::uint64_t diskBytes = 0;
  std::uint64_t inodes = 0;
  std::uint64_t usedBytes = 0;
  std::uint64_t usedInodes = 0;
};
struct AgentEngine {
  std::string state;  // absent, stopped, running, failed
  std::string unit;
  std::string context;
  std::string version;
  std::uint32_t containers = 0;
  std::uint64_t memoryBytes = 0;
};
struct AgentService {
  std::string service;
  std::string container;
  std::string image;
  std::string state;
  std::string network;
  std::uint16_t publishPort = 0;
};
struct AgentServices {
  std::vector<AgentService> services;
};
struct AgentSite {
  std::string domain;
  std::string documentRoot;
  ask::SiteMode mode = ask::SiteMode::kServe;
  std::uint64_t generation = 0;
  std::uint16_t probeStatus = 0;
};
struct AgentFirewallRule {
  std::uint16_t port = 0;
  std::string protocol;
  std::string action;
  std::string comment;
  bool ipv6 = false;
};
struct AgentFirewall {
  bool active = false;
  std::vector<AgentFirewallRule> rules;
};
struct AgentHost {
  std::string hostname;
  std::string kernel;
  std::string os;
  std::string version;
  std::string cgroups;
  bool projectQuotas = false;
  std::uint64_t diskFreeBytes = 0;
  std::uint64_t diskTotalBytes = 0;
  std::uint64_t memoryTotalBytes = 0;
  std::uint64_t memoryAvailableBytes = 0;
  std::uint32_t cpus = 0;
  std::vector<std::pair<std::string, std::string>> services;  // name, state
};
struct AgentHooks {
  std::vector<std::string> scripts;  // file names of the hook scripts that the host has
  bool enabled = false;              // the CloudLinux integration
  bool lvectl = false;
};
enum class HookOutcome { kAbsent, kSucceeded, kFailed, kTimedOut };
struct AgentHook {
  HookOutcome outcome = HookOutcome::kAbsent;
  std::int32_t exitCode = 0;
  std::string command;
  std::string output;
};
struct AgentPhp {
  std::string identifier;  // "alt-php83"
  std::string version;     // "8.3"
  std::string modulesDir;
  std::string dir;
  std::string bin;
  std::string ini;
  std::string scanDir;    // further .ini files
  bool isNative = false;  // the distribution's own
};
struct AgentPhpList {
  std::vector<AgentPhp> interpreters;
};
struct AgentCloudlinux {
  bool enabled = false;
  std::string release;  // "" = not CloudLinux
};
struct AgentAudit {
  std::vector<std::string> records;  // one JSON line each, newest first
  bool more = false;
};
struct AgentAnchor {
  std::string line;
};
struct AgentLockdown {
  bool on = false;
  std::int64_t since = 0;  // Unix seconds; 0 when it is off, or not known any more
};
using AgentValue = std::variant<std::monostate,
                                AgentAccount,
                                AgentAccounts,
                                AgentDeleted,
                                AgentLimits,
                                AgentQuota,
                                AgentEngine,
                                AgentService,
                                AgentServices,
                                AgentSite,
                                AgentFirewall,
                                AgentHost,
                                AgentHooks,
                                AgentHook,
                                AgentPhpList,
                                AgentCloudlinux,
                                AgentAudit,
                                AgentAnchor,
                                AgentLockdown>;

struct AgentReply {
  std::optional<Error> refusal;  // the agent was asked and said no; everything below is empty then
  AgentValue value;
  std::vector<StepEvidence> evidence;
  std::vector<PlannedChange> preview;  // of a dry run
  std::uint64_t auditSeq = 0;
  std::uint64_t externalMicros = 0;
};

struct CallContext {
  std::string requestId;
  std::string actor;
  std::string traceparent;
  bool dryRun = false;
  bool assumeAccount = false;                         // in a dry run: as if the account existed
  std::optional<std::chrono::milliseconds> patience;  // instead of the operation's own time limit
};

class AgentPort {
 public:
  virtual ~AgentPort() = default;
  // An error means that the agent could not be asked or did not answer, so what it did is unknown:
  // kUnavailable (down, or gone in the middle), kTimeout, kCancelled (this process is stopping).
  // What the agent refuses is AgentReply::refusal.
  virtual Result<AgentReply> call(const CallContext& context, const AgentRequest& request) = 0;
  // Ok when the agent listens now.
  virtual Result<Ok> reachable() = 0;
};

// For callers who do not care which side refused: a refusal becomes the error.
Result<AgentReply> askAgent(AgentPort& agent,
                            const CallContext& context,
                            const AgentRequest& request);

}  // namespace bulkhead::api
