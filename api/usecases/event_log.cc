#include "api/usecases/event_log.h"

#include <algorithm>

#include "api/store/cursor.h"

namespace bulkhead::api {

bool isLastOfJob(std::string_view type) {
  return std::find(kLastEventTypes.begin(), kLastEventTypes.end(), type) != kLastEventTypes.end();
}

Result<Page<Event>> EventLog::list(const EventFilter& filter, const PageQuery& query) {
  return store_.read([&](const Tables& tables) { return tables.events().list(filter, query); });
}

Result<EventLog::Later> EventLog::after(const EventFilter& filter,
                                        std::int64_t after,
                                        std::uint32_t atMost) {
  return store_.read([&](const Tables& tables) -> Result<Later> {
    Later later;
    TRY_ASSIGN(later.span, tables.events().span());
    later.gone = !later.span.follows(after);
    if (later.gone) return later;
    TRY_ASSIGN(later.events, tables.events().after(filter, after, atMost));
    later.more = later.events.size() >= atMost;
    later.next = later.more ? later.events.back().id : later.span.newest;
    return later;
  });
}

Result<std::optional<Page<Event>>> EventLog::page(const EventFilter& filter,
                                                  std::int64_t after,
                                                  const PageQuery& query) {
  const std::string list = "later_events" + filter.within.id;  // goes the other way than list()
  TRY_ASSIGN(const Position start, startOf(list, query, Position{after, ""}));
  TRY_ASSIGN(auto later, this->after(filter, start.createdAt, pageSize(query)));
  if (later.gone) return std::optional<Page<Event>>();
  Page<Event> page{std::move(later.events), ""};
  if (later.more) page.nextCursor = printCursor(list, {later.next, ""});
  return std::optional<Page<Event>>(std::move(page));
}

}  // namespace bulkhead::api
