// What moves when an account gets another name, in steps that look before they act: whatever a kill
// or a failure has left is brought to the one name or to the other by the same steps.
#pragma once
#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "agent/registry/registry.h"
#include "common/core/result.h"

namespace bulkhead::agent {

struct Renaming {
  Identity before;
  Identity after;
  AccountRecord record;      // as it is now, under whichever of the two names
  std::string previousName;  // of the record afterwards
};

// One under way, to or from. kNotFound when it is none, kConflict when the account is being
// deleted.
Result<Renaming> renamingForth(const Host& host, const RenameIntent& intent);
Result<Renaming> renamingBack(const Host& host, const RenameIntent& intent);

// Refuses (kAlreadyExists) a name of which anything is on the host that would be met on the way.
Result<Ok> checkNewNameIsFree(const Host& host, const Username& to);

// Ends engine and processes, and gives system files, home, crontab, sites, firewall rules and
// Docker context the name afterwards. The record stays kRenaming; the engine stays stopped.
Result<Ok> moveNames(Host& host, const Renaming& renaming);

// kInternal when a crontab or a mark of lingering of the name before is there.
Result<Ok> proveNothingStarts(const Host& host, const Identity& before);

// The containers of the panel that the account's engine has, as service.apply would make them, and
// what an earlier renaming could not make anew. kUnavailable when the engine does not answer.
Result<std::vector<KeptService>> servicesOf(const Host& host, const AccountRecord& account);
// Starts the engine and makes those containers anew: the directories in them are those of the home
// that the account had when they were made.
Result<Ok> restartServices(Host& host,
                           const AccountRecord& account,
                           const std::vector<KeptService>& services);
// The engine runs, and each container is ready.
Result<Proof> proveServices(const Host& host,
                            const AccountRecord& account,
                            const std::vector<KeptService>& services);

// A served site that answers a visitor as it should; "" when none does, or none in time.
Result<std::string> witnessOf(const Host& host, const Username& name);
// kUnavailable when the witness does not answer any more. What any other site says is evidence
// only: it may have said so before.
Result<Proof> proveSites(const Host& host, const Username& name, const std::string& witness);

}  // namespace bulkhead::agent
