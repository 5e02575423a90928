// cloudlinux.configure: puts the files in place by which CloudLinux finds the panel. Refuses a host
// that is not CloudLinux unless forced: the mere existence of integration.ini changes what
// CloudLinux's programs, and others that read it, believe about a server.
#include <memory>

#include "agent/ops/cloudlinux/report.h"

namespace bulkhead::agent {
namespace {

struct Configure {
  static constexpr auto kMethod = "cloudlinuxConfigure";
  using Params = rpc::CloudlinuxConfigure;
  using Reply = rpc::CloudlinuxReport;
  struct Plan {
    cloudlinux::Wish wish;
    std::shared_ptr<cloudlinux::Changes> changes = std::make_shared<cloudlinux::Changes>();
  };
  static Result<Plan> check(Params::Reader in, const Host& host) {
    Plan plan;
    if (in.getForce()) plan.wish.anywhere = cloudlinux::Wish::Anywhere::kYes;
    plan.wish.duplicateUids = in.getDuplicateUids();
    TRY(cloudlinux::checkConfigure(host, plan.wish));
    return plan;
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY_ASSIGN(*plan.changes, cloudlinux::configure(host, plan.wish));
    return Ok{};
  }
  static Result<Proof> verify(const Plan& /*plan*/, const Host& host) {
    if (!cloudlinux::isEnabled(host))
      return Error{Code::kInternal, "the integration is not marked as enabled", ""};
    TRY_ASSIGN(const auto files, cloudlinux::files(host));
    Proof proof;
    for (const auto& file : files) {
      if (file.state == cloudlinux::FileState::kOutdated)
        return Error{Code::kInternal, file.path + ": is not as it was written", ""};
      if (file.state == cloudlinux::FileState::kCurrent) proof.push_back({"file", file.path});
      if (file.state == cloudlinux::FileState::kEdited)
        proof.push_back({"file left alone", file.path + " was changed by hand"});
    }
    proof.push_back({"integration", "enabled"});
    return proof;
  }
  static Result<Ok> finish(const Plan& plan, Host& host) {
    return finishReport(host, plan.changes->next);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return fillReport(host, plan.changes->next, out);
  }
};

}  // namespace

OpEntry cloudlinuxConfigure() { return entryFor<Configure>(); }

}  // namespace bulkhead::agent
