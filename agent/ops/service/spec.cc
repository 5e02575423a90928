#include "agent/ops/service/spec.h"

#include <algorithm>

namespace bulkhead::agent {
namespace {

constexpr std::uint64_t kMemoryBytesMin = 16U << 20U;  // a web server does not start with less

Result<Ok> setLimits(const ResourceLimits& account,
                     const KeptService& wanted,
                     container::Spec& spec) {
  if (wanted.memoryBytes != 0 && wanted.memoryBytes < kMemoryBytesMin)
    return Error{Code::kInvalidArgument, "a service needs 16 MiB at least", "memoryBytes"};
  if (account.memoryBytes != 0 && wanted.memoryBytes > account.memoryBytes)
    return Error{Code::kLimitExceeded, "more memory than the account has", "memoryBytes"};
  TRY(ResourceLimits::check(wanted.cpuPercent, 0, 0));
  if (account.cpuPercent != 0 && wanted.cpuPercent > account.cpuPercent)
    return Error{Code::kLimitExceeded, "more CPU than the account has", "cpuPercent"};
  spec.memoryBytes = wanted.memoryBytes != 0 ? wanted.memoryBytes : spec.service.memoryBytes;
  spec.cpuPercent = wanted.cpuPercent != 0 ? wanted.cpuPercent : spec.service.cpuPercent;
  // A default of the catalogue gives way to a smaller account.
  if (account.memoryBytes != 0) spec.memoryBytes = std::min(spec.memoryBytes, account.memoryBytes);
  if (account.cpuPercent != 0) spec.cpuPercent = std::min(spec.cpuPercent, account.cpuPercent);
  return Ok{};
}

}  // namespace

Result<container::Spec> specFor(const Host& host,
                                const Catalogue& catalogue,
                                const AccountRecord& account,
                                const KeptService& wanted) {
  container::Spec spec;
  spec.who = account.identity;
  TRY_ASSIGN(spec.service, catalogue.find(wanted.name));
  TRY_ASSIGN(spec.imageId, Catalogue::imageId(host, spec.service));
  TRY(setLimits(account.limits, wanted, spec));
  if (wanted.publishPort == 0) return spec;
  const auto port = AccountPort::parse(wanted.publishPort);
  if (!port.ok()) return Error{port.error().code, port.error().message, "publishPort"};
  if (spec.service.publish == 0)
    return Error{Code::kInvalidArgument, spec.service.name + " cannot be published", "publishPort"};
  spec.publishPort = port->number();
  return spec;
}

}  // namespace bulkhead::agent
