#include "cli/client.h"

#include <set>
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

TEST(Client, GivesEveryChangeAKeyOfItsOwn) {
  test::HttpTestServer server([](const api::HttpRequest& request) {
    const auto* key = request.header("idempotency-key");
    api::HttpResponse response;
    response.body = key == nullptr ? "none" : *key;
    return response;
  });
  const Client client = clientOf(server.path());
  EXPECT_EQ(client.send({"GET", "/x", ""})->body, "none");
  std::set<std::string> keys;
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    const std::string key = client.send({method, "/x", ""})->body;
    EXPECT_EQ(key.size(), 32U) << key;
    EXPECT_EQ(key.find_first_not_of("0123456789abcdef"), std::string::npos) << key;
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 4U);
  Request again{"POST", "/x", ""};
  again.idempotencyKey = "order 17";
  EXPECT_EQ(client.send(again)->body, "order 17");
}
TEST(IdempotencyKey, IsOneLineOfPrintableText) {
  EXPECT_TRUE(checkIdempotencyKey("").ok());
  EXPECT_TRUE(checkIdempotencyKey(std::string(255, 'k')).ok());
  for (const std::string& key :
       {std::string(256, 'k'), std::string("a\r\nX-Other: b"), std::string("\xc3\xa4")})
    EXPECT_EQ(checkIdempotencyKey(key).error().code, Code::kInvalidArgument);
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
