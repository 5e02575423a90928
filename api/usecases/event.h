// Events: what has changed, in the order in which it became true. A change writes its events in its
// own transaction, so that none is lost and none is told of what did not happen.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/usecases/model.h"
#include "common/core/result.h"

namespace bulkhead::api {

// So many are kept, the newest: a busy day of a full server (1,000 accounts with some 30 changes
// each, a job of three events behind every one) in about 40 MB. Who was away for longer is told so.
inline constexpr std::int64_t kEventsKept = 100'000;

// Every type there is. What follows the dot is what became of the object.
inline constexpr std::array<std::string_view, 36> kEventTypes{
    "account.activated",     "account.created",  "account.deleted",
    "account.deleting",      "account.failed",   "account.handed_over",
    "account.purged",        "account.renamed",  "account.restored",
    "account.suspended",     "account.updated",  "database_user.created",
    "database_user.deleted", "domain.activated", "domain.created",
    "domain.deleted",        "domain.removing",  "domain.renamed",
    "domain.updated",        "job.created",      "job.failed",
    "job.rolled_back",       "job.running",      "job.step_failed",
    "job.step_running",      "job.step_skipped", "job.step_succeeded",
    "job.step_undone",       "job.succeeded",    "job.undoing",
    "plan.created",          "plan.deleted",     "plan.updated",
    "reseller.created",      "reseller.deleted", "reseller.updated"};
inline constexpr std::array<std::string_view, 6> kEventObjects{
    "account", "database_user", "domain", "job", "plan", "reseller"};
// After one of these a job has no more events.
inline constexpr std::array<std::string_view, 3> kLastEventTypes{"job.failed", "job.rolled_back",
                                                                 "job.succeeded"};
bool isLastOfJob(std::string_view type);

struct Event {
  std::int64_t id = 0;    // counts up without gaps, in the order of commits
  std::int64_t time = 0;  // when the change was written
  std::string type;       // one of kEventTypes
  std::string object;     // what comes before the dot
  std::string objectId;   // of a database user its name
  std::string name;       // of the object, as it was called then; of a job its kind
  // Whose it was when it happened: who reaches that account, or as this reseller, sees the event.
  std::string accountId = {};   // "" = no account's
  std::string resellerId = {};  // "" = an administrator's
  std::string jobId = {};       // the job that it belongs to; "" = none
  std::string requestId = {};   // of whoever asked for the change
  std::string data = "{}";      // a small JSON object; never a secret
};

struct EventFilter {  // "" = any
  std::string type = {};
  std::string object = {};
  std::string objectId = {};
  std::string jobId = {};
  Reach within = {};
};

// Ids of what is kept; oldest is newest + 1 when nothing is.
struct EventSpan {
  std::int64_t oldest = 1;
  std::int64_t newest = 0;
  // Nothing after `id` is missing. 0 stands for whatever is the first.
  bool follows(std::int64_t id) const { return id == 0 || (id + 1 >= oldest && id <= newest); }
};

}  // namespace bulkhead::api
