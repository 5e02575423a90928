// Following events over a real socket: what comes, to whom, from where on, and when it ends.
#include <set>
#include <thread>

#include "tests/integration/api/tenants_scene.h"
#include "tests/support/event_reader.h"

namespace bulkhead::test {
namespace {

using namespace std::chrono_literals;

class EventsTest : public Tenants {
 protected:
  api::FeedPace feedPace() override {
    api::FeedPace pace;
    pace.look = 5ms;
    pace.heartbeat = 300ms;
    pace.standing = 20ms;
    pace.streams = 6;
    pace.tenantStreams = 4;
    pace.streamsOfCaller = 2;
    return pace;
  }
  EventReader follow(const std::string& secret,
                     const std::string& target = "/api/v1/events",
                     const std::string& lines = "") {
    return EventReader(pathOf(As::kGateway), target,
                       "Authorization: Bearer " + secret + "\r\n" + lines);
  }
  EventReader followAsRoot(const std::string& target = "/api/v1/events",
                           const std::string& lines = "",
                           const std::string& form = "text/event-stream") {
    return EventReader(pathOf(As::kRoot), target, lines, form);
  }
  static std::string from(std::int64_t id) {
    return "Last-Event-ID: " + std::to_string(id) + "\r\n";
  }
  std::int64_t newest() { return json(root("GET", "/api/v1/events"))["data"][0]["id"]; }
  bool allGone() {
    for (int i = 0; i < 500 && feed_->open() != 0; ++i)
      std::this_thread::sleep_for(10ms);
    return feed_->open() == 0;
  }
  void addPlan(const std::string& name) { make("/api/v1/plans", {{"name", name}}); }
};

TEST_F(EventsTest, ComeAsTheyHappen) {
  EventReader reader = followAsRoot();
  ASSERT_EQ(reader.status(), 200);
  EXPECT_EQ(reader.head().header("content-type"), "text/event-stream");
  EXPECT_EQ(reader.head().header("x-accel-buffering"), "no");
  EXPECT_EQ(reader.head().header("cache-control"), "no-store");
  const auto greeting = reader.next();
  ASSERT_TRUE(greeting.has_value());
  EXPECT_EQ(greeting->id, newest());
  addPlan("small");
  const auto seen = reader.nextEvent();
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->type, "plan.created");
  EXPECT_EQ(seen->id, greeting->id + 1);
  const Json event = Json::parse(seen->data);
  EXPECT_EQ(event["name"], "small");
  EXPECT_EQ(event["id"], seen->id);
  EXPECT_EQ(event, json(root("GET", "/api/v1/events?limit=1"))["data"][0]);
  const auto heartbeat = reader.next(2s);
  ASSERT_TRUE(heartbeat.has_value());
  EXPECT_EQ(heartbeat->type, "");
  EXPECT_EQ(heartbeat->id, seen->id);
}
TEST_F(EventsTest, ComeAsLinesOnRequest) {
  EventReader reader = followAsRoot("/api/v1/events?after=0", "", "application/x-ndjson");
  ASSERT_EQ(reader.status(), 200);
  EXPECT_EQ(reader.head().header("content-type"), "application/x-ndjson");
  EXPECT_EQ(reader.client().until("\n"), "{\"id\":0,\"type\":\"heartbeat\"}\n");
  for (int id = 1; id <= 3; ++id) {
    const Json event = Json::parse(reader.client().until("\n"));
    EXPECT_EQ(event["id"], id);
  }
}
TEST_F(EventsTest, GoOnAfterTheLastOneThatWasRead) {
  std::vector<std::int64_t> ids;
  std::int64_t last = 0;
  for (int round = 0; round < 5; ++round) {
    EventReader reader = followAsRoot("/api/v1/events?after=0", last == 0 ? "" : from(last));
    ASSERT_EQ(reader.status(), 200);
    addPlan("p" + std::to_string(round));
    for (int i = 0; i < 4; ++i) {
      const auto seen = reader.nextEvent();
      ASSERT_TRUE(seen.has_value());
      ids.push_back(last = seen->id);
    }
  }
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(ids[i], static_cast<std::int64_t>(i + 1));
}
TEST_F(EventsTest, ShowEachCallerOnlyHisOwn) {
  const std::int64_t before = newest();
  std::map<std::string, EventReader> readers;
  for (const char* name : {"rita", "carol", "rolf", "dora"})
    readers.emplace(name, follow(session_[name], "/api/v1/events", from(before)));
  make("/api/v1/accounts/carol/actions/suspend", Json());
  make("/api/v1/accounts/dora/domains", {{"name", "more.dora.example.com"}});
  for (const char* name : {"rita", "carol"}) {
    SCOPED_TRACE(name);
    ASSERT_EQ(readers.at(name).status(), 200);
    if (name == std::string("carol")) continue;  // her session ends with the suspension
    while (const auto seen = readers.at(name).nextEvent()) {
      EXPECT_EQ(seen->data.find("dora"), std::string::npos) << seen->data;
      EXPECT_EQ(seen->data.find("rolf"), std::string::npos) << seen->data;
      if (seen->type == "job.succeeded") break;
    }
    EXPECT_GT(readers.at(name).lastId(), before);
  }
  for (const char* name : {"rolf", "dora"}) {
    SCOPED_TRACE(name);
    std::string all;
    while (const auto seen = readers.at(name).nextEvent()) {
      all += seen->data;
      if (seen->type == "job.succeeded") break;
    }
    EXPECT_NE(all.find("more.dora.example.com"), std::string::npos);
    EXPECT_EQ(all.find("carol"), std::string::npos);
    EXPECT_EQ(all.find("rita"), std::string::npos);
  }
}
TEST_F(EventsTest, OfAJobEndWithIt) {
  EventReader live = [&] {
    const auto made = root("POST", "/api/v1/accounts/carol/actions/suspend");
    EXPECT_EQ(made.status, 202);
    return followAsRoot("/api/v1/jobs/" + json(made).value("id", "") + "/events");
  }();
  ASSERT_EQ(live.status(), 200);
  const auto types = live.typesUntil("job.succeeded");
  ASSERT_FALSE(types.empty());
  EXPECT_EQ(types.front(), "job.created");
  EXPECT_EQ(types.back(), "job.succeeded");
  EXPECT_TRUE(live.client().closedWithin(2s));
  // Once more when it is over: the same, and from its last event on nothing.
  const std::string path = "/api/v1/jobs/" + job_["carol"] + "/events";
  EventReader again = followAsRoot(path);
  EXPECT_EQ(again.typesUntil("job.succeeded").back(), "job.succeeded");
  EXPECT_TRUE(again.client().closedWithin(2s));
  EventReader nothing = followAsRoot(path, from(again.lastId()));
  ASSERT_EQ(nothing.status(), 200);
  EXPECT_TRUE(nothing.client().closedWithin(2s));
  EXPECT_EQ(nothing.client().rest().find("data:"), std::string::npos);
  // Whoever reaches the job may, nobody else.
  EXPECT_EQ(follow(session_["rita"], path).status(), 200);
  EXPECT_EQ(follow(session_["rolf"], path).status(), 404);
}
TEST_F(EventsTest, AreFilteredStrictly) {
  for (const auto& [query, status] :
       std::map<std::string, int>{{"type=plan.created", 200},
                                  {"object=account&object_id=acc_x", 200},
                                  {"type=plan", 400},
                                  {"type=account.exploded", 400},
                                  {"object=ghost", 400},
                                  {"after=-1", 400},
                                  {"after=x", 400},
                                  {"nothing=1", 400}}) {
    EXPECT_EQ(root("GET", "/api/v1/events?" + query).status, status) << query;
    EXPECT_EQ(followAsRoot("/api/v1/events?" + query).status(), status) << query;
  }
  const Json plans = json(root("GET", "/api/v1/events?type=plan.created"))["data"];
  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[0]["name"], "rolfs");
  EventReader reader = followAsRoot("/api/v1/events?type=plan.created&after=0");
  for (const char* name : {"ritas", "rolfs"})
    EXPECT_EQ(Json::parse(reader.nextEvent()->data)["name"], name);
}
TEST_F(EventsTest, SayWhenSomethingIsNotKeptAnyMore) {
  ASSERT_TRUE(
      panelStore_->write([](api::Tables& tables) { return tables.events().forget(3); }).ok());
  const std::int64_t last = newest();
  expectProblem(root("GET", "/api/v1/events?after=1"), 410, "events_gone");
  EXPECT_EQ(followAsRoot("/api/v1/events", from(1)).status(), 410);
  EXPECT_EQ(followAsRoot("/api/v1/events", from(last - 4)).status(), 410);
  EXPECT_EQ(followAsRoot("/api/v1/events", from(last - 3)).status(), 200);
  EXPECT_EQ(followAsRoot("/api/v1/events", from(last + 1)).status(), 410);
  EXPECT_EQ(followAsRoot("/api/v1/events", "Last-Event-ID: x\r\n").status(), 400);
  EXPECT_EQ(json(root("GET", "/api/v1/events?after=0"))["data"].size(), 3U);
}
TEST_F(EventsTest, AreFollowedBySoManyAndNoMore) {
  {
    EventReader first = follow(session_["rita"]);
    EventReader second = follow(session_["rita"]);
    EventReader third = follow(session_["rita"]);
    EXPECT_EQ(second.status(), 200);
    EXPECT_EQ(third.status(), 429);
    EXPECT_NE(third.head().header("retry-after"), "");
    EventReader dora = follow(session_["dora"]);
    EventReader rolf = follow(session_["rolf"]);
    EXPECT_EQ(rolf.status(), 200);
    EXPECT_EQ(follow(session_["carol"]).status(), 503);
    EventReader one = follow(token_);  // administrators find room
    EventReader two = follow(token_);
    EXPECT_EQ(two.status(), 200);
    EXPECT_EQ(followAsRoot().status(), 503);
    EXPECT_EQ(root("GET", "/api/v1/events").status, 200);
  }
  EXPECT_TRUE(allGone());
  EXPECT_EQ(follow(session_["carol"]).status(), 200);
}
TEST_F(EventsTest, AreOverForWhoeverLeaves) {
  for (int round = 0; round < 30; ++round) {
    EventReader reader = followAsRoot("/api/v1/events?after=0");
    ASSERT_TRUE(reader.status() == 200 || reader.status() == 429) << reader.status();
    if (round % 2 == 0) addPlan("p" + std::to_string(round));
    reader.client().hangUp();
    if (reader.status() == 429) std::this_thread::sleep_for(20ms);
  }
  EXPECT_TRUE(allGone());
}
TEST_F(EventsTest, EndWithTheSessionOrTokenThatOpenedThem) {
  EventReader session = follow(session_["carol"]);
  EventReader token = follow(apiToken_["dora"]);
  EventReader other = follow(session_["dora"]);
  ASSERT_EQ(session.status(), 200);
  ASSERT_EQ(token.status(), 200);
  EXPECT_EQ(by(session_["carol"], "DELETE", "/api/v1/sessions/current").status, 204);
  EXPECT_EQ(by(session_["dora"], "DELETE", "/api/v1/tokens/" + tokenId_["dora"]).status, 204);
  EXPECT_TRUE(session.client().closedWithin(5s));
  EXPECT_TRUE(token.client().closedWithin(5s));
  EXPECT_FALSE(other.client().closedWithin(100ms));
}
TEST_F(EventsTest, DoNotKeepASessionAlive) {
  EventReader reader = follow(session_["carol"]);
  ASSERT_EQ(reader.status(), 200);
  clock_.advance(api::Authority::kSessionIdleMicros / 1'000'000 + 1);
  EXPECT_TRUE(reader.client().closedWithin(5s));
}
TEST_F(EventsTest, EndWhenALockdownBeginsAndCanBeFollowedByRootThen) {
  EventReader admin = follow(token_);
  EventReader before = followAsRoot();
  ASSERT_EQ(before.status(), 200);
  agent_.lockdown = {true, 1};
  ASSERT_TRUE(lockdown_.refresh().ok());
  EXPECT_TRUE(admin.client().closedWithin(5s));
  EXPECT_TRUE(before.client().closedWithin(5s));
  EventReader looksOn = followAsRoot();
  EXPECT_EQ(looksOn.status(), 200);
  EXPECT_FALSE(looksOn.client().closedWithin(100ms));
}
TEST_F(EventsTest, EndWhenTheServerIsAboutTo) {
  EventReader reader = followAsRoot();
  ASSERT_EQ(reader.status(), 200);
  feed_->stop();
  EXPECT_TRUE(reader.client().closedWithin(5s));
  EXPECT_EQ(followAsRoot().status(), 503);
}

}  // namespace
}  // namespace bulkhead::test
