#include "api/store/sql/journal.h"

#include <utility>

namespace bulkhead::api::sql {

void Journal::because(const std::string& requestId) {
  if (requestId_.empty()) requestId_ = requestId;
}

void Journal::ofJob(const std::string& jobId, const std::string& requestId) {
  if (jobId_.empty()) jobId_ = jobId;
  because(requestId);
}

Result<Ok> Journal::note(Event event) {
  TRY_ASSIGN(event.resellerId, resellerOf(event.accountId));
  events_.push_back(std::move(event));
  return Ok{};
}

void Journal::noteOf(const std::string& resellerId, Event event) {
  event.resellerId = resellerId;
  events_.push_back(std::move(event));
}

Result<Ok> Journal::remember(const std::string& accountId) {
  TRY_ASSIGN(gone_[accountId], resellerOf(accountId));
  return Ok{};
}

Result<std::string> Journal::resellerOf(const std::string& accountId) {
  if (accountId.empty()) return std::string();
  if (const auto known = gone_.find(accountId); known != gone_.end()) return known->second;
  auto account = connection_.prepare("SELECT reseller_id FROM accounts WHERE id=?", accountId);
  TRY_ASSIGN(const bool there, account.step());
  if (there) return account.text(0);
  // A job outlives the account that it takes away: whose that was, its last event says.
  auto last = connection_.prepare(
      "SELECT reseller_id FROM events WHERE account_id=? ORDER BY id DESC LIMIT 1", accountId);
  TRY_ASSIGN(const bool told, last.step());
  return told ? last.text(0) : std::string();
}

Result<Ok> Journal::write(Events& events, std::int64_t now) {
  for (Event& event : events_) {
    if (event.object == "job") continue;  // knows its own
    event.jobId = jobId_;
    event.requestId = requestId_;
  }
  TRY(events.add(events_, now));
  events_.clear();
  return Ok{};
}

}  // namespace bulkhead::api::sql
