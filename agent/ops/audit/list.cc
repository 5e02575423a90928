// audit.list: reads the audit log, newest record first. Answers whole lines as they stand in the
// file, so that their hashes can be checked by whoever gets them.
#include "agent/ops/audit/query.h"
#include "agent/ops/op.h"
#include "common/audit/record.h"
#include "common/types/username.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kRequestIdBytesMax = 64;  // as the writer keeps them

struct AuditList {
  static constexpr auto kMethod = "auditList";
  using Params = rpc::AuditQuery;
  using Reply = rpc::AuditPage;
  using Plan = AuditFilter;

  static Result<Plan> check(Params::Reader in, const Host&) {
    Plan plan;
    plan.before = in.getBefore();
    plan.limit = in.getLimit();
    if (plan.limit == 0 || plan.limit > kAuditPageMax)
      return Error{Code::kInvalidArgument, "limit must be 1 to 100", "limit"};
    if (in.hasAccount() && in.getAccount().size() > 0) {
      TRY_ASSIGN(const auto account, Username::parse(view(in.getAccount())));
      plan.account = account.text();
    }
    plan.requestId = view(in.getRequestId());
    if (plan.requestId.size() > kRequestIdBytesMax)
      return Error{Code::kInvalidArgument, "no request id is that long", "requestId"};
    plan.kind = view(in.getKind());
    if (!plan.kind.empty() && !isAuditKind(plan.kind))
      return Error{Code::kInvalidArgument, "there is no such kind of record", "kind"};
    return plan;
  }

  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto page, queryAudit(host, plan));
    auto records = out.initRecords(static_cast<capnp::uint>(page.lines.size()));
    for (capnp::uint i = 0; i < records.size(); ++i)
      records.set(i, page.lines[i].c_str());
    out.setMore(page.more);
    return Ok{};
  }
};

}  // namespace

OpEntry auditList() { return entryFor<AuditList>(); }

}  // namespace bulkhead::agent
