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

// The registry's own record of one under way, by either name. kNotFound when none is.
Result<Renaming> renamingForth(const Host& host, const RenameIntent& intent);
Result<Renaming> renamingBack(const Host& host, const RenameIntent& intent);

// Refuses (kAlreadyExists) a name of which anything is on the host that would be met on the way.
Result<Ok> checkNewNameIsFree(const Host& host, const Username& to);

// Ends engine and processes, and gives system files, home, crontab, sites, firewall rules and
// Docker context the name afterwards. The record stays kRenaming; the engine stays stopped.
Result<Ok> moveNames(Host& host, const Renaming& renaming);

// The containers of the panel that the account's engine has. kUnavailable when it does not answer.
Result<std::vector<KeptService>> servicesOf(const Host& host, const Identity& who);
// Starts the engine and makes those containers anew: the directories in them are those of the home
// that the account had when they were made.
Result<Ok> restartServices(Host& host,
                           const AccountRecord& record,
                           const std::vector<KeptService>& services);
// Each container is ready, and each site that is served answers.
Result<Proof> proveServices(const Host& host,
                            const AccountRecord& record,
                            const std::vector<KeptService>& services);

}  // namespace bulkhead::agent
