#include "agent/worker/real_machine.h"

#include "agent/host/dry_run_host.h"

namespace bulkhead::agent {
namespace {

rpc::Change::Kind kindOf(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::kWriteFile:
      return rpc::Change::Kind::WRITE_FILE;
    case Change::Kind::kRemoveFile:
      return rpc::Change::Kind::REMOVE_FILE;
    case Change::Kind::kMakeDirectory:
      return rpc::Change::Kind::MAKE_DIRECTORY;
    case Change::Kind::kRemoveTree:
      return rpc::Change::Kind::REMOVE_TREE;
    case Change::Kind::kRun:
      return rpc::Change::Kind::RUN;
    case Change::Kind::kEngine:
      return rpc::Change::Kind::ENGINE;
    case Change::Kind::kKill:
      return rpc::Change::Kind::KILL;
    case Change::Kind::kHome:
      return rpc::Change::Kind::HOME;
  }
  return rpc::Change::Kind::RUN;
}

}  // namespace

Result<std::vector<PlannedChange>> RealMachine::preview(const Act& assumption,
                                                        const Act& operation) {
  // Two layers: what is assumed shows through the upper one, but only the upper one's changes are
  // told.
  DryRunHost assumed(host_);
  if (assumption) TRY(assumption(assumed));
  const Host& below = assumed;  // by this type: a DryRunHost would be copied, with what it recorded
  DryRunHost dry(below);
  TRY(operation(dry));
  std::vector<PlannedChange> changes;
  for (const auto& change : dry.changes())
    changes.push_back({kindOf(change.kind), change.target, change.diff});
  return changes;
}

}  // namespace bulkhead::agent
