#include "cli/agent_admin.h"

#include "cli/agent_call.h"

namespace bulkhead::cli {
namespace {

constexpr auto kFirewallLimit = kQueueLimit + 90 * kj::SECONDS;  // firewall.setup itself: 60
constexpr auto kIntegrationLimit =
    kQueueLimit + 630 * kj::SECONDS;  // a skeleton of gigabytes is copied

std::string wordOf(rpc::CloudlinuxReport::File::State state) {
  using State = rpc::CloudlinuxReport::File::State;
  switch (state) {
    case State::ABSENT:
      return "absent";
    case State::CURRENT:
      return "current";
    case State::OUTDATED:
      return "outdated";
    case State::EDITED:
      return "edited";
  }
  return "unknown";
}

std::string wordOf(rpc::CloudlinuxReport::Check::State state) {
  using State = rpc::CloudlinuxReport::Check::State;
  switch (state) {
    case State::GOOD:
      return "good";
    case State::ATTENTION:
      return "attention";
    case State::UNKNOWN:
      return "unknown";
  }
  return "unknown";
}

IntegrationReport readReport(rpc::CloudlinuxReport::Reader in) {
  IntegrationReport out;
  out.enabled = in.getEnabled();
  out.release = in.getRelease().cStr();
  for (const auto file : in.getFiles())
    out.files.push_back({file.getPath().cStr(), wordOf(file.getState())});
  for (const auto hook : in.getHooks())
    out.hooks.emplace_back(hook.cStr());
  for (const auto check : in.getChecks())
    out.checks.push_back({check.getName().cStr(), wordOf(check.getState()), check.getFound().cStr(),
                          check.getAdvice().cStr()});
  for (const auto line : in.getNext())
    out.next.emplace_back(line.cStr());
  return out;
}

template <typename Request>
Result<IntegrationReport> askReport(Request request, kj::AsyncIoContext& io) {
  request.initContext().setActor("local:root");
  auto response =
      io.provider->getTimer().timeoutAfter(kIntegrationLimit, request.send()).wait(io.waitScope);
  TRY(refusal(response));
  return readReport(response.getOk());
}

template <typename Request>
Result<LockdownFacts> askFacts(Request request, kj::AsyncIoContext& io) {
  request.initContext().setActor("local:root");
  auto response =
      io.provider->getTimer().timeoutAfter(kQueueLimit, request.send()).wait(io.waitScope);
  TRY(refusal(response));
  return LockdownFacts{response.getOk().getOn(), response.getOk().getSince()};
}

}  // namespace

Result<HostFacts> inspectHost() {
  return withAgent([](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<HostFacts> {
    auto request = agent.hostInspectRequest();
    request.initContext().setActor("local:root");
    auto response =
        io.provider->getTimer().timeoutAfter(kReadLimit, request.send()).wait(io.waitScope);
    TRY(refusal(response));
    const auto report = response.getOk();
    return HostFacts{report.getHostname().cStr(), report.getOs().cStr(), report.getCgroups().cStr(),
                     report.getProjectQuotas()};
  });
}

Result<std::vector<std::string>> setUpFirewall() {
  return withAgent(
      [](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<std::vector<std::string>> {
        auto request = agent.firewallSetupRequest();
        request.initContext().setActor("local:root");
        auto response =
            io.provider->getTimer().timeoutAfter(kFirewallLimit, request.send()).wait(io.waitScope);
        TRY(refusal(response));
        std::vector<std::string> rules;
        for (const auto rule : response.getOk().getRules()) {
          if (rule.getIpv6()) continue;
          rules.push_back(std::to_string(rule.getPort()) + "/" + rule.getProtocol().cStr() + " " +
                          rule.getAction().cStr());
        }
        return rules;
      });
}

Result<IntegrationReport> enableIntegration(const IntegrationOptions& options) {
  return withAgent(
      [&options](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<IntegrationReport> {
        auto request = agent.cloudlinuxConfigureRequest();
        auto params = request.initParams();
        params.setForce(options.force);
        params.setDuplicateUids(options.duplicateUids);
        return askReport(kj::mv(request), io);
      });
}

Result<IntegrationReport> disableIntegration() {
  return withAgent(
      [](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<IntegrationReport> {
        return askReport(agent.cloudlinuxRemoveRequest(), io);
      });
}

Result<IntegrationReport> inspectIntegration() {
  return withAgent(
      [](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<IntegrationReport> {
        return askReport(agent.cloudlinuxStatusRequest(), io);
      });
}

Result<LockdownFacts> askLockdown(LockdownVerb verb) {
  return withAgent(
      [verb](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<LockdownFacts> {
        switch (verb) {
          case LockdownVerb::kOn:
            return askFacts(agent.lockdownOnRequest(), io);
          case LockdownVerb::kOff:
            return askFacts(agent.lockdownOffRequest(), io);
          case LockdownVerb::kStatus:
            break;
        }
        return askFacts(agent.lockdownStatusRequest(), io);
      });
}

}  // namespace bulkhead::cli
