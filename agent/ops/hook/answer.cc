#include "agent/ops/hook/answer.h"

namespace bulkhead::agent {
namespace {

rpc::HookResult::Outcome wireOf(Told::Outcome outcome) {
  switch (outcome) {
    case Told::Outcome::kAbsent:
      return rpc::HookResult::Outcome::ABSENT;
    case Told::Outcome::kSucceeded:
      return rpc::HookResult::Outcome::SUCCEEDED;
    case Told::Outcome::kTimedOut:
      return rpc::HookResult::Outcome::TIMED_OUT;
    case Told::Outcome::kFailed:
      break;
  }
  return rpc::HookResult::Outcome::FAILED;
}

}  // namespace

void fill(const Told& told, rpc::HookResult::Builder out) {
  out.setOutcome(wireOf(told.outcome));
  out.setExitCode(told.exitCode);
  out.setCommand(told.line);
  out.setOutput(told.output);
}

}  // namespace bulkhead::agent
