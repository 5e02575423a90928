#include "tests/support/store_kinds.h"

#include "tests/support/mariadb_place.h"

namespace bulkhead::testing {

std::vector<StoreKind> storeKinds() {
  return {{"Sqlite", [] { return std::make_unique<SqlitePlace>(); }},
          {"MariaDb", [] { return std::make_unique<MariadbPlace>(); }}};
}

}  // namespace bulkhead::testing
