// audit.anchor: the newest anchor, as the agent's core left it beside the keys.
#include "agent/audit/anchor_file.h"
#include "agent/ops/op.h"
#include "common/audit/key_file.h"

namespace bulkhead::agent {
namespace {

struct AuditAnchorRead {
  static constexpr auto kMethod = "auditAnchor";
  using Params = rpc::Nothing;
  using Reply = rpc::AnchorLine;
  struct Plan {};

  static Result<Plan> check(Params::Reader /*in*/, const Host& /*host*/) { return Plan{}; }

  static Result<Ok> answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto text, host.readFile(std::string(kAuditKeyDirectory) + "/" + kAnchorFile));
    TRY_ASSIGN(const auto anchor, AuditAnchor::parse(text));
    out.setLine(anchor.line());
    return Ok{};
  }
};

}  // namespace

OpEntry auditAnchor() { return entryFor<AuditAnchorRead>(); }

}  // namespace bulkhead::agent
