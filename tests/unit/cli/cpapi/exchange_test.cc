#include "cli/cpapi/exchange.h"

#include <gtest/gtest.h>

namespace bulkhead::cpapi {
namespace {

TEST(CpapiAnswerHead, TellsTheSizeAndTheOutcome) {
  const auto head = parseAnswerHead(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 12\r\n"
      "Bulkhead-Cpapi-Status: 4\r\n\r\n{}");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->bodyBytes, 12U);
  EXPECT_EQ(head->outcome, Outcome::kNotFound);
}
TEST(CpapiAnswerHead, OfTheServersOwnRefusalHasNoOutcome) {
  const auto head =
      parseAnswerHead("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 503);
  EXPECT_FALSE(head->outcome.has_value());
}
TEST(CpapiAnswerHead, IsNothingUntilItIsComplete) {
  EXPECT_FALSE(parseAnswerHead("").has_value());
  EXPECT_FALSE(parseAnswerHead("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n").has_value());
}
TEST(CpapiAnswerHead, IsNothingWhenItIsNotOurs) {
  for (const auto* bytes : {
           "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 2\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nBulkhead-Cpapi-Status: 9\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nno colon\r\n\r\n",
           "\r\n\r\n",
       })
    EXPECT_FALSE(parseAnswerHead(bytes).has_value()) << bytes;
}

}  // namespace
}  // namespace bulkhead::cpapi
