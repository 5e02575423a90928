// MariadbStore: the store on a MariaDB server.
#pragma once
#include <memory>

#include "api/store/mariadb/database.h"
#include "api/store/store.h"

namespace bulkhead::api::mariadb {

Migrations storeMigrations();

class MariadbStore final : public Store {
 public:
  static Result<std::unique_ptr<MariadbStore>> open(const Access& access);
  std::uint64_t changes() const override { return database_->changes(); }

 private:
  explicit MariadbStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Result<Ok> writeTransaction(const std::function<Result<Ok>(Tables&)>& work) override;
  Result<Ok> readTransaction(const std::function<Result<Ok>(const Tables&)>& work) override;

  std::unique_ptr<Database> database_;
};

}  // namespace bulkhead::api::mariadb
