// What a follower is given, how much at once, and who may follow.
#include "api/http/event_feed.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "api/http/event_json.h"
#include "tests/support/store_kinds.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

using namespace std::chrono_literals;

class EventFeedTest : public ::testing::Test {
 protected:
  void start(FeedPace pace = {}) {
    pace.look = 1ms;
    feed_.emplace(
        log_, [this] { return lockedDown_.load(); }, pace);
    feed_->start();
  }
  void addEvents(int count, std::size_t dataBytes = 10) {
    std::vector<Event> events(static_cast<std::size_t>(count));
    for (Event& event : events) {
      event.type = "plan.created";
      event.object = "plan";
      event.data = "{\"x\":\"" + std::string(dataBytes, 'y') + "\"}";
    }
    ASSERT_TRUE(store().write([&](Tables& tables) { return tables.events().add(events, 5); }).ok());
  }
  Result<std::shared_ptr<BodyStream>> follow(std::int64_t after = 0,
                                             const std::string& caller = "local:root") {
    EventFeed::Wanted wanted;
    wanted.after = after;
    wanted.form = EventForm::kLines;
    wanted.caller = caller;
    wanted.standing = [this] { return stands_.load(); };
    return feed_->follow(std::move(wanted));
  }
  // Ids of the events until there are so many, heartbeats left out.
  static std::vector<std::int64_t> idsOf(BodyStream& stream, std::size_t count) {
    std::vector<std::int64_t> ids;
    std::string rest;
    for (int i = 0; i < 5000 && ids.size() < count; ++i) {
      rest += stream.take().bytes;
      for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
        const Json event = Json::parse(rest.substr(0, end));
        rest.erase(0, end + 1);
        if (event["type"] != "heartbeat") ids.push_back(event["id"]);
      }
      std::this_thread::sleep_for(1ms);
    }
    return ids;
  }
  static bool ends(BodyStream& stream) {
    for (int i = 0; i < 5000; ++i) {
      if (stream.take().last) return true;
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  Store& store() { return under_.store(); }

  bulkhead::testing::SqliteUnderTest under_;
  EventLog log_{under_.store()};
  std::atomic<bool> lockedDown_ = false;
  std::atomic<bool> stands_ = true;
  std::optional<EventFeed> feed_;
};

TEST_F(EventFeedTest, GivesEveryEventOnceInItsOrder) {
  start();
  addEvents(350);
  auto stream = follow();
  ASSERT_TRUE(stream.ok());
  addEvents(20);
  const auto ids = idsOf(**stream, 370);
  ASSERT_EQ(ids.size(), 370U);
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(ids[i], static_cast<std::int64_t>(i + 1));
}
TEST_F(EventFeedTest, KeepsLittleForAReaderThatDoesNotTake) {
  start();
  addEvents(2000, 500);
  auto slow = follow();
  auto fast = follow();
  ASSERT_TRUE(slow.ok() && fast.ok());
  EXPECT_EQ(idsOf(**fast, 2000).size(), 2000U);
  // What fits, and what was read last.
  EXPECT_LT((*slow)->waiting(), kStreamBytesMax + 100 * 1024);
  EXPECT_EQ(idsOf(**slow, 2000).size(), 2000U);
}
TEST_F(EventFeedTest, EndsForAReaderSoSlowThatHisEventsAreGone) {
  FeedPace pace;
  pace.eventsAtOnce = 10;
  start(pace);
  addEvents(1000, 1000);
  auto slow = follow();
  ASSERT_TRUE(slow.ok());
  while ((*slow)->waiting() < kStreamBytesMax)
    std::this_thread::sleep_for(1ms);
  ASSERT_TRUE(store().write([](Tables& tables) { return tables.events().forget(5); }).ok());
  EXPECT_TRUE(ends(**slow));
}
TEST_F(EventFeedTest, TellsWhereAReaderIsWhileThereIsNothingForHim) {
  FeedPace pace;
  pace.heartbeat = 10ms;
  start(pace);
  addEvents(3);
  auto stream = follow(3);
  ASSERT_TRUE(stream.ok());
  std::string all;
  for (int i = 0; i < 1000 && all.size() < 60; ++i) {
    all += (*stream)->take().bytes;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(
      all.starts_with("{\"id\":3,\"type\":\"heartbeat\"}\n{\"id\":3,\"type\":\"heartbeat\"}\n"))
      << all;
}
TEST_F(EventFeedTest, EndsWhenItsCallerMayNotAnyMoreAndTellsNothingThen) {
  FeedPace pace;
  pace.standing = 1ms;
  start(pace);
  auto stream = follow();
  ASSERT_TRUE(stream.ok());
  stands_ = false;
  EXPECT_TRUE(ends(**stream));
  addEvents(1);
  EXPECT_EQ((*stream)->take().bytes, "");
}
TEST_F(EventFeedTest, EndsWhenALockdownBegins) {
  start();
  auto before = follow();
  lockedDown_ = true;
  EXPECT_TRUE(ends(**before));
  auto during = follow();
  addEvents(1);
  EXPECT_EQ(idsOf(**during, 1).size(), 1U);
}
TEST_F(EventFeedTest, CountsReadersAndForgetsThoseThatLeft) {
  FeedPace pace;
  pace.streams = 3;
  pace.streamsOfCaller = 2;
  start(pace);
  auto one = follow(0, "a");
  auto two = follow(0, "a");
  EXPECT_EQ(follow(0, "a").error().code, Code::kLimitExceeded);
  auto three = follow(0, "b");
  ASSERT_TRUE(three.ok());
  EXPECT_EQ(follow(0, "c").error().code, Code::kUnavailable);
  EXPECT_EQ(feed_->open(), 3U);
  *one = nullptr;
  *three = nullptr;
  for (int i = 0; i < 5000 && feed_->open() != 1; ++i)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(feed_->open(), 1U);
  EXPECT_TRUE(follow(0, "a").ok());
}
TEST_F(EventFeedTest, LetsEverybodyGoWhenItStops) {
  start();
  auto stream = follow();
  feed_->stop();
  EXPECT_TRUE(ends(**stream));
  EXPECT_EQ(follow().error().code, Code::kUnavailable);
}

TEST(EventForms, AreChosenByAccept) {
  const auto formOf = [](const std::string& accept, Method method = Method::kGet) {
    HttpRequest request;
    request.method = method;
    if (!accept.empty()) request.headers.emplace_back("accept", accept);
    return eventForm(request);
  };
  EXPECT_EQ(formOf(""), EventForm::kPage);
  EXPECT_EQ(formOf("*/*"), EventForm::kPage);
  EXPECT_EQ(formOf("application/json"), EventForm::kPage);
  EXPECT_EQ(formOf("text/event-stream"), EventForm::kServerSent);
  EXPECT_EQ(formOf("application/json;q=0.5, Text/Event-Stream ; q=1"), EventForm::kServerSent);
  EXPECT_EQ(formOf("application/x-ndjson"), EventForm::kLines);
  EXPECT_EQ(formOf("text/event-streams"), EventForm::kPage);
  EXPECT_EQ(formOf("text/event-stream", Method::kHead), EventForm::kPage);
}
TEST(EventForms, LetNoValueBeginAFieldOfItsOwn) {
  Event event;
  event.id = 7;
  event.type = "plan.created";
  event.object = "plan";
  event.name = "a\nid: 9\n\nevent: x\r\xe2\x80\xa8";
  const std::string frame = frameOf(EventForm::kServerSent, event);
  EXPECT_TRUE(frame.starts_with("id: 7\nevent: plan.created\ndata: {"));
  EXPECT_EQ(std::count(frame.begin(), frame.end(), '\n'), 4);
  EXPECT_EQ(frame.find('\r'), std::string::npos);
  const std::string line = frameOf(EventForm::kLines, event);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace bulkhead::api
