// cloudlinux.status: what of the integration is in place, and what of the host's own settings wants
// attention. It changes nothing and asks no program.
#include "agent/host/kernel_checks.h"
#include "agent/ops/cloudlinux/report.h"

namespace bulkhead::agent {
namespace {

struct Status {
  static constexpr auto kMethod = "cloudlinuxStatus";
  using Params = rpc::Nothing;
  using Reply = rpc::CloudlinuxReport;
  struct Plan {};

  static Result<Plan> check(Params::Reader /*in*/, const Host& /*host*/) { return Plan{}; }

  static rpc::CloudlinuxReport::Check::State wireState(HostCheck::State state) {
    using State = rpc::CloudlinuxReport::Check::State;
    switch (state) {
      case HostCheck::State::kGood:
        return State::GOOD;
      case HostCheck::State::kAttention:
        return State::ATTENTION;
      case HostCheck::State::kUnknown:
        return State::UNKNOWN;
    }
    return State::UNKNOWN;
  }

  static Result<Ok> answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
    TRY(fillReport(host, {}, out));
    auto checks = kernelChecks(host);
    for (auto& check : scriptChecks(host))
      checks.push_back(std::move(check));
    auto list = out.initChecks(static_cast<capnp::uint>(checks.size()));
    for (capnp::uint i = 0; i < list.size(); ++i) {
      list[i].setName(checks[i].name);
      list[i].setState(wireState(checks[i].state));
      list[i].setFound(checks[i].found);
      list[i].setAdvice(checks[i].advice);
    }
    return Ok{};
  }
};

}  // namespace

OpEntry cloudlinuxStatus() { return entryFor<Status>(); }

}  // namespace bulkhead::agent
