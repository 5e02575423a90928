// People: the administrators and resellers to whom accounts and plans belong. No name is an
// administrator's and a reseller's at once, and whoever owns something goes only when somebody else
// takes it over.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/jobs/runner.h"
#include "api/usecases/model.h"
#include "api/usecases/owners.h"
#include "common/core/clock.h"

namespace bulkhead::api {

// A change of a value that may be absent: nothing = stays, an empty inside = is taken away.
template <typename T>
using Patch = std::optional<std::optional<T>>;

struct NewReseller {
  std::string name;
  std::optional<std::string> email = {};
  std::optional<std::string> locale = {};
  std::string account = {};  // its own hosting account; "" = none
  std::string owner = {};    // an administrator; "" = the main one
  std::uint32_t accountsMax = 0;
  std::string passwordHash = {};  // what it logs in with; "" = nothing yet
};
struct ResellerChange {
  std::optional<std::string> name = {};
  Patch<std::string> email = {};
  Patch<std::string> locale = {};
  Patch<std::string> account = {};
  std::optional<std::string> owner = {};
  std::optional<std::uint32_t> accountsMax = {};  // may be less than it has: it gets no more then
};
struct NewAdministrator {
  std::string name;
  std::string passwordHash;
  std::optional<std::string> email = {};
  std::optional<std::string> locale = {};
  std::optional<std::string> unixUser = {};
};
struct AdministratorChange {  // names stay
  Patch<std::string> email = {};
  Patch<std::string> locale = {};
  Patch<std::string> unixUser = {};
};

class People {
 public:
  virtual ~People() = default;
  // kConflict before there is a main administrator: his name is not known yet.
  virtual Result<Reseller> createReseller(const Actor& actor, const NewReseller& wanted) = 0;
  virtual Result<Page<Reseller>> resellers(const PageQuery& query) = 0;
  virtual Result<Reseller> reseller(std::string_view idOrName) = 0;
  virtual Result<Reseller> changeReseller(const Actor& actor,
                                          std::string_view idOrName,
                                          const ResellerChange& change,
                                          const Expected& expected) = 0;
  // kConflict, with counts, while it owns anything and `reassignTo` is "". What it owns moves and
  // it goes in one transaction.
  virtual Result<Ok> deleteReseller(const Actor& actor,
                                    std::string_view idOrName,
                                    const std::string& reassignTo,
                                    const Expected& expected) = 0;

  virtual Result<Administrator> createAdministrator(const Actor& actor,
                                                    const NewAdministrator& wanted) = 0;
  virtual Result<Page<Administrator>> administrators(const PageQuery& query) = 0;
  virtual Result<Administrator> administrator(std::string_view idOrName) = 0;
  virtual Result<Administrator> changeAdministrator(const Actor& actor,
                                                    std::string_view idOrName,
                                                    const AdministratorChange& change,
                                                    const Expected& expected) = 0;
  // As deleteReseller(); the main one never goes.
  virtual Result<Ok> deleteAdministrator(const Actor& actor,
                                         std::string_view idOrName,
                                         const std::string& reassignTo,
                                         const Expected& expected) = 0;
};

std::unique_ptr<People> makePeople(Store& store,
                                   Owners& owners,
                                   JobRunner& runner,
                                   const Clock& clock);

}  // namespace bulkhead::api
