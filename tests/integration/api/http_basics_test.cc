// The transport end to end over a Unix socket: plain exchanges, keep-alive, pipelining, HEAD,
// faults, peers.
#include <sys/socket.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/http_server.h"

namespace bulkhead {
namespace {

using api::HttpRequest;
using api::HttpResponse;
using api::Method;
using test::HttpClient;
using test::httpRequest;
using test::HttpTestServer;
using namespace std::chrono_literals;

HttpResponse echo(const HttpRequest& request) {
  return {200,
          {},
          "text/plain",
          std::string(api::methodName(request.method)) + " " + request.path + " " + request.body};
}

TEST(HttpServer, AnswersARequestAndKeepsTheConnection) {
  HttpTestServer server(echo);
  HttpClient client(server.path());
  for (int i = 0; i < 3; ++i) {
    const auto response = client.exchange(httpRequest("POST", "/v1/a", "body" + std::to_string(i)));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "POST /v1/a body" + std::to_string(i));
    EXPECT_EQ(response->header("connection"), "keep-alive");
    EXPECT_EQ(response->header("content-type"), "text/plain");
  }
}

TEST(HttpServer, TheHandlerSeesPeerListenerQueryAndHeaders) {
  HttpRequest seen;
  HttpTestServer server([&seen](const HttpRequest& request) {
    seen = request;
    return HttpResponse{};
  });
  HttpClient client(server.path());
  ASSERT_TRUE(client.exchange(
      httpRequest("GET", "/a?b=c%20d", "", "X-Thing: 7\r\nX-Request-Id: abcdefgh-1\r\n")));
  EXPECT_EQ(seen.peer.uid, ::getuid());
  EXPECT_EQ(seen.peer.pid, ::getpid());
  EXPECT_EQ(seen.listener, "test");
  EXPECT_EQ(seen.queryValue("b"), "c d");
  ASSERT_NE(seen.header("x-thing"), nullptr);
  EXPECT_EQ(*seen.header("x-thing"), "7");
  EXPECT_EQ(seen.requestId, "abcdefgh-1");
}

TEST(HttpServer, AMalformedRequestIdIsReplacedByARandomOne) {
  HttpTestServer server(echo);
  HttpClient client(server.path());
  const auto first = client.exchange(httpRequest("GET", "/", "", "X-Request-Id: \"><script>\r\n"));
  const auto second = client.exchange(httpRequest("GET", "/"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->header("x-request-id").size(), 32U);
  EXPECT_NE(first->header("x-request-id"), second->header("x-request-id"));
}

TEST(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
  HttpTestServer server([](const HttpRequest& request) {
    // Earlier ones take longer: an unordered server would answer the last first.
    std::this_thread::sleep_for(request.path == "/0" ? 50ms : 0ms);
    return echo(request);
  });
  HttpClient client(server.path());
  std::string all;
  for (int i = 0; i < 200; ++i)
    all += httpRequest("POST", "/" + std::to_string(i), "x");
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 200; ++i) {
    const auto response = client.receive();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body, "POST /" + std::to_string(i) + " x");
  }
}

TEST(HttpServer, ARequestInSingleBytesIsUnderstood) {
  HttpTestServer server(echo);
  HttpClient client(server.path());
  for (char c : httpRequest("PUT", "/slow", "abc"))
    ASSERT_TRUE(client.send(std::string(1, c)));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "PUT /slow abc");
}

TEST(HttpServer, HeadIsCountedButHasNoBody) {
  HttpTestServer server(echo);
  HttpClient client(server.path());
  ASSERT_TRUE(client.send(httpRequest("HEAD", "/h") + httpRequest("GET", "/g")));
  const auto head = client.receive(HttpClient::kPatience, HttpClient::Body::kNone);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("content-length"), "8");  // "HEAD /h "
  const auto get = client.receive();
  ASSERT_TRUE(get);
  EXPECT_EQ(get->body, "GET /g ");
}

TEST(HttpServer, NoContentHasNeitherBodyNorLength) {
  HttpTestServer server([](const HttpRequest&) { return HttpResponse{204, {}, "", ""}; });
  HttpClient client(server.path());
  ASSERT_TRUE(client.send(httpRequest("DELETE", "/x") + httpRequest("DELETE", "/y")));
  for (int i = 0; i < 2; ++i) {
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 204);
    EXPECT_EQ(response->header("content-length"), "");
  }
}

