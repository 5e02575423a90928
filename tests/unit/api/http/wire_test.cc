// Answers as bytes: exact text, and texts that must not get out.
#include "api/http/wire.h"

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

constexpr std::string_view kOfEveryAnswer =
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "X-Frame-Options: DENY\r\n";

TEST(HttpWire, AnAnswerIsWrittenExactly) {
  const HttpResponse response{201, {{"Location", "/v1/jobs/1"}}, "application/json", "{}"};
  EXPECT_EQ(serializeResponse(response, Method::kPost, AfterAnswer::kKeepAlive, "id-12345"),
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "
            "2\r\nLocation: /v1/jobs/1\r\n" +
                std::string(kOfEveryAnswer) +
                "X-Request-Id: id-12345\r\nConnection: keep-alive\r\n\r\n{}");
}

TEST(HttpWire, AnAnswerThatCouldBreakTheStreamIsNotWritten) {
  const auto written = [](const HttpResponse& response) {
    return serializeResponse(response, Method::kGet, AfterAnswer::kClose, "x").has_value();
  };
  EXPECT_TRUE(written({200, {{"A", "b"}}, "a/b", ""}));
  EXPECT_FALSE(written({200, {{"A", "b\r\nC: d"}}, "a/b", ""}));
  EXPECT_FALSE(written({200, {{"A", std::string("b\0c", 3)}}, "a/b", ""}));
  EXPECT_FALSE(written({200, {{"A b", "c"}}, "a/b", ""}));
  EXPECT_FALSE(written({200, {{"", "c"}}, "a/b", ""}));
  EXPECT_FALSE(written({200, {}, "a/b\r\nC: d", ""}));
  EXPECT_FALSE(written({100, {}, "a/b", ""}));
  EXPECT_FALSE(written({600, {}, "a/b", ""}));
  for (const char* own :
       {"Content-Length", "content-type", "CONNECTION", "Transfer-Encoding", "Keep-Alive",
        "X-Request-Id", "Cache-Control", "x-frame-options", "Content-Security-Policy"}) {
    EXPECT_FALSE(written({200, {{own, "1"}}, "a/b", ""})) << own;
  }
}

TEST(HttpWire, ARefusalClosesAndNamesItsCode) {
  const std::string bytes = serializeRefusal({413, Code::kLimitExceeded, "too large"},
                                             Method::kPost, AfterAnswer::kClose, "id-12345");
  EXPECT_EQ(bytes.rfind(
                "HTTP/1.1 413 Content Too Large\r\nContent-Type: application/problem+json\r\n", 0),
            0U);
  EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_NE(bytes.find(kOfEveryAnswer), std::string::npos);
  EXPECT_NE(bytes.find(R"("code":"payload_too_large")"), std::string::npos);
}

TEST(HttpWire, OnlyAPlainRequestIdIsTakenOver) {
  const auto keeps = [](const std::string& id) { return chooseRequestId(&id) == id; };
  EXPECT_TRUE(keeps("abcd-EF_12"));
  EXPECT_TRUE(keeps(std::string(kRequestIdBytesMax, 'a')));
  EXPECT_FALSE(keeps(std::string(kRequestIdBytesMax + 1, 'a')));
  EXPECT_FALSE(keeps("short"));
  EXPECT_FALSE(keeps("with blank"));
  EXPECT_FALSE(keeps("with\"quote"));
  EXPECT_NE(chooseRequestId(nullptr), chooseRequestId(nullptr));
}

}  // namespace
}  // namespace bulkhead::api
