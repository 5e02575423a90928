// MariadbServer: a real server of the tests' own. MariadbPlace: a database on the server that ctest
// started for the suites, or on one of this process when there is none.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "api/store/mariadb/mariadb_store.h"
#include "tests/support/store_kinds.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::testing {

class MariadbServer {
 public:
  explicit MariadbServer(const std::vector<std::string>& options = {}) { start(options); }
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;
  ~MariadbServer();
  // Again, on the same rows.
  void start(const std::vector<std::string>& options = {});
  void kill();  // -9
  void pause();
  void goOn();
  std::string path() const { return directory_.path() + "/server"; }

 private:
  int pid() const;
  TempDir directory_;
};

inline const std::string kMariadbPassword = "panel's \"secret\"";
api::mariadb::Access mariadbAccess(const std::string& serverPath, const std::string& database);
// Makes an empty one, and answers its name.
std::string makeDatabase(const std::string& serverPath);
const std::string& sharedServerPath();

class MariadbPlace final : public StorePlace {
 public:
  explicit MariadbPlace(std::string serverPath = sharedServerPath())
      : server_(std::move(serverPath)), database_(makeDatabase(server_)) {}
  ~MariadbPlace() override;
  std::unique_ptr<api::Store> open() override;
  api::mariadb::Access access() const { return mariadbAccess(server_, database_); }

 private:
  const std::string server_;
  const std::string database_;
};

}  // namespace bulkhead::testing
