// A reader of events and a panel that is killed again and again while it works: by the ids, the
// reader gets every event once.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "api/http/server.h"
#include "tests/support/event_reader.h"
#include "tests/support/keyed_life.h"
#include "tests/support/points.h"

namespace bulkhead::api {
namespace {

using testing::KeyedLife;
using namespace std::chrono_literals;

// Serves on the socket and makes plans until it is killed.
[[noreturn]] void liveAndWork(const std::string& directory, testing::StorePlace& place, int round) {
  KeyedLife life(directory, place);
  std::vector<Listener> listeners;
  listeners.push_back(
      {"test", listenOnUnixSocket(directory + "/api.sock", 0600).value(), admitUids({::getuid()})});
  Server server(std::move(listeners), [&life](const HttpRequest& request) {
    HttpRequest asRoot = request;
    asRoot.peer.uid = 0;
    return life.router().handle(asRoot);
  });
  server.start();
  for (int i = 0;; ++i) {
    const std::string name = "p" + std::to_string(round) + "x" + std::to_string(i);
    (void)life.send(Method::kPost, "/api/v1/plans", R"({"name":")" + name + R"("})");
  }
}

class EventsCrashTest : public ::testing::TestWithParam<testing::StoreKind> {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         EventsCrashTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(EventsCrashTest, AReaderGetsEveryEventOnceHoweverOftenThePanelDies) {
  testing::TempDir directory;
  const auto place = GetParam().place();
  std::mt19937 random(11);
  std::int64_t last = 0;
  constexpr int kRounds = 12;
  for (int round = 0; round < kRounds; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      liveAndWork(directory.path(), *place, round);
      ::_exit(1);
    }
    std::optional<test::EventReader> reader;
    for (int i = 0; i < 500 && (!reader || reader->status() == 0); ++i) {
      std::this_thread::sleep_for(10ms);
      reader.emplace(directory.path() + "/api.sock", "/api/v1/events?after=0",
                     last == 0 ? "" : "Last-Event-ID: " + std::to_string(last) + "\r\n");
    }
    EXPECT_EQ(reader->status(), 200);
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(std::uniform_int_distribution(30, 400)(random));
    bool killed = false;
    while (const auto seen = reader->nextEvent(killed ? 50ms : 2000ms)) {
      EXPECT_EQ(seen->id, last + 1);
      last = seen->id;
      if (killed || std::chrono::steady_clock::now() < until) continue;
      ::kill(child, SIGKILL);  // what it had sent is read to the end
      killed = true;
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    testing::notePoints(1);
  }
  const auto store = place->open();
  EXPECT_GT(last, 20);
  const auto span = store->read([](const Tables& tables) { return tables.events().span(); });
  EXPECT_EQ(span->oldest, 1);
  EXPECT_GE(span->newest, last);
  const auto made =
      store->read([](const Tables& tables) { return tables.events().after({}, 0, 1'000'000); });
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(static_cast<std::int64_t>(made->size()), span->newest);
  for (const Event& event : *made)  // none is told of what did not happen
    EXPECT_TRUE(store->read([&](const Tables& t) { return t.plans().find(event.objectId); }).ok());
}

}  // namespace
}  // namespace bulkhead::api
