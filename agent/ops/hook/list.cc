// hook.list: what of CloudLinux this host has, for the panel to know before it plans a step.
#include "agent/host/cloudlinux.h"
#include "agent/host/hooks.h"
#include "agent/ops/op.h"

namespace bulkhead::agent {
namespace {

struct ListHooks {
  static constexpr auto kMethod = "hookList";
  using Params = rpc::Nothing;
  using Reply = rpc::HookList;
  struct Plan {};

  static Result<Plan> check(Params::Reader /*in*/, const Host& /*host*/) { return Plan{}; }
  static Result<Ok> answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto present, hooks::present(host));
    auto scripts = out.initScripts(static_cast<capnp::uint>(present.size()));
    for (capnp::uint i = 0; i < scripts.size(); ++i)
      scripts.set(i, present[i]);
    out.setEnabled(cloudlinux::isEnabled(host));
    out.setLvectl(host.inspect(cloudlinux::kLvectl).ok());
    return Ok{};
  }
};

}  // namespace

OpEntry hookList() { return entryFor<ListHooks>(); }

}  // namespace bulkhead::agent
