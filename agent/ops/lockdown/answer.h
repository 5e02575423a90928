// What the operations on the lockdown answer.
#pragma once
#include "agent/ops/op.h"
#include "agent/registry/lockdown.h"

namespace bulkhead::agent {

inline Result<Ok> answerLockdown(const Host& host, rpc::Lockdown::Builder out) {
  const auto lockdown = lockdownOf(host);
  out.setOn(lockdown.has_value());
  out.setSince(lockdown ? lockdown->since : 0);
  return Ok{};
}

}  // namespace bulkhead::agent
