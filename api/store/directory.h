// Directory: everything that the control panel interface lists, read straight from one snapshot.
// Rows go to the caller one at a time, so that a list of any length costs the memory of one row.
// Accounts and domains that are still being made are not in it; suspended ones, and ones that are
// being removed, are.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::api {

class Directory {
 public:
  // Texts live as long as the callback. An owner is a reseller's name or an administrator's, where
  // "" is the main one.
  struct Account {
    std::uint32_t uid = 0;
    std::string_view username;
    std::string_view owner;
    std::string_view mainDomain;  // "" = none
    std::string_view plan;
    std::string_view planOwner;
    std::optional<std::string_view> email;
    std::optional<std::string_view> locale;
  };
  struct Package {
    std::string_view name;
    std::string_view owner;
  };
  struct Domain {
    std::string_view name;
    std::string_view username;
    std::string_view site;  // the name whose files it shows: an alias shows another one's
    bool main = false;
    std::string_view php;  // "" = the host's own
  };
  struct Reseller {
    std::string_view name;
    std::uint32_t number = 0;
    std::optional<std::string_view> email;
    std::optional<std::string_view> locale;
  };
  struct DatabaseUser {
    std::string_view username;
    std::string_view name;
  };

  // What to list; with several set, what meets all of them.
  struct Filter {
    std::optional<std::string> ownerAdmin;     // "" = the main one
    std::optional<std::string> ownerReseller;  // by name
    std::optional<std::string> package;        // by name
    std::optional<std::string> username;
    std::optional<std::uint32_t> uid;
    std::optional<std::string> name;  // of a domain or a reseller
    std::optional<std::uint32_t> number;
  };

  template <typename Row>
  using Each = std::function<void(const Row&)>;

  virtual ~Directory() = default;
  // By uid.
  virtual Result<Ok> accounts(const Filter& filter, const Each<Account>& each) const = 0;
  // The others by name.
  virtual Result<Ok> packages(const Filter& filter, const Each<Package>& each) const = 0;
  virtual Result<Ok> domains(const Filter& filter, const Each<Domain>& each) const = 0;
  virtual Result<Ok> resellers(const Filter& filter, const Each<Reseller>& each) const = 0;
  // About how many rows there are, so that a long list gets its memory at once.
  struct Sizes {
    std::size_t accounts = 0;
    std::size_t domains = 0;
  };
  virtual Result<Sizes> sizes() const = 0;
  // By account, then by name.
  virtual Result<Ok> databaseUsers(const Each<DatabaseUser>& each) const = 0;
};

}  // namespace bulkhead::api
