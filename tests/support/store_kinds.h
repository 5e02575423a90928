// Every kind of store that the suites run on. A new database joins by one line in storeKinds().
#pragma once
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "api/store/sqlite/sqlite_store.h"
#include "api/store/store.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::testing {

// An empty store that can be closed and opened again, as after a restart of the process.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual api::Store& store() = 0;
  virtual void reopen() = 0;
};

class SqliteUnderTest final : public StoreUnderTest {
 public:
  SqliteUnderTest() { reopen(); }
  api::Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = std::move(api::sqlite::SqliteStore::open(dir_.path() + "/panel.db")).value();
  }

 private:
  TempDir dir_;
  std::unique_ptr<api::sqlite::SqliteStore> store_;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};
inline std::ostream& operator<<(std::ostream& out, const StoreKind& kind) {
  return out << kind.name;
}

inline std::vector<StoreKind> storeKinds() {
  return {{"Sqlite", [] { return std::make_unique<SqliteUnderTest>(); }}};
}

}  // namespace bulkhead::testing
