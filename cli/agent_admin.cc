#include "cli/agent_admin.h"

#include <functional>

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "common/rpc/agent.capnp.h"

namespace bulkhead::cli {
namespace {

// A change waits in the agent, for at most 660 seconds, until the ones that run are done.
constexpr auto kReadLimit = 90 * kj::SECONDS;
constexpr auto kFirewallLimit = (660 + 90) * kj::SECONDS;      // firewall.setup itself may take 60
constexpr auto kIntegrationLimit = (660 + 630) * kj::SECONDS;  // a skeleton of gigabytes is copied

template <typename Reply>
Result<Ok> refusal(const Reply& reply) {
  if (!reply.isError()) return Ok{};
  const auto error = reply.getError();
  const auto text = [](capnp::Text::Reader reader) {
    return std::string(reader.begin(), reader.end());
  };
  return Error{codeFromName(text(error.getCode())), text(error.getMessage()),
               text(error.getField())};
}

// Exceptions of the transport carry source text; people get our own words.
template <typename Call>
auto withAgent(Call call)
    -> decltype(call(std::declval<rpc::Agent::Client>(), std::declval<kj::AsyncIoContext&>())) {
  try {
    auto io = kj::setupAsyncIo();
    auto address = io.provider->getNetwork()
                       .parseAddress(std::string("unix:").append(kAgentAdminSocket))
                       .wait(io.waitScope);
    auto stream = address->connect().wait(io.waitScope);
    capnp::TwoPartyClient client(*stream);
    return call(client.bootstrap().castAs<rpc::Agent>(), io);
  } catch (const kj::Exception&) {
    return Error{
        Code::kUnavailable,
        "the agent does not answer on its administrators' socket (systemctl status bulkhead-agent)",
        ""};
  }
}

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

}  // namespace bulkhead::cli
