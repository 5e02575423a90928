// Owners: turns the panel name of an administrator or a reseller into what the store keeps, and
// back. The one place that asks both databases. Ask inside a write transaction of the store: it is
// the lock under which people come and go, so that an owner cannot vanish between the question and
// the commit.
#pragma once
#include <functional>
#include <mutex>
#include <string>

#include "api/store/store.h"
#include "api/usecases/admin_directory.h"

namespace bulkhead::api {

class Owners {
 public:
  explicit Owners(AdminDirectory& admins) : admins_(admins) {}

  // "" is the main administrator. kNotFound, at `field`, for a name that nobody has.
  Result<Owner> find(const Tables& tables, const std::string& name, const char* field) const;
  // The same, an administrator only.
  Result<Owner> findAdmin(const std::string& name, const char* field) const;
  // kLimitExceeded when a reseller has no room for `more` accounts.
  static Result<Ok> refuseFull(const Tables& tables,
                               const Owner& owner,
                               std::uint32_t more,
                               const char* field);
  // Puts the main administrator's name where the store has "".
  template <typename Owned>
  Result<Owned> shown(Owned owned) const {
    if (!owned.owner.empty()) return owned;
    TRY_ASSIGN(owned.owner, mainName());
    return owned;
  }
  template <typename Owned>
  Result<Page<Owned>> shownPage(Page<Owned> page) const {
    TRY_ASSIGN(const std::string main, mainName());
    for (auto& owned : page.items)
      if (owned.owner.empty()) owned.owner = main;
    return page;
  }
  Result<bool> worksAnAdministratorAs(const std::string& unixUser) const;
  // kConflict while an administrator works as this Unix user.
  Result<Ok> refuseAdministratorsUser(const std::string& username) const;
  // The same, at `field`, while one works as the user of an account of the reseller's.
  Result<Ok> refuseAdministratorsUsersOf(const Tables& tables,
                                         const std::string& resellerId,
                                         const char* field) const;
  AdminDirectory& admins() { return admins_; }

 private:
  using UnixUserVisitor =
      std::function<Result<Ok>(const std::string& unixUser, const std::string& administrator)>;
  // Until one of them is refused.
  Result<Ok> eachUnixUser(const UnixUserVisitor& visit) const;
  Result<std::string> mainName() const;

  AdminDirectory& admins_;
  mutable std::mutex mutex_;
  mutable std::string mainName_;  // once it is known: it never changes
};

// What a caller may require of what it changes: the revision that it read.
using Expected = std::optional<std::uint64_t>;
Result<Ok> refuseChanged(const Expected& expected, std::uint64_t revision);  // kConflict

}  // namespace bulkhead::api
