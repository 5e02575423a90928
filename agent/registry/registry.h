// Registry: the agent's own, root-owned record of accounts and sites, one small JSON file each
// under kStateDirectory. It is what the agent believes; the API's claims never override it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/host/host.h"
#include "common/types/domain_name.h"
#include "common/types/id_ranges.h"
#include "common/types/limits.h"
#include "common/types/username.h"

namespace bulkhead::agent {

inline constexpr const char* kStateDirectory = "/var/lib/bulkhead/agent";
// Right above the last account's sub-uids, so that nobody has it: the sender of signals to an
// account, whom the account cannot reach (common/os/kill_user.h).
inline constexpr uid_t kNobodysUid = kSubUidBase + (kUidLast - kUidFirst + 1) * kSubUidCount;

// kRenaming: account.rename was begun; only its repetition goes on from there.
enum class AccountState { kCreating, kActive, kSuspended, kDeleting, kRenaming };

struct KeptService {  // what makes a container of the account anew
  std::string name;
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
  std::uint16_t publishPort = 0;
};
struct KeptQuota {  // 0 = unlimited
  std::uint64_t diskBytes = 0;
  std::uint64_t inodes = 0;
  bool operator==(const KeptQuota&) const = default;
};
struct KeptPort {
  std::uint16_t port = 0;
  bool udp = false;
  bool operator==(const KeptPort&) const = default;
};
struct AccountRecord {
  Identity identity;
  AccountState state = AccountState::kCreating;
  ResourceLimits limits;
  AccountState resume = AccountState::kActive;  // of kRenaming: what it is to be afterwards
  std::string previousName = {};                // before its last renaming; "" = always this one
  // What was asked for last, so that host.check can tell it from what is there.
  std::optional<KeptQuota> quota = {};  // nothing: never set
  std::vector<KeptPort> ports = {};     // opened in the firewall
  std::vector<KeptService> services = {};
};
// Filed under the uid, so that an account never has two; nobody else gets either of the names
// meanwhile.
struct RenameIntent {
  std::string from;
  std::string to;
  uid_t uid = 0;
  std::string formerName = {};  // the record's previousName, in case that all is taken back
  std::vector<KeptService> services = {};
  std::string witness = {};  // a site that answered before, and so has to afterwards; "" = none did
};

enum class SiteMode { kServe, kSuspended };
struct SiteRecord {
  std::string account;
  std::string domain;
  std::vector<std::string> aliases;
  SiteMode mode = SiteMode::kServe;
  std::string renamedFrom = {};  // while site.rename is under way; "" = it is not
};

class Registry {
 public:
  explicit Registry(Host& host, std::string directory = kStateDirectory)
      : host_(&host), reader_(&host), directory_(std::move(directory)) {}
  // Reads only; a write through it is a programmer's fault (std::logic_error).
  explicit Registry(const Host& host, std::string directory = kStateDirectory)
      : reader_(&host), directory_(std::move(directory)) {}

  // A record that cannot be understood is kInternal and names its file; it is never taken for an
  // absent one.
  Result<AccountRecord> find(const Username& name) const;  // kNotFound
  Result<AccountRecord> findActive(
      const Username& name) const;  // also kConflict in any other state
  // At most `limit` accounts whose names follow `after`, by name; "" = from the start.
  Result<std::vector<AccountRecord>> list(const std::string& after, std::size_t limit) const;
  // Gives the name a uid that no account ever had, durably, before any system file names it. A name
  // that has a record gets that one. Call it under LockName::kAccountFiles: two calls at once would
  // give one uid twice. kLimitExceeded when no uid is left.
  Result<AccountRecord> allocate(const Username& name, const ResourceLimits& limits);
  // Gives an account that is being created another such uid, because somebody else has taken its
  // own meanwhile. kConflict in any other state: things of that uid exist.
  Result<AccountRecord> allocateAgain(const AccountRecord& record);
  Result<Ok> put(const AccountRecord& record);
  // The record goes, the uid stays used for ever. Absent is fine, and so is one of another uid.
  Result<Ok> retire(const AccountRecord& record);

  // Durably: the intent, in place of any that an earlier one of the account has left, and then the
  // record with kRenaming.
  Result<Ok> beginRename(AccountRecord record, const RenameIntent& intent);
  // What is under way, by either of the two names; kNotFound. An intent whose account is not (any
  // more) being renamed is one that a crash has left, and counts for nothing. One that cannot be
  // understood is an error for the account that it is of, and for nobody else.
  Result<RenameIntent> findRename(const Username& name) const;
  // The account that it is of, under whichever of the two names. kNotFound: it counts for nothing.
  Result<AccountRecord> accountOf(const RenameIntent& intent) const;
  // The file of that account, whether it counts or not; kNotFound.
  Result<RenameIntent> renameOf(uid_t uid) const;
  Result<Ok> endRename(uid_t uid);  // absent is fine

  Result<SiteRecord> findSite(const DomainName& domain) const;  // kNotFound
  Result<std::vector<SiteRecord>> sites() const;
  Result<std::vector<SiteRecord>> sitesOf(const Username& name) const;
  // kConflict when another account holds the name, a parent or a child of it, as site or as alias.
  // It holds only as long as no other site is written: ask again under LockName::kNginx before
  // putSite().
  Result<Ok> checkDomain(const Username& name, const DomainName& domain) const;
  Result<Ok> putSite(const SiteRecord& site);
  Result<Ok> removeSite(const DomainName& domain);  // absent is fine

 private:
  Host& writer() const;
  std::string accountPath(const std::string& name) const {
    return directory_ + "/accounts/" + name;
  }
  std::string renamePath(uid_t uid) const { return directory_ + "/renames/" + std::to_string(uid); }
  std::string sitePath(const std::string& domain) const { return directory_ + "/sites/" + domain; }
  Result<std::vector<std::string>> names(const std::string& folder) const;
  Result<AccountRecord> read(const std::string& name) const;
  Result<SiteRecord> readSite(const std::string& domain) const;
  Result<uid_t> lastUid() const;
  Result<AccountRecord> give(const std::string& name, const ResourceLimits& limits);
  Result<Ok> makeFolders();

  Host* host_ = nullptr;
  const Host* reader_;
  std::string directory_;
};

}  // namespace bulkhead::agent
