// AdminDatabase: the administrators' database with the sessions and tokens that were looked up in
// it. Every write goes through here, so that none can forget to empty the caches.
#pragma once
#include <memory>
#include <type_traits>
#include <utility>

#include "api/store/sqlite/database.h"
#include "common/core/record_cache.h"

namespace bulkhead::api {

struct KnownToken;
struct SessionAndPerson;

class AdminDatabase {
 public:
  explicit AdminDatabase(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}

  template <typename Work>
  std::invoke_result_t<Work, sqlite::Connection&> write(Work work) {
    const CacheEmptied sessions(sessions_);
    const CacheEmptied tokens(tokens_);
    return database_->write(std::move(work));
  }
  template <typename Work>
  std::invoke_result_t<Work, sqlite::Connection&> read(Work work) {
    return database_->read(std::move(work));
  }
  template <typename Work>
  std::invoke_result_t<Work, sqlite::Connection&> lookUp(Work work) {
    return database_->lookUp(std::move(work));
  }
  // By the hash of the secret.
  RecordCache<SessionAndPerson>& sessions() { return sessions_; }
  RecordCache<KnownToken>& tokens() { return tokens_; }

 private:
  RecordCache<SessionAndPerson> sessions_;
  RecordCache<KnownToken> tokens_;
  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace bulkhead::api
