// Streams at the transport: pieces as they come, readers that are slow, leave or talk, and the end.
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "api/http/body_stream.h"
#include "tests/support/http_client.h"
#include "tests/support/http_server.h"

namespace bulkhead {
namespace {

using api::BodyStream;
using api::HttpRequest;
using api::HttpResponse;
using test::HttpClient;
using test::httpRequest;
using test::HttpTestServer;
using namespace std::chrono_literals;

class HttpStreams : public ::testing::Test {
 protected:
  void serve(std::chrono::milliseconds writeTime = 5s) {
    api::ServerOptions options;
    options.limits.tick = 10ms;
    options.limits.writeTime = writeTime;
    server_ = std::make_unique<HttpTestServer>(
        [this](const HttpRequest& request) {
          HttpResponse response;
          response.contentType = "text/plain";
          response.body = "whole";
          if (request.path != "/stream") return response;
          auto stream = std::make_shared<BodyStream>();
          stream_ = stream;
          response.stream = std::move(stream);
          opened_ = true;
          return response;
        },
        options);
  }
  HttpClient open(std::string_view method = "GET") {
    opened_ = false;
    HttpClient client(server_->path());
    EXPECT_TRUE(client.send(httpRequest(method, "/stream")));
    const auto head = client.receive();
    EXPECT_TRUE(head.has_value());
    EXPECT_EQ(head->header("content-length"), "");
    EXPECT_EQ(head->header("connection"), method == "GET" ? "close" : "keep-alive");
    return client;
  }
  bool gone() {
    for (int i = 0; i < 500 && !stream_.expired(); ++i)
      std::this_thread::sleep_for(10ms);
    return stream_.expired();
  }
  void push(const std::string& bytes) {
    if (const auto stream = stream_.lock()) stream->push(bytes);
  }
  std::weak_ptr<BodyStream> stream_;
  std::atomic<bool> opened_ = false;
  std::unique_ptr<HttpTestServer> server_;
};

TEST_F(HttpStreams, GiveEachPieceAtOnceAndEndWithTheConnection) {
  serve();
  HttpClient client = open();
  for (const char* piece : {"one;", "two;", "three;"}) {
    push(piece);
    EXPECT_EQ(client.until(";"), piece);
  }
  push("last;");
  if (const auto stream = stream_.lock()) stream->end();
  EXPECT_TRUE(client.closedWithin(2s));
  EXPECT_EQ(client.rest(), "last;");
  EXPECT_TRUE(gone());
}
TEST_F(HttpStreams, OutliveEveryTimeLimitWhileTheyAreSilent) {
  serve(100ms);
  HttpClient client = open();
  std::this_thread::sleep_for(400ms);
  push("late;");
  EXPECT_EQ(client.until(";"), "late;");
}
TEST_F(HttpStreams, CutASlowReaderOff) {
  serve(200ms);
  HttpClient client = open();
  push(std::string(8U << 20U, 'x'));  // more than a socket holds
  EXPECT_TRUE(gone());
  EXPECT_TRUE(client.closedWithin(5s));
  EXPECT_LT(client.rest().size(), 8U << 20U);
}
TEST_F(HttpStreams, GoWithAReaderThatLeavesOrTalks) {
  serve();
  HttpClient leaves = open();
  leaves.hangUp();
  EXPECT_TRUE(gone());
  HttpClient halfCloses = open();
  halfCloses.endInput();
  EXPECT_TRUE(gone());
  HttpClient talks = open();
  EXPECT_TRUE(talks.send(httpRequest("GET", "/other")));
  EXPECT_TRUE(gone());
  EXPECT_TRUE(talks.closedWithin(2s));
  EXPECT_EQ(talks.rest(), "");
}
TEST_F(HttpStreams, HoldUpNobodyElse) {
  serve();
  std::vector<HttpClient> streams;
  for (int i = 0; i < 40; ++i)
    streams.push_back(open());
  HttpClient client(server_->path());
  for (int i = 0; i < 20; ++i) {
    const auto response = client.exchange(httpRequest("GET", "/"), 2s);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->body, "whole");
  }
}
TEST_F(HttpStreams, EndWhenTheServerDoes) {
  serve();
  HttpClient client = open();
  HttpClient stuck = open();
  push(std::string(8U << 20U, 'x'));
  const auto before = std::chrono::steady_clock::now();
  server_->server().stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  EXPECT_TRUE(client.closedWithin(2s));
}
TEST_F(HttpStreams, AreNotOpenedForAHead) {
  serve();
  HttpClient client = open("HEAD");
  EXPECT_TRUE(gone());
  const auto next = client.exchange(httpRequest("GET", "/"), 2s);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "whole");
}

}  // namespace
}  // namespace bulkhead
