// AdminDirectory: the administrators as the use cases see them. They live in a database of their
// own, apart from the store; the use cases ask both under one lock, so that no name is an
// administrator's and a reseller's at once.
#pragma once
#include <string>
#include <string_view>

#include "api/usecases/model.h"

namespace bulkhead::api {

class AdminDirectory {
 public:
  // What the main administrator is called until there is one; nobody else ever gets the name.
  static constexpr std::string_view kMainBefore = "root";

  virtual ~AdminDirectory() = default;
  // Always answers: before the main administrator was created, its id is "" and its revision 0.
  virtual Result<Administrator> mainAdministrator() = 0;
  virtual Result<Administrator> findAdministrator(std::string_view idOrName) = 0;  // kNotFound
  virtual Result<Page<Administrator>> administrators(const PageQuery& query) = 0;  // oldest first
  // Never the main one. kAlreadyExists for a name that another one has.
  virtual Result<Ok> addAdministrator(const Administrator& admin,
                                      const std::string& passwordHash) = 0;
  // Email, locale and Unix user, by id; counts the revision. kConflict when the revision is not
  // that of `admin` any more.
  virtual Result<Administrator> changeAdministrator(const Administrator& admin) = 0;
  // With every session. kConflict for the main one.
  virtual Result<Ok> removeAdministrator(const std::string& id) = 0;

  // What resellers and users of accounts log in with, by the id that they have in the store. It is
  // made before the store commits: an id that came to nothing is never given again.
  // `passwordHash` "" = none yet.
  virtual Result<Ok> addLogin(const std::string& personId, const std::string& passwordHash) = 0;
  // Ends every session, API token, login link and reset code.
  virtual Result<Ok> endLogins(const std::string& personId) = 0;
  virtual Result<Ok> removeLogin(const std::string& personId) = 0;
  virtual Result<bool> isDisabled(const std::string& personId) = 0;
};

}  // namespace bulkhead::api
