// EventFeed: everybody who follows events. One thread looks whether something has changed, reads
// for each reader what he may see, and hands it to the socket's thread; it waits for no reader.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/http/body_stream.h"
#include "api/http/limits.h"
#include "api/http/problem.h"
#include "api/http/request_wishes.h"
#include "api/usecases/event_log.h"
#include "api/usecases/ticker.h"

namespace bulkhead::api {

struct FeedPace {
  // A change is told so much later at most: below what a person notices.
  std::chrono::milliseconds look{200};
  // Proxies give up after a minute without a byte; a reader that has left is found as fast.
  std::chrono::milliseconds heartbeat{15'000};
  // How long a stream outlives the session or token that opened it.
  std::chrono::milliseconds standing{1'000};
  std::size_t streams = kStreamsMax;
  std::size_t tenantStreams = kTenantStreamsMax;
  std::size_t streamsOfCaller = kStreamsOfCallerMax;
  std::uint32_t eventsAtOnce = 100;  // some 60 KB
};

class EventFeed {
 public:
  using Pace = FeedPace;
  // The log must outlive it; whoever follows is let go by stop().
  EventFeed(EventLog& log, std::function<bool()> isLockedDown, Pace pace = {});
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;
  ~EventFeed() { stop(); }

  void start() { ticker_.start(); }
  void stop();  // ends every stream, and takes no new ones

  struct Wanted {
    EventFilter filter;
    std::int64_t after = 0;
    EventForm form = EventForm::kServerSent;
    std::string caller;
    std::function<bool()> standing;  // asked again and again; false ends it
    bool untilJobEnds = false;
    bool jobHasEnded = false;  // nothing more will come than what is there
  };
  // kLimitExceeded: this caller has enough. kUnavailable: too many, or the server is about to end.
  Result<std::shared_ptr<BodyStream>> follow(Wanted wanted);
  std::size_t open() const;

 private:
  struct Reader;
  struct Places;
  using Now = std::chrono::steady_clock::time_point;

  void tick();
  std::vector<std::shared_ptr<Reader>> living();
  void serve(Reader& reader, bool changed, Now now);
  bool read(Reader& reader);

  EventLog& log_;
  const std::function<bool()> isLockedDown_;
  const Pace pace_;
  const std::shared_ptr<Places> places_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  std::vector<std::weak_ptr<Reader>> readers_;
  // Of the ticker's thread alone.
  bool wasLockedDown_ = false;
  std::uint64_t seen_ = ~std::uint64_t{0};
  Ticker ticker_;  // last
};

}  // namespace bulkhead::api
