// Journal: the events of one transaction, collected while it changes things and written at its end.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "api/store/sql/connection.h"
#include "api/store/store.h"

namespace bulkhead::api::sql {

class Journal {
 public:
  explicit Journal(Connection& connection) : connection_(connection) {}
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // The first one that tells stays; of a job's changes its own request counts.
  void because(const std::string& requestId);
  void ofJob(const std::string& jobId, const std::string& requestId);

  // Of an account's belongings, or of jobs ("" = of the panel's own).
  Result<Ok> note(Event event);
  // Of what belongs to no account.
  void noteOf(const std::string& resellerId, Event event);
  // An account goes in this transaction, and what is told of it afterwards still has its owner.
  Result<Ok> remember(const std::string& accountId);

  Result<Ok> write(Events& events, std::int64_t now);

 private:
  Result<std::string> resellerOf(const std::string& accountId);

  Connection& connection_;
  std::vector<Event> events_;
  std::map<std::string, std::string> gone_;  // resellers of accounts that went
  std::string jobId_;
  std::string requestId_;
};

}  // namespace bulkhead::api::sql
