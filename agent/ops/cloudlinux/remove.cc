// cloudlinux.remove: takes back what cloudlinux.configure put in place; on any host, any time.
#include <memory>

#include "agent/ops/cloudlinux/report.h"

namespace bulkhead::agent {
namespace {

struct Remove {
  static constexpr auto kMethod = "cloudlinuxRemove";
  using Params = rpc::Nothing;
  using Reply = rpc::CloudlinuxReport;
  struct Plan {
    std::shared_ptr<cloudlinux::Changes> changes = std::make_shared<cloudlinux::Changes>();
  };
  static Result<Plan> check(Params::Reader /*in*/, const Host& host) {
    TRY(cloudlinux::files(host));
    return Plan{};
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY_ASSIGN(*plan.changes, cloudlinux::remove(host));
    return Ok{};
  }
  static Result<Proof> verify(const Plan& /*plan*/, const Host& host) {
    if (cloudlinux::isEnabled(host))
      return Error{Code::kInternal, "the integration is still marked as enabled", ""};
    const auto remembered = host.inspect(cloudlinux::kWrittenFiles);
    if (remembered.ok()) return Error{Code::kInternal, "some file of the integration is left", ""};
    if (remembered.error().code != Code::kNotFound) return remembered.error();
    const auto left = host.inspect(cloudlinux::kIntegration);
    if (left.ok())
      return Proof{{"integration", "disabled; integration.ini is another product's and stays"}};
    if (left.error().code != Code::kNotFound) return left.error();
    return Proof{{"integration", "no integration.ini; disabled"}};
  }
  static Result<Ok> finish(const Plan& plan, Host& host) {
    return finishReport(host, plan.changes->next);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return fillReport(host, plan.changes->next, out);
  }
};

}  // namespace

OpEntry cloudlinuxRemove() { return entryFor<Remove>(); }

}  // namespace bulkhead::agent
