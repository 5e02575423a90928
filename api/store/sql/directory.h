// The directory from tables.
#pragma once
#include "api/store/directory.h"
#include "api/store/sql/connection.h"

namespace bulkhead::api::sql {

class SqlDirectory final : public Directory {
 public:
  explicit SqlDirectory(Connection& connection) : connection_(connection) {}
  Result<Ok> accounts(const Filter& filter, const Each<Account>& each) const override;
  Result<Ok> packages(const Filter& filter, const Each<Package>& each) const override;
  Result<Ok> domains(const Filter& filter, const Each<Domain>& each) const override;
  Result<Ok> resellers(const Filter& filter, const Each<Reseller>& each) const override;
  Result<Sizes> sizes() const override;
  Result<Ok> databaseUsers(const Each<DatabaseUser>& each) const override;

 private:
  Connection& connection_;
};

}  // namespace bulkhead::api::sql
