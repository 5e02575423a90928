// The documents of the scripts, each from one snapshot. What is asked for has passed the grammar,
// and who asks may have it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/cpapi/mysql_access.h"
#include "api/cpapi/php_catalogue.h"
#include "api/store/directory.h"
#include "api/usecases/model.h"
#include "common/core/result.h"
#include "common/cpapi/query.h"

namespace bulkhead::api {

// A whole document, or why there is none: the script's own answer (cpapi::Fault), or that the data
// cannot be had now (Error).
using Documented = std::variant<std::string, cpapi::Fault, Error>;

// Every administrator, the main one among them, by name.
class Admins {
 public:
  explicit Admins(std::vector<Administrator> all);
  const std::vector<Administrator>& all() const { return all_; }
  const std::string& mainName() const { return main_; }
  const Administrator* find(std::string_view name) const;
  // As printed: "" of the store is the main one.
  std::string_view ownerName(std::string_view stored) const {
    return stored.empty() ? std::string_view(main_) : stored;
  }
  // True when an administrator is known to the host as this user.
  bool haveUnixUser(std::string_view user) const;

 private:
  std::vector<Administrator> all_;
  std::string main_;
};

Documented usersDocument(const Directory& directory,
                         const Admins& admins,
                         const cpapi::Query& query);
Documented packagesDocument(const Directory& directory,
                            const Admins& admins,
                            const cpapi::Query& query);
Documented resellersDocument(const Directory& directory, const cpapi::Query& query);
Documented adminsDocument(const Admins& admins, const cpapi::Query& query);
Documented databaseDocument(const Directory& directory, const std::optional<MysqlAccess>& access);
Documented phpDocument(const PhpVersions& versions);

// `owner` narrows the answer to one user's domains, `php` adds the block about PHP.
// `self`: everything that the user of this uid may see, and nothing else exists for him.
Documented domainsDocument(const Directory& directory,
                           const cpapi::Query& query,
                           const std::optional<std::uint32_t>& self,
                           const PhpVersions* php);

// Room for a full list: growing step by step would hold it two and three times. What is not used of
// it never becomes memory.
inline constexpr std::size_t kUserBytes = 256;
inline constexpr std::size_t kDomainBytes = 192;
inline constexpr std::size_t kPhpBytes = 192;

}  // namespace bulkhead::api
