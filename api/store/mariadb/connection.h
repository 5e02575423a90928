// Connection to a MariaDB server: the only use of its library. What the server says becomes a Code
// and words of our own here. One that failed in a way after which nobody knows what the server did
// stays broken: nothing runs on it any more, so that no half of a transaction is ever committed.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "api/store/mariadb/access.h"
#include "api/store/sql/connection.h"

namespace sql {  // the library's
class Connection;
class SQLException;
}  // namespace sql

namespace bulkhead::api::mariadb {

class Connection final : public sql::Connection {
 public:
  // kServing bounds every wait by seconds; kMigrating lets a statement take its time.
  enum class Use { kServing, kMigrating };
  static Result<std::unique_ptr<Connection>> open(const Access& access, Use use);
  ~Connection() override;

  Result<Ok> command(const std::string& text);  // one statement without values or rows
  bool answers();                               // asks the server

  enum class Health {
    kGood,
    kGaveWay,  // the server has taken the transaction back for another one's sake; try again
    kUndone,   // it must be taken back
    kLost      // nobody knows what the server did with what was sent last
  };
  Health health() const { return health_; }
  const Error& cause() const { return cause_; }  // of bad health
  // After a rollback that the server heard of.
  void makeGood() {
    if (health_ != Health::kLost) health_ = Health::kGood;
  }

 private:
  friend class MariadbPrepared;
  Connection() = default;
  Result<std::unique_ptr<sql::Prepared>> compile(std::string_view sql) override;
  // Runs what may throw; an exception becomes an error here.
  template <typename Work>
  auto guarded(Work work) -> Result<decltype(work())>;
  Error failure(int code);

  std::unique_ptr<::sql::Connection> handle_;
  Health health_ = Health::kGood;
  Error cause_{Code::kUnavailable, "", ""};
};

}  // namespace bulkhead::api::mariadb
