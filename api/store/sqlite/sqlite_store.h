// SqliteStore: the embedded store, one file.
#pragma once
#include <memory>
#include <string>

#include "api/store/sqlite/database.h"
#include "api/store/store.h"

namespace bulkhead::api::sqlite {

Migrations storeMigrations();

class SqliteStore final : public Store {
 public:
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& path);
  std::uint64_t changes() const override { return database_->changes(); }

 private:
  explicit SqliteStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Result<Ok> writeTransaction(const std::function<Result<Ok>(Tables&)>& work) override;
  Result<Ok> readTransaction(const std::function<Result<Ok>(const Tables&)>& work) override;

  std::unique_ptr<Database> database_;
};

}  // namespace bulkhead::api::sqlite