TEST(HttpServer, ConnectionCloseIsHonoured) {
  HttpTestServer server(echo);
  HttpClient client(server.path());
  const auto response = client.exchange(httpRequest("GET", "/", "", "Connection: close\r\n"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->header("connection"), "close");
  EXPECT_TRUE(client.closedWithin());
}

TEST(HttpServer, Http10ClosesUnlessItAsksToStay) {
  HttpTestServer server(echo);
  HttpClient closing(server.path());
  ASSERT_TRUE(closing.exchange("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(closing.closedWithin());
  HttpClient staying(server.path());
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(staying.exchange("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(HttpServer, AHalfClosedClientStillGetsItsAnswer) {
  HttpTestServer server([](const HttpRequest& request) {
    std::this_thread::sleep_for(50ms);
    return echo(request);
  });
  HttpClient client(server.path());
  ASSERT_TRUE(client.send(httpRequest("GET", "/half")));
  client.endInput();
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "GET /half ");
  EXPECT_TRUE(client.closedWithin());
}

TEST(HttpServer, AnExceptionIsAGenericAnswerAndReachesTheLog) {
  std::atomic<int> faults{0};
  api::ServerOptions options;
  options.onFault = [&faults](const HttpRequest& request, std::string_view what) {
    if (!request.requestId.empty() && what.find("secret") != std::string_view::npos) ++faults;
  };
  HttpTestServer server(
      [](const HttpRequest& request) -> HttpResponse {
        if (request.path == "/int") throw 7;
        throw std::runtime_error("secret detail");
      },
      options);
  HttpClient client(server.path());
  for (const char* path : {"/", "/int"}) {
    const auto response = client.exchange(httpRequest("GET", path));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 500);
    EXPECT_EQ(response->header("content-type"), "application/problem+json");
    EXPECT_NE(response->body.find(R"("code":"internal")"), std::string::npos);
    EXPECT_EQ(response->body.find("secret"), std::string::npos);
  }
  EXPECT_EQ(faults, 1);
}

TEST(HttpServer, AHandlerCannotBreakOutOfAHeader) {
  HttpTestServer server([](const HttpRequest& request) {
    HttpResponse response;
    if (request.path == "/value") response.headers = {{"Location", "/x\r\nSet-Cookie: evil=1"}};
    if (request.path == "/name") response.headers = {{"Bad Name", "x"}};
    if (request.path == "/own") response.headers = {{"Content-Length", "0"}};
    if (request.path == "/type") response.contentType = "a\nb";
    if (request.path == "/status") response.status = 99;
    return response;
  });
  HttpClient client(server.path());
  for (const char* path : {"/value", "/name", "/own", "/type", "/status"}) {
    const auto response = client.exchange(httpRequest("GET", path));
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->status, 500) << path;
    EXPECT_EQ(response->header("set-cookie"), "") << path;
  }
}

TEST(HttpServer, APeerOfAnotherUidIsClosedAndReported) {
  std::atomic<int> refused{0};
  api::ServerOptions options;
  options.onRefusedPeer = [&refused](std::string_view listener, const api::Peer& peer) {
    if (listener == "test" && peer.uid == ::getuid()) ++refused;
  };
  HttpTestServer server(echo, options, api::admitUids({::getuid() + 1}));
  HttpClient client(server.path());
  EXPECT_FALSE(client.exchange(httpRequest("GET", "/")));
  EXPECT_TRUE(client.rest().empty());
  EXPECT_EQ(refused, 1);
}

TEST(HttpServer, WithoutAPeerRuleNobodyGetsIn) {
  HttpTestServer server(echo, {}, nullptr);
  HttpClient client(server.path());
  EXPECT_FALSE(client.exchange(httpRequest("GET", "/")));
}

TEST(HttpServer, EachListenerHasItsOwnRuleAndName) {
  HttpTestServer holder(echo);  // only for its directory
  const std::string one = holder.path() + ".one";
  const std::string two = holder.path() + ".two";
  std::vector<api::Listener> listeners;
  listeners.push_back(
      {"gateway", api::listenOnUnixSocket(one, 0600).value(), api::admitUids({::getuid()})});
  listeners.push_back(
      {"cpapi", api::listenOnUnixSocket(two, 0600).value(), api::admitUids({::getuid() + 1})});
  api::Server server(std::move(listeners), [](const HttpRequest& request) {
    return HttpResponse{200, {}, "text/plain", request.listener};
  });
  server.start();
  const auto response = HttpClient(one).exchange(httpRequest("GET", "/"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "gateway");
  EXPECT_FALSE(HttpClient(two).exchange(httpRequest("GET", "/")));
}

TEST(HttpServer, ALargeAnswerArrivesWhole) {
  const std::string large(5'000'000, 'x');
  HttpTestServer server([&large](const HttpRequest&) {
    return HttpResponse{200, {}, "text/plain", large};
  });
  HttpClient client(server.path());
  const auto response = client.exchange(httpRequest("GET", "/"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, large);
}

TEST(HttpServer, ABodyOfTheLargestSizeArrivesWhole) {
  HttpTestServer server([](const HttpRequest& request) {
    return HttpResponse{200, {}, "text/plain", std::to_string(request.body.size())};
  });
  HttpClient client(server.path());
  const auto response =
      client.exchange(httpRequest("POST", "/", std::string(api::kBodyBytesMax, 'x')));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, std::to_string(api::kBodyBytesMax));
}

TEST(HttpServer, StoppingLetsARunningRequestFinish) {
  std::atomic<bool> running{false};
  auto server = std::make_unique<HttpTestServer>([&running](const HttpRequest& request) {
    running = true;
    std::this_thread::sleep_for(200ms);
    return echo(request);
  });
  HttpClient idle(server->path());
  ASSERT_TRUE(idle.exchange(httpRequest("GET", "/first")));
  HttpClient busy(server->path());
  running = false;
  ASSERT_TRUE(busy.send(httpRequest("GET", "/last")));
  while (!running)
    std::this_thread::sleep_for(1ms);
  server->server().stop();
  const auto response = busy.receive(100ms);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "GET /last ");
  EXPECT_TRUE(idle.closedWithin(100ms));
  EXPECT_FALSE(HttpClient(server->path()).exchange(httpRequest("GET", "/late"), 50ms));
  EXPECT_EQ(server->server().openConnections(), 0U);
}

}  // namespace
}  // namespace bulkhead
