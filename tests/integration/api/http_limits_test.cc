// Slow and greedy clients, slow handlers, too many connections, no descriptors left.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <iterator>
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

HttpResponse echo(const HttpRequest& request) { return {200, {}, "text/plain", request.body}; }

api::ServerOptions quick() {
  api::ServerOptions options;
  options.limits.tick = 10ms;
  return options;
}

// Sends a byte at a time until the server answers or closes; whatever it answers, within 5 s.
std::optional<test::ClientResponse> drip(HttpClient& client, const std::string& bytes) {
  const auto until = std::chrono::steady_clock::now() + 5s;
  for (char c : bytes) {
    if (!client.send(std::string(1, c)) || std::chrono::steady_clock::now() > until) break;
    if (auto response = client.receive(20ms)) return response;
  }
  return client.receive(1s);
}

TEST(HttpLimits, ASlowHeadIsCutOnAFreshAndOnAKeptConnection) {
  auto options = quick();
  options.limits.headTime = 150ms;
  HttpTestServer server(echo, options);
  HttpClient client(server.path());
  for (const char* first : {"fresh", "kept"}) {
    if (first == std::string("kept")) {
      client = HttpClient(server.path());
      ASSERT_TRUE(client.exchange(httpRequest("GET", "/")));
    }
    const auto response =
        drip(client, "GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(1000, 'x'));
    ASSERT_TRUE(response) << first;
    EXPECT_EQ(response->status, 408);
    EXPECT_TRUE(client.closedWithin(2s));
  }
}

TEST(HttpLimits, ASlowBodyIsCut) {
  auto options = quick();
  options.limits.bodyTime = 150ms;
  HttpTestServer server(echo, options);
  HttpClient client(server.path());
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"));
  const auto response = drip(client, std::string(999, 'x'));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_TRUE(client.closedWithin(2s));
}

TEST(HttpLimits, IdleConnectionsAreClosedWithoutAWord) {
  auto options = quick();
  options.limits.headTime = 500ms;
  options.limits.idleTime = 100ms;
  HttpTestServer server(echo, options);
  HttpClient silent(server.path());
  EXPECT_TRUE(silent.closedWithin(5s));
  EXPECT_TRUE(silent.rest().empty());
  HttpClient idle(server.path());
  ASSERT_TRUE(idle.exchange(httpRequest("GET", "/")));
  EXPECT_TRUE(idle.closedWithin(5s));
  EXPECT_TRUE(idle.rest().empty());
}

double cpuSeconds() {
  rusage used{};
  (void)::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

TEST(HttpLimits, AClientThatDoesNotReadHoldsUpNobodyAndIsCut) {
  auto options = quick();
  options.ioThreads = 1;
  options.limits.writeTime = 3s;
  HttpTestServer server(
      [](const HttpRequest& request) {
        return HttpResponse{200,
                            {},
                            "text/plain",
                            request.path == "/large" ? std::string(8'000'000, 'x') : "small"};
      },
      options);
  HttpClient stalled(server.path());
  ASSERT_TRUE(stalled.send(httpRequest("GET", "/large")));
  std::this_thread::sleep_for(200ms);
  const double cpuBefore = cpuSeconds();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {
    const auto response = HttpClient(server.path()).exchange(httpRequest("GET", "/small"), 2s);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "small");
    std::this_thread::sleep_for(50ms);
  }
  // A spinning thread uses about all of the time that passes.
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(cpuSeconds() - cpuBefore, passed.count() / 2);
  for (int i = 0; i < 1000 && server.server().openConnections() > 0; ++i) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(server.server().openConnections(), 0U);
  EXPECT_FALSE(stalled.receive(2s));  // only the part that was in the socket
}

TEST(HttpLimits, AClientThatSendsAheadWaitsInItsSocket) {
  auto options = quick();
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  HttpTestServer server(
      [opened](const HttpRequest& request) {
        opened.wait();
        return echo(request);
      },
      options);
  HttpClient client(server.path());
  const std::string body(500'000, 'x');
  int sent = 0;
  while (sent < 100 && client.send(httpRequest("POST", "/", body), 200ms))
    ++sent;
  EXPECT_LT(sent, 10);  // the server holds 1 MiB and a socket buffer, not 50 MB
  gate.set_value();
  for (int i = 0; i < sent; ++i)
    ASSERT_TRUE(client.receive());
}

TEST(HttpLimits, AStuckHandlerIsAnsweredForAndItsLateAnswerGoesNowhere) {
  auto options = quick();
  options.limits.handlerTime = 500ms;
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  HttpTestServer server(
      [opened](const HttpRequest& request) {
        if (request.path == "/stuck") opened.wait();
        return echo(request);
      },
      options);
  HttpClient stuck(server.path());
  const auto response = stuck.exchange(httpRequest("POST", "/stuck", "late"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 504);
  EXPECT_TRUE(stuck.closedWithin(5s));
  HttpClient next(server.path());  // most likely on the same descriptor
  gate.set_value();
  for (int i = 0; i < 20; ++i) {
    const auto own = next.exchange(httpRequest("POST", "/next", "own"));
    ASSERT_TRUE(own);
    EXPECT_EQ(own->body, "own");
  }
}

TEST(HttpLimits, ASocketThreadThatIsHeldUpIsNoticed) {
  auto options = quick();
  options.ioThreads = 1;
  options.laneOf = [](const HttpRequest&) { return api::Lane::kInline; };
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  HttpTestServer server(
      [opened](const HttpRequest& request) {
        opened.wait();
        return echo(request);
      },
      options);
  const auto comesRoundWithin = [&server](std::chrono::milliseconds patience) {
    (void)server.server().comesRound();  // wakes the thread
    for (const auto end = std::chrono::steady_clock::now() + patience;
         std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(10ms))
      if (server.server().comesRound()) return true;
    return false;
  };
  EXPECT_TRUE(comesRoundWithin(5s));
  HttpClient client(server.path());
  ASSERT_TRUE(client.send(httpRequest("GET", "/")));
  EXPECT_TRUE([&] {  // the request is on its way for a moment
    for (int i = 0; i < 500; ++i)
      if (!comesRoundWithin(10ms)) return true;
    return false;
  }());
  EXPECT_FALSE(comesRoundWithin(300ms));
  gate.set_value();
  EXPECT_TRUE(comesRoundWithin(5s));
}

TEST(HttpLimits, WaitingRequestsDoNotHoldUpOthers) {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  HttpTestServer server(
      [opened](const HttpRequest& request) {
        if (request.header("prefer")) opened.wait();
        return echo(request);
      },
      quick());
  std::vector<HttpClient> waiting;
  for (std::size_t i = 0; i < 2 * api::kWaitingThreads; ++i) {
    waiting.emplace_back(server.path());
    ASSERT_TRUE(waiting.back().send(httpRequest("POST", "/jobs", "done", "Prefer: wait=25\r\n")));
  }
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(HttpClient(server.path()).exchange(httpRequest("GET", "/fast"))) << i;
  gate.set_value();
  for (auto& client : waiting) {
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "done");
  }
}

TEST(HttpLimits, AFullQueueIsAnsweredAtOnce) {
  auto options = quick();
  options.workerThreads = 1;
  options.limits.queuedRequests = 1;
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  HttpTestServer server(
      [opened](const HttpRequest& request) {
        opened.wait();
        return echo(request);
      },
      options);
  std::vector<HttpClient> clients;
  int busy = 0;
  for (int i = 0; i < 6; ++i) {
    clients.emplace_back(server.path());
    const auto response = clients.back().exchange(httpRequest("GET", "/"), 1s);
    if (!response) continue;
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->header("retry-after"), "1");
    ++busy;
  }
  EXPECT_GE(busy, 3);  // one runs, one waits, one may have slipped in between
  gate.set_value();
}

TEST(HttpLimits, ConnectionsAreCappedAndFreedAgain) {
  auto options = quick();
  options.limits.connections = 4;
  HttpTestServer server(echo, options);
  std::vector<HttpClient> held;
  for (int i = 0; i < 4; ++i) {
    held.emplace_back(server.path());
    ASSERT_TRUE(held.back().exchange(httpRequest("GET", "/")));
  }
  const auto refused = HttpClient(server.path()).receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  held.pop_back();
  while (server.server().openConnections() > 3)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(HttpClient(server.path()).exchange(httpRequest("GET", "/")).value().status, 200);
}

TEST(HttpLimits, OneListenerCannotUseUpTheConnectionsOfAnother) {
  HttpTestServer holder(echo);
  std::vector<api::Listener> listeners;
  for (const char* name : {"one", "two"}) {
    listeners.push_back({name, api::listenOnUnixSocket(holder.path() + name, 0600).value(),
                         api::admitUids({::getuid()}), 2});
  }
  api::Server server(std::move(listeners), echo, quick());
  server.start();
  HttpClient first(holder.path() + "one");
  HttpClient second(holder.path() + "one");
  ASSERT_TRUE(first.exchange(httpRequest("GET", "/")) && second.exchange(httpRequest("GET", "/")));
  EXPECT_EQ(HttpClient(holder.path() + "one").receive().value().status, 503);
  EXPECT_EQ(HttpClient(holder.path() + "two").exchange(httpRequest("GET", "/")).value().status,
            200);
}

std::ptrdiff_t openDescriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return std::distance(begin(entries), end(entries));
}

