// Events: the table of what has changed. Only a transaction's end writes into it.
#pragma once
#include <cstdint>
#include <vector>

#include "api/usecases/event.h"

namespace bulkhead::api {

class Events {
 public:
  virtual ~Events() = default;
  // Gives each its id and `now`, in this order; forgets the oldest beyond kEventsKept.
  virtual Result<Ok> add(std::vector<Event>& events, std::int64_t now) = 0;
  // Keeps the newest `kept` only.
  virtual Result<Ok> forget(std::int64_t kept) = 0;
  // Newest first.
  virtual Result<Page<Event>> list(const EventFilter& filter, const PageQuery& query) const = 0;
  // Oldest first, only those after `after`; goes on by the last one's id.
  virtual Result<std::vector<Event>> after(const EventFilter& filter,
                                           std::int64_t after,
                                           std::uint32_t atMost) const = 0;
  virtual Result<EventSpan> span() const = 0;
};

}  // namespace bulkhead::api
