// service.apply: runs one service of the catalogue in the account's engine.
// Refuses limits above the account's own and ports outside the account range. What the container
// may do is the catalogue's; the caller chooses a name, limits and a port.
#include "agent/host/engine.h"
#include "agent/ops/op.h"
#include "agent/ops/service/answer.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {
namespace {

constexpr std::uint64_t kMemoryBytesMin = 16U << 20U;  // a web server does not start with less

struct ServiceApply {
  static constexpr auto kMethod = "serviceApply";
  using Params = rpc::ServiceApply;
  using Reply = rpc::Service;
  using Plan = container::Spec;

  static Result<Ok> setLimits(Params::Reader in, const ResourceLimits& account, Plan& plan) {
    if (in.getMemoryBytes() != 0 && in.getMemoryBytes() < kMemoryBytesMin)
      return Error{Code::kInvalidArgument, "a service needs 16 MiB at least", "memoryBytes"};
    if (account.memoryBytes != 0 && in.getMemoryBytes() > account.memoryBytes)
      return Error{Code::kLimitExceeded, "more memory than the account has", "memoryBytes"};
    TRY(ResourceLimits::check(in.getCpuPercent(), 0, 0));
    if (account.cpuPercent != 0 && in.getCpuPercent() > account.cpuPercent)
      return Error{Code::kLimitExceeded, "more CPU than the account has", "cpuPercent"};
    plan.memoryBytes = in.getMemoryBytes() != 0 ? in.getMemoryBytes() : plan.service.memoryBytes;
    plan.cpuPercent = in.getCpuPercent() != 0 ? in.getCpuPercent() : plan.service.cpuPercent;
    // A default of the catalogue gives way to a smaller account.
    if (account.memoryBytes != 0)
      plan.memoryBytes = std::min(plan.memoryBytes, account.memoryBytes);
    if (account.cpuPercent != 0) plan.cpuPercent = std::min(plan.cpuPercent, account.cpuPercent);
    return Ok{};
  }

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(const auto catalogue, Catalogue::load(host));
    TRY_ASSIGN(const auto service, catalogue.find(view(in.getService())));
    TRY_ASSIGN(const auto record, Registry(host).findActive(name));
    Plan plan;
    plan.who = record.identity;
    plan.service = service;
    TRY_ASSIGN(plan.imageId, Catalogue::imageId(host, service));
    TRY(setLimits(in, record.limits, plan));
    if (in.getPublishPort() != 0) {
      const auto port = AccountPort::parse(in.getPublishPort());
      if (!port.ok()) return Error{port.error().code, port.error().message, "publishPort"};
      if (service.publish == 0)
        return Error{Code::kInvalidArgument, service.name + " cannot be published", "publishPort"};
      plan.publishPort = port->number();
    }
    return plan;
  }
  static Result<Ok> run(const Plan& plan, Host& host) { return container::apply(host, plan); }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return container::prove(host, plan);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto found, container::inspect(host, plan.who, plan.service.name));
    fillService(plan.service.name, found, out);
    return Ok{};
  }
};

}  // namespace
OpEntry serviceApply() { return entryFor<ServiceApply>(); }
}  // namespace bulkhead::agent
