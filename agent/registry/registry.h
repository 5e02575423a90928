// Registry: the agent's own, root-owned record of accounts and sites, one small JSON file each
// under kStateDirectory. It is what the agent believes; the API's claims never override it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "common/types/domain_name.h"
#include "common/types/limits.h"
#include "common/types/username.h"

namespace bulkhead::agent {

inline constexpr const char* kStateDirectory = "/var/lib/bulkhead/agent";
inline constexpr uid_t kUidFirst =
    20000;  // the managed range: above people (1000-19999), below sub-uids and nobody
inline constexpr uid_t kUidLast = 59999;
inline constexpr std::uint32_t kSubUidBase = 524288;
inline constexpr std::uint32_t kSubUidCount = 65536;

enum class AccountState { kCreating, kActive, kSuspended, kDeleting };

struct AccountRecord {
  Identity identity;
  AccountState state = AccountState::kCreating;
  ResourceLimits limits;
};

enum class SiteMode { kServe, kSuspended };
struct SiteRecord {
  std::string account;
  std::string domain;
  std::vector<std::string> aliases;
  SiteMode mode = SiteMode::kServe;
};

class Registry {
 public:
  explicit Registry(Host& host) : host_(&host), reader_(&host) {}
  explicit Registry(const Host& host)
      : reader_(&host) {}  // reads only; a write through it is a programmer's fault

  Result<AccountRecord> find(const Username& name) const;  // kNotFound
  Result<AccountRecord> findActive(
      const Username& name) const;  // also kConflict when suspended or being deleted
  Result<std::vector<AccountRecord>> list(const std::string& after, std::size_t limit) const;
  // Gives the name a uid that no account ever had, durably, before any system file names it. A name
  // that has a record gets that one.
  Result<AccountRecord> allocate(const Username& name, const ResourceLimits& limits);
  Result<Ok> put(const AccountRecord& record);
  Result<Ok> retire(const AccountRecord& record);  // the record goes, the uid stays used for ever

  Result<SiteRecord> findSite(const DomainName& domain) const;  // kNotFound
  Result<std::vector<SiteRecord>> sites() const;
  Result<std::vector<SiteRecord>> sitesOf(const Username& name) const;
  // kConflict when another account holds the name, a parent or a child of it, or has it as alias.
  Result<Ok> checkDomain(const Username& name, const DomainName& domain) const;
  Result<Ok> putSite(const SiteRecord& site);
  Result<Ok> removeSite(const DomainName& domain);

 private:
  Host* host_ = nullptr;
  const Host* reader_;
};

}  // namespace bulkhead::agent
