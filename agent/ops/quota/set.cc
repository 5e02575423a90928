// quota.set: the disk space and inodes that an account's tree may use, held by the file system. The
// registry is written first, as for limits.set.
#include "agent/host/quota.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

constexpr std::uint64_t kBytesMax = 1ULL << 60U;  // 1 EiB: the kernel counts quota space in 63 bits
constexpr std::uint64_t kInodesMax = 1ULL << 32U;  // ext4 has no more

struct SetQuota {
  static constexpr auto kMethod = "quotaSet";
  using Params = rpc::QuotaSet;
  using Reply = rpc::Quota;
  struct Plan {
    AccountRecord record;  // with the new quota
    std::uint64_t diskBytes = 0;
    std::uint64_t inodes = 0;
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(Registry(host).put(plan.record));
    return quota::set(host, plan.record.identity, plan.diskBytes, plan.inodes);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return quota::prove(host, plan.record.identity, plan.diskBytes, plan.inodes);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto now, quota::get(host, plan.record.identity));
    fill(now, plan.record.identity, out);
    return Ok{};
  }
};

Result<SetQuota::Plan> SetQuota::check(Params::Reader in, const Host& host) {
  if (in.getDiskBytes() > kBytesMax)
    return Error{Code::kInvalidArgument, "disk: at most 1 EiB, 0 = unlimited", "disk_bytes"};
  if (in.getInodes() > kInodesMax)
    return Error{Code::kInvalidArgument, "inodes: at most 4294967296, 0 = unlimited", "inodes"};
  TRY_ASSIGN(auto record, findStandingAccount(host, view(in.getUsername())));
  TRY(quota::checkHome(host, record.identity));
  record.quota = KeptQuota{in.getDiskBytes(), in.getInodes()};
  return Plan{std::move(record), in.getDiskBytes(), in.getInodes()};
}

}  // namespace

OpEntry quotaSet() { return entryFor<SetQuota>(); }

}  // namespace bulkhead::agent
