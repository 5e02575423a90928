#include "api/agent_client/agent_port.h"

namespace bulkhead::api {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// Collects "key=value" for what is set, so that a script says only what matters.
class Line {
 public:
  explicit Line(std::string_view name) : text_(name) {}
  Line& with(std::string_view key, const std::string& value) {
    if (!value.empty()) text_ += " " + std::string(key) + "=" + value;
    return *this;
  }
  Line& with(std::string_view key, std::uint64_t value) {
    return value == 0 ? *this : with(key, std::to_string(value));
  }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

template <typename Limits>
Line& limits(Line& line, const Limits& r) {
  return line.with("cpu", r.cpuPercent)
      .with("memory", r.memoryBytes)
      .with("tasks", r.tasks)
      .with("read_bytes_per_second", r.io.readBytesPerSecond)
      .with("write_bytes_per_second", r.io.writeBytesPerSecond)
      .with("read_ops_per_second", r.io.readOpsPerSecond)
      .with("write_ops_per_second", r.io.writeOpsPerSecond);
}

void parameters(Line&, const ask::HostInspect&) {}
void parameters(Line&, const ask::FirewallSetup&) {}
void parameters(Line& line, const ask::AccountCreate& r) {
  limits(line.with("username", r.username), r);
}
void parameters(Line& line, const ask::LimitsSet& r) {
  limits(line.with("username", r.username), r);
}
void parameters(Line& line, const ask::AccountList& r) { line.with("after", r.after); }
void parameters(Line& line, const ask::QuotaSet& r) {
  line.with("username", r.username).with("disk", r.diskBytes).with("inodes", r.inodes);
}
void parameters(Line& line, const ask::ServiceApply& r) {
  line.with("username", r.username).with("service", r.service).with("cpu", r.cpuPercent);
  line.with("memory", r.memoryBytes).with("port", r.publishPort);
}
void parameters(Line& line, const ask::ServiceRemove& r) {
  line.with("username", r.username).with("service", r.service);
}
void parameters(Line& line, const ask::SiteApply& r) {
  line.with("username", r.username).with("domain", r.domain);
  for (const auto& alias : r.aliases)
    line.with("alias", alias);
  line.with("mode", r.mode == ask::SiteMode::kSuspended ? "suspended" : "");
}
void parameters(Line& line, const ask::SiteRemove& r) {
  line.with("username", r.username).with("domain", r.domain);
}
void parameters(Line& line, const ask::AccountRename& r) {
  line.with("username", r.username).with("new", r.newName);
}
void parameters(Line& line, const ask::SiteRename& r) {
  line.with("username", r.username).with("domain", r.domain).with("new", r.newDomain);
}
void parameters(Line&, const ask::HookList&) {}
void parameters(Line& line, const ask::HookRun& r) {
  line.with("event", std::string(eventName(r.event))).with("username", r.username);
  line.with("old", r.oldUsername).with("owner", r.owner).with("domain", r.domain);
  line.with("old_domain", r.oldDomain).with("subdomains", r.includeSubdomains ? "follow" : "");
  line.with("admin", r.admin).with("package", r.package).with("old_package", r.oldPackage);
}
void parameters(Line& line, const ask::CpapiPublish& r) {
  line.with("username", r.username).with("main", r.mainDomain);
}
void parameters(Line& line, const ask::LvectlForget& r) { line.with("package", r.package); }
void parameters(Line&, const ask::PhpList&) {}
void parameters(Line&, const ask::CloudlinuxStatus&) {}
void parameters(Line&, const ask::AuditAnchor&) {}
void parameters(Line&, const ask::LockdownOn&) {}
void parameters(Line&, const ask::LockdownStatus&) {}
void parameters(Line& line, const ask::DbmapWrite& r) {
  line.with("username", r.username);
  for (const auto& user : r.databaseUsers)
    line.with("user", user);
}
void parameters(Line& line, const ask::FirewallOpen& r) {
  line.with("username", r.username).with("port", r.port);
}
void parameters(Line& line, const ask::FirewallClose& r) {
  line.with("username", r.username).with("port", r.port);
}
void parameters(Line& line, const ask::AuditList& r) {
  line.with("before", r.before)
      .with("account", r.account)
      .with("request", r.requestId)
      .with("kind", r.kind);
}
template <typename JustAUsername>
void parameters(Line& line, const JustAUsername& r) {
  line.with("username", r.username);
}

}  // namespace

std::string_view eventName(ask::HookEvent event) {
  using enum ask::HookEvent;
  switch (event) {
    case kAdminCreated:
      return "admin_created";
    case kAdminRemoved:
      return "admin_removed";
    case kUserCreated:
      return "user_created";
    case kUserRenamed:
      return "user_renamed";
    case kUserMoved:
      return "user_moved";
    case kUserRemoving:
      return "user_removing";
    case kUserRemoved:
      return "user_removed";
    case kUserRestored:
      return "user_restored";
    case kDomainRenamed:
      return "domain_renamed";
    case kPackageRenamed:
      return "package_renamed";
  }
  return "unknown";
}

std::string_view operationName(const AgentRequest& request) {
  return std::visit(Overloaded{
                        [](const ask::HostInspect&) { return "host.inspect"; },
                        [](const ask::AccountCreate&) { return "account.create"; },
                        [](const ask::AccountGet&) { return "account.get"; },
                        [](const ask::AccountList&) { return "account.list"; },
                        [](const ask::AccountSuspend&) { return "account.suspend"; },
                        [](const ask::AccountUnsuspend&) { return "account.unsuspend"; },
                        [](const ask::AccountDelete&) { return "account.delete"; },
                        [](const ask::LimitsSet&) { return "limits.set"; },
                        [](const ask::QuotaSet&) { return "quota.set"; },
                        [](const ask::QuotaGet&) { return "quota.get"; },
                        [](const ask::EngineEnsure&) { return "engine.ensure"; },
                        [](const ask::EngineRemove&) { return "engine.remove"; },
                        [](const ask::EngineStatus&) { return "engine.status"; },
                        [](const ask::ServiceApply&) { return "service.apply"; },
                        [](const ask::ServiceRemove&) { return "service.remove"; },
                        [](const ask::ServiceList&) { return "service.list"; },
                        [](const ask::SiteApply&) { return "site.apply"; },
                        [](const ask::SiteRemove&) { return "site.remove"; },
                        [](const ask::FirewallSetup&) { return "firewall.setup"; },
                        [](const ask::FirewallOpen&) { return "firewall.open"; },
                        [](const ask::FirewallClose&) { return "firewall.close"; },
                        [](const ask::FirewallList&) { return "firewall.list"; },
                        [](const ask::AccountRename&) { return "account.rename"; },
                        [](const ask::SiteRename&) { return "site.rename"; },
                        [](const ask::HookList&) { return "hook.list"; },
                        [](const ask::HookRun&) { return "hook.run"; },
                        [](const ask::LvectlApply&) { return "lvectl.apply"; },
                        [](const ask::LvectlForget&) { return "lvectl.forget"; },
                        [](const ask::CpapiPublish&) { return "cpapi.publish"; },
                        [](const ask::PhpList&) { return "php.list"; },
                        [](const ask::DbmapWrite&) { return "dbmap.write"; },
                        [](const ask::CloudlinuxStatus&) { return "cloudlinux.status"; },
                        [](const ask::AuditList&) { return "audit.list"; },
                        [](const ask::AuditAnchor&) { return "audit.anchor"; },
                        [](const ask::LockdownOn&) { return "lockdown.on"; },
                        [](const ask::LockdownStatus&) { return "lockdown.status"; },
                    },
                    request);
}

std::string describe(const AgentRequest& request) {
  Line line(operationName(request));
  std::visit([&line](const auto& r) { parameters(line, r); }, request);
  return line.text();
}

Result<AgentReply> askAgent(AgentPort& agent,
                            const CallContext& context,
                            const AgentRequest& request) {
  TRY_ASSIGN(auto reply, agent.call(context, request));
  if (reply.refusal.has_value()) return *reply.refusal;
  return reply;
}

}  // namespace bulkhead::api
