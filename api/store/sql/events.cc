// Events in a table.
#include <algorithm>
#include <limits>

#include "api/store/cursor.h"
#include "api/store/reach_sql.h"
#include "api/store/sql/repositories.h"

namespace bulkhead::api::sql {
namespace {

#define EVENT_COLUMNS                                                                           \
  "id, time, type, object, object_id, name, account_id, reseller_id, job_id, request_id, data " \
  "FROM events WHERE "

Event readEvent(const Statement& row) {
  Event event;
  event.id = row.integer(0);
  event.time = row.integer(1);
  event.type = row.text(2);
  event.object = row.text(3);
  event.objectId = row.text(4);
  event.name = row.text(5);
  event.accountId = row.text(6);
  event.resellerId = row.text(7);
  event.jobId = row.text(8);
  event.requestId = row.text(9);
  event.data = row.text(10);
  return event;
}

// The end of a WHERE and what it binds, from parameter `first` on.
class Conditions {
 public:
  Conditions(const EventFilter& filter, int first) : first_(first) {
    add("type", filter.type);
    add("object", filter.object);
    add("object_id", filter.objectId);
    add("job_id", filter.jobId);
    PageQuery reach;
    reach.within = filter.within;
    text_ += withinReach(reach, "account_id=#", "reseller_id=#", next());
    if (bindsReach(reach)) values_.push_back(filter.within.id);
  }
  const std::string& text() const { return text_; }
  void bind(Statement& statement) const {
    for (std::size_t i = 0; i < values_.size(); ++i)
      statement.bind(first_ + static_cast<int>(i), values_[i]);
  }

 private:
  int next() const { return first_ + static_cast<int>(values_.size()); }
  void add(const char* column, const std::string& value) {
    if (value.empty()) return;
    text_ += std::string(" AND ") + column + "=?" + std::to_string(next());
    values_.push_back(value);
  }

  int first_;
  std::string text_;
  std::vector<std::string> values_;
};

struct Row {  // what a page is made of: its cursor goes by the id, and the id alone
  Event event;
  std::int64_t createdAt = 0;
  std::string id;
};

}  // namespace

Result<Ok> SqlEvents::add(std::vector<Event>& events, std::int64_t now) {
  if (events.empty()) return Ok{};
  TRY(expectOneRow(connection_.run("UPDATE counters SET value=value+? WHERE name='event'",
                                   static_cast<std::int64_t>(events.size())),
                   "the counter of events is gone"));
  TRY_ASSIGN(const EventSpan counted, span());
  std::int64_t id = counted.newest - static_cast<std::int64_t>(events.size());
  for (Event& event : events) {
    event.id = ++id;
    event.time = now;
    TRY(connection_.run(
        "INSERT INTO events(id, time, type, object, object_id, name, account_id, "
        "reseller_id, job_id, request_id, data) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        event.id, event.time, event.type, event.object, event.objectId, event.name, event.accountId,
        event.resellerId, event.jobId, event.requestId, event.data));
  }
  return forget(kEventsKept);
}

Result<Ok> SqlEvents::forget(std::int64_t kept) {
  TRY_ASSIGN(const EventSpan counted, span());
  TRY(connection_.run("DELETE FROM events WHERE id<=?", counted.newest - kept));
  return Ok{};
}

Result<Page<Event>> SqlEvents::list(const EventFilter& filter, const PageQuery& query) const {
  PageQuery within = query;
  within.within = filter.within;
  const std::string list = listName("events", within);
  const Position newest{std::numeric_limits<std::int64_t>::max(), ""};
  TRY_ASSIGN(const Position before, startOf(list, query, newest));
  const Conditions conditions(filter, 3);
  auto statement = connection_.prepare(
      "SELECT " EVENT_COLUMNS "id<?1" + conditions.text() + " ORDER BY id DESC LIMIT ?2",
      before.createdAt, pageSize(query) + 1);
  conditions.bind(statement);
  TRY_ASSIGN(auto rows, collectRows(statement, [](const Statement& row) {
               return Row{readEvent(row), row.integer(0), ""};
             }));
  Page<Row> page = makePage(list, std::move(rows), query);
  Page<Event> events{{}, page.nextCursor};
  for (auto& row : page.items)
    events.items.push_back(std::move(row.event));
  return events;
}

Result<std::vector<Event>> SqlEvents::after(const EventFilter& filter,
                                            std::int64_t after,
                                            std::uint32_t atMost) const {
  const Conditions conditions(filter, 3);
  auto statement = connection_.prepare(
      "SELECT " EVENT_COLUMNS "id>?1" + conditions.text() + " ORDER BY id LIMIT ?2", after, atMost);
  conditions.bind(statement);
  return collectRows(statement, readEvent);
}

Result<EventSpan> SqlEvents::span() const {
  auto row = connection_.prepare(
      "SELECT c.value, (SELECT min(id) FROM events) FROM counters c WHERE c.name='event'");
  TRY_ASSIGN(const bool there, row.step());
  if (!there) return Error{Code::kInternal, "the counter of events is gone", ""};
  EventSpan span;
  span.newest = row.integer(0);
  span.oldest = row.isNull(1) ? span.newest + 1 : row.integer(1);
  return span;
}

}  // namespace bulkhead::api::sql