TEST(HttpLimits, EndedConnectionsLeaveNoDescriptorBehind) {
  HttpTestServer server(echo, quick());
  const std::ptrdiff_t before = openDescriptors();
  for (int i = 0; i < 300; ++i) {
    HttpClient client(server.path());
    (void)client.send(i % 3 == 0 ? "BAD\r\n\r\n" : httpRequest("GET", "/"));
    if (i % 2 == 0) {
      EXPECT_TRUE(client.receive());
    }
  }
  // The last of them may not even be accepted yet; what leaks stays for ever.
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (openDescriptors() > before && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(1ms);
  EXPECT_LE(openDescriptors(), before);
}

TEST(HttpLimits, RunningOutOfDescriptorsIsWaitedOutWithoutSpinning) {
  HttpTestServer server(echo, quick());
  ASSERT_TRUE(HttpClient(server.path()).exchange(httpRequest("GET", "/")));
  while (server.server().openConnections() > 0)
    std::this_thread::sleep_for(1ms);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // Relative to what is open: the stock reactor leaves a few eventfds behind with each server of
  // this process.
  const Fd highest(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  const rlimit small{static_cast<rlim_t>(highest.get()) + 64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &small), 0);
  std::vector<Fd> fillers;
  for (;;) {
    Fd filler(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!filler) break;
    fillers.push_back(std::move(filler));
  }
  ASSERT_FALSE(fillers.empty());
  fillers.pop_back();
  HttpClient client(
      server.path());  // takes the last descriptor: the server has none to accept with
  ASSERT_TRUE(client.connected());
  const double cpuBefore = cpuSeconds();
  EXPECT_FALSE(client.exchange(httpRequest("POST", "/", "patient"), 500ms));
  EXPECT_LT(cpuSeconds() - cpuBefore, 0.25);
  fillers.clear();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const auto response = client.receive(5s);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "patient");
}

}  // namespace
}  // namespace bulkhead
