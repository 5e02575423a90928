#include "api/http/event_feed.h"

#include <algorithm>
#include <utility>

#include "api/http/event_json.h"

namespace bulkhead::api {

// How many follow; outlives the feed as long as a connection holds a stream.
struct EventFeed::Places {
  std::mutex mutex;
  std::size_t all = 0;
  std::size_t tenants = 0;
  std::map<std::string, std::size_t> ofCaller;  // only callers that have one

  void give(const std::string& caller, bool tenant) {
    const std::lock_guard lock(mutex);
    --all;
    if (tenant) --tenants;
    if (const auto found = ofCaller.find(caller); --found->second == 0) ofCaller.erase(found);
  }
};

struct EventFeed::Reader final : BodyStream {
  Reader(Wanted what, std::shared_ptr<Places> taken, Now now)
      : wanted(std::move(what)),
        places(std::move(taken)),
        tenant(!wanted.filter.within.everything()),
        position(wanted.after),
        toldAt(now),
        provedAt(now) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() override { places->give(wanted.caller, tenant); }

  const Wanted wanted;
  const std::shared_ptr<Places> places;
  const bool tenant;
  // Of the ticker's thread.
  std::int64_t position;
  bool behind = true;  // there may be more than was read
  bool over = false;
  Now toldAt;
  Now provedAt;
};

EventFeed::EventFeed(EventLog& log, std::function<bool()> isLockedDown, Pace pace)
    : log_(log),
      isLockedDown_(std::move(isLockedDown)),
      pace_(pace),
      places_(std::make_shared<Places>()),
      wasLockedDown_(isLockedDown_()),
      ticker_("api-events", pace.look, [this] { tick(); }) {}

void EventFeed::stop() {
  ticker_.stop();
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  for (const auto& reader : living())
    reader->end();
}

Result<std::shared_ptr<BodyStream>> EventFeed::follow(Wanted wanted) {
  const bool tenant = !wanted.filter.within.everything();
  {
    const std::lock_guard lock(places_->mutex);
    const auto found = places_->ofCaller.find(wanted.caller);
    if (found != places_->ofCaller.end() && found->second >= pace_.streamsOfCaller)
      return Error{Code::kLimitExceeded, "you follow enough events already; end one first", ""};
    if (places_->all >= pace_.streams || (tenant && places_->tenants >= pace_.tenantStreams))
      return Error{Code::kUnavailable, "too many follow events now", ""};
    ++places_->all;
    if (tenant) ++places_->tenants;
    ++places_->ofCaller[wanted.caller];
  }
  const EventForm form = wanted.form;
  const std::int64_t from = wanted.after;
  auto reader =
      std::make_shared<Reader>(std::move(wanted), places_, std::chrono::steady_clock::now());
  reader->push(greeting(form, from));
  const std::lock_guard lock(mutex_);
  if (stopped_) return Error{Code::kUnavailable, "the server is about to end", ""};
  readers_.push_back(reader);
  return std::shared_ptr<BodyStream>(std::move(reader));
}

std::size_t EventFeed::open() const {
  const std::lock_guard lock(places_->mutex);
  return places_->all;
}

std::vector<std::shared_ptr<EventFeed::Reader>> EventFeed::living() {
  std::vector<std::shared_ptr<Reader>> found;
  const std::lock_guard lock(mutex_);
  std::erase_if(readers_, [&found](const std::weak_ptr<Reader>& weak) {
    auto reader = weak.lock();
    if (reader) found.push_back(std::move(reader));
    return weak.expired();
  });
  return found;
}

void EventFeed::tick() {
  const auto readers = living();
  const bool lockedDown = isLockedDown_();
  // Streams that begin while it is on are root's, who looks on.
  const bool ends = !std::exchange(wasLockedDown_, lockedDown) && lockedDown;
  // Asked before reading: what comes in between is read now or seen as a change next time.
  const std::uint64_t changes = log_.changes();
  const bool changed = std::exchange(seen_, changes) != changes;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& reader : readers) {
    if (ends) reader->over = true;
    if (!reader->over) serve(*reader, changed, now);
    if (reader->over) reader->end();
  }
}

void EventFeed::serve(Reader& reader, bool changed, Now now) {
  // Before anything is read for him: what he may not see any more he does not get.
  if (now - reader.provedAt >= pace_.standing) {
    reader.provedAt = now;
    reader.over = reader.wanted.standing && !reader.wanted.standing();
    if (reader.over) return;
  }
  // What waits is bounded; how long it may wait, the connection says.
  if (changed) reader.behind = true;
  if (reader.behind && reader.waiting() < kStreamBytesMax && read(reader)) reader.toldAt = now;
  if (now - reader.toldAt >= pace_.heartbeat && reader.waiting() < kStreamBytesMax) {
    reader.push(heartbeat(reader.wanted.form, reader.position));
    reader.toldAt = now;
  }
}

// Whether there was something for him.
bool EventFeed::read(Reader& reader) {
  const auto later = log_.after(reader.wanted.filter, reader.position, pace_.eventsAtOnce);
  if (!later.ok()) return false;  // the store is away: again next time
  // So slow that what he has not read is gone; he is told when he comes again.
  reader.over = later->gone;
  std::string frames;
  for (const Event& event : later->events) {
    frames += frameOf(reader.wanted.form, event);
    if (!reader.wanted.untilJobEnds || !isLastOfJob(event.type)) continue;
    reader.over = true;
    break;
  }
  if (!frames.empty()) reader.push(frames);
  if (reader.over) return true;
  reader.position = later->next;
  reader.behind = later->more;
  if (!reader.behind && reader.wanted.jobHasEnded) reader.over = true;
  return !frames.empty();
}

}  // namespace bulkhead::api
