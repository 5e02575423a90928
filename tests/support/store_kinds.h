// Every kind of store that the suites run on. A new database joins by one line in storeKinds().
#pragma once
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "api/store/sqlite/sqlite_store.h"
#include "api/store/store.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::testing {

// Where a store's rows stay, over restarts and deaths of the processes that open it. They go with
// the place.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  virtual std::unique_ptr<api::Store> open() = 0;
};

class SqlitePlace final : public StorePlace {
 public:
  std::unique_ptr<api::Store> open() override {
    return std::move(api::sqlite::SqliteStore::open(dir_.path() + "/panel.db")).value();
  }

 private:
  TempDir dir_;
};

// An empty store that can be closed and opened again, as after a restart of the process.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual api::Store& store() = 0;
  virtual void reopen() = 0;
};

class PlacedUnderTest : public StoreUnderTest {
 public:
  explicit PlacedUnderTest(std::unique_ptr<StorePlace> place)
      : place_(std::move(place)), store_(place_->open()) {}
  api::Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = place_->open();
  }

 private:
  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<api::Store> store_;
};

class SqliteUnderTest final : public PlacedUnderTest {
 public:
  SqliteUnderTest() : PlacedUnderTest(std::make_unique<SqlitePlace>()) {}
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StorePlace>()> place;
  std::unique_ptr<StoreUnderTest> make() const {
    return std::make_unique<PlacedUnderTest>(place());
  }
};
inline std::ostream& operator<<(std::ostream& out, const StoreKind& kind) {
  return out << kind.name;
}

std::vector<StoreKind> storeKinds();

}  // namespace bulkhead::testing
