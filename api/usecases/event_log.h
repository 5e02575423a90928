// EventLog: reading events, for whoever reaches them.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "api/store/store.h"
#include "api/usecases/event.h"

namespace bulkhead::api {

class EventLog {
 public:
  explicit EventLog(Store& store) : store_(store) {}

  // Newest first.
  Result<Page<Event>> list(const EventFilter& filter, const PageQuery& query);

  struct Later {
    std::vector<Event> events;  // oldest first
    EventSpan span;             // of the whole log, as it was then
    bool gone = false;          // something after `after` is not kept, or never was
    // Where to go on: at the last of these, or at the end when there is nothing more.
    std::int64_t next = 0;
    bool more = false;
  };
  Result<Later> after(const EventFilter& filter, std::int64_t after, std::uint32_t atMost);
  // The same as a page whose cursor goes on where it ends; nullopt = gone.
  Result<std::optional<Page<Event>>> page(const EventFilter& filter,
                                          std::int64_t after,
                                          const PageQuery& query);
  // As long as it stays the same, so does what a read sees.
  std::uint64_t changes() const { return store_.changes(); }

 private:
  Store& store_;
};

}  // namespace bulkhead::api
