#include "cli/client.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/http_server.h"

namespace bulkhead::cli {
namespace {

Client clientOf(const std::string& path) {
  Endpoint endpoint;
  endpoint.socketPath = path;
  return Client(endpoint);
}

TEST(Client, SendsARequestAndReadsTheAnswerWithItsHeaders) {
  test::HttpTestServer server([](const api::HttpRequest& request) {
    const auto* condition = request.header("if-match");
    api::HttpResponse response;
    response.status = 412;
    response.headers = {{"ETag", "\"r4\""}};
    response.body = request.body + (condition ? *condition : "");
    return response;
  });
  Request request{"PATCH", "/api/v1/plans/small", "{}"};
  request.ifMatch = "3";
  const auto response = clientOf(server.path()).send(request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 412);
  EXPECT_EQ(response->body, "{}\"r3\"");
  EXPECT_EQ(response->headers.at("etag"), "\"r4\"");
}

TEST(Client, TellsNobodyThereFromNotInTime) {
  EXPECT_EQ(clientOf("/tmp/bulkhead-no-socket").send({"GET", "/", ""}).error().code,
            Code::kUnavailable);
  test::HttpTestServer server([](const api::HttpRequest&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    return api::HttpResponse{};
  });
  EXPECT_EQ(clientOf(server.path()).send({"GET", "/", "", 1}).error().code, Code::kTimeout);
}

TEST(PercentEncode, LeavesUnreservedCharactersOnly) {
  EXPECT_EQ(percentEncode("aZ09-._~/ ?#%\xc3\xbc"), "aZ09-._~%2F%20%3F%23%25%C3%BC");
}

TEST(NextAfterFailure, SpeaksOfTheEndThatWasAsked) {
  const Endpoint local;
  EXPECT_EQ(nextAfterFailure({Code::kUnavailable, "", "socket"}, local),
            "look at: systemctl status bulkhead-api");
  Endpoint other;
  other.socketPath = "/tmp/x";
  EXPECT_NE(nextAfterFailure({Code::kUnavailable, "", "socket"}, other).find("--socket"),
            std::string::npos);
  Endpoint remote;
  remote.host = "panel.test:2087";
  EXPECT_NE(nextAfterFailure({Code::kUnavailable, "", "host"}, remote).find("--host"),
            std::string::npos);
  EXPECT_NE(nextAfterFailure({Code::kUnavailable, "", "ca-file"}, remote).find("--ca-file"),
            std::string::npos);
  EXPECT_EQ(nextAfterFailure({Code::kCancelled, "", ""}, local), "");
}

}  // namespace
}  // namespace bulkhead::cli
