// Whose answer is it? Clients that hang up early must never make another client receive their
// answer.
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/http_server.h"

namespace bulkhead {
namespace {

using api::HttpRequest;
using api::HttpResponse;
using test::HttpClient;
using test::httpRequest;
using test::HttpTestServer;
using namespace std::chrono_literals;

constexpr int kClients = 32;

struct Tally {
  std::atomic<int> left{50'000};
  std::atomic<int> own{0};
  std::atomic<int> foreign{0};
  std::atomic<int> failed{0};
  std::atomic<int> hungUp{0};
};

// One client: each request carries a text of its own that its answer must repeat.
void runClient(const std::string& path, unsigned seed, unsigned hangUpPercent, Tally& tally) {
  std::minstd_rand random(seed);
  HttpClient client(path);
  for (int i = 0; tally.left.fetch_sub(1) > 0; ++i) {
    if (!client.connected()) client = HttpClient(path);
    const std::string mine = std::to_string(seed) + "." + std::to_string(i);
    const char* lane = random() % 4 == 0 ? "/inline/" : "/pool/";
    if (!client.connected() || !client.send(httpRequest("POST", lane + mine, mine))) {
      ++tally.failed;
      client.hangUp();
      continue;
    }
    if (random() % 100 < hangUpPercent) {
      ++tally.hungUp;
      if (random() % 2 == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 1000));
      client =
          HttpClient(path);  // at once: the server is likely to give it the descriptor just freed
      continue;
    }
    const auto response = client.receive();
    ++(!response ? tally.failed : response->body == mine ? tally.own : tally.foreign);
    if (!response) client.hangUp();
  }
}

api::ServerOptions crosstalkOptions() {
  api::ServerOptions options;
  options.workerThreads = 16;
  options.laneOf = [](const HttpRequest& request) {
    return request.path.rfind("/inline/", 0) == 0 ? api::Lane::kInline : api::Lane::kWorker;
  };
  return options;
}

HttpResponse slowEcho(const HttpRequest& request) {
  if (request.path.rfind("/pool/", 0) == 0)
    std::this_thread::sleep_for(std::chrono::microseconds(200 + request.body.size() * 50));
  return {200, {}, "text/plain", request.body};
}

void expectNoForeignAnswers(unsigned hangUpPercent) {
  HttpTestServer server(slowEcho, crosstalkOptions());
  Tally tally;
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < kClients; ++i) {
    clients.emplace_back([&server, &tally, i, hangUpPercent] {
      runClient(server.path(), i + 1, hangUpPercent, tally);
    });
  }
  for (auto& client : clients)
    client.join();
  EXPECT_EQ(tally.foreign, 0);
  EXPECT_EQ(tally.failed, 0);
  EXPECT_EQ(tally.own + tally.hungUp, 50'000);
  EXPECT_GT(tally.own, static_cast<int>(50'000 * (95 - hangUpPercent) / 100));
  testing::Test::RecordProperty("hung_up", tally.hungUp);
}

TEST(HttpCrosstalk, NoForeignAnswerInFiftyThousandAtHalfHangUps) { expectNoForeignAnswers(50); }

TEST(HttpCrosstalk, NoForeignAnswerInFiftyThousandAtFewHangUps) { expectNoForeignAnswers(2); }

TEST(HttpCrosstalk, StoppingUnderLoadMixesUpNothing) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> stop{false};
    std::atomic<int> foreign{0};
    HttpTestServer server(slowEcho, crosstalkOptions());
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&, i] {
        for (int n = 0; !stop; ++n) {
          const std::string mine = std::to_string(i) + "." + std::to_string(n);
          HttpClient client(server.path());
          if (!client.connected()) return;
          const auto response = client.exchange(httpRequest("POST", "/pool/x", mine), 2s);
          if (response && response->body != mine) ++foreign;
        }
      });
    }
    std::this_thread::sleep_for(50ms);
    // The socket still exists, so late clients only wait in the backlog: tell them to stop first.
    stop = true;
    server.server().stop();
    for (auto& client : clients)
      client.join();
    EXPECT_EQ(foreign, 0);
    EXPECT_EQ(server.server().openConnections(), 0U);
  }
}

}  // namespace
}  // namespace bulkhead
