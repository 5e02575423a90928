// Persons: who a name means, and who somebody is by now. What resellers and accounts are called,
// and whether they may come in, is asked of the store at each use: a rename, a suspension or a
// deletion holds for the next request, and a name that is given again brings nothing along.
#pragma once
#include <optional>
#include <string>

#include "api/auth/admin_store.h"
#include "api/store/store.h"
#include "common/core/result.h"

namespace bulkhead::api {

class Persons {
 public:
  Persons(AdminStore& logins, Store& store) : logins_(logins), store_(store) {}

  // An administrator, or else a reseller, or else the user of an account: a name means one person
  // at any moment. Nothing for a name that nobody has.
  Result<std::optional<Person>> byName(const std::string& name);
  // Nothing for an id that is not, or no more, anybody's.
  Result<std::optional<Person>> byId(const std::string& id);
  // Puts the name and the state of now in place. Whoever is gone, or whose account is not active,
  // is disabled.
  Result<Ok> bringUpToDate(Person& person);
  // Whether who reaches so far may act in this person's place.
  Result<bool> isBelow(const Reach& reach, const Person& person);
  // Forgets what people log in with who are not there any more. It lets nobody in, because ids are
  // never given again; but it need not be kept either.
  Result<Ok> forgetTheGone();

 private:
  Result<Person> withLogin(const std::string& id);

  AdminStore& logins_;
  Store& store_;
};

}  // namespace bulkhead::api
