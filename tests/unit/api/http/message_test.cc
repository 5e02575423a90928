// The plain HTTP types: names, look-ups, problem texts.
#include "api/http/message.h"

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

TEST(HttpMessage, EveryMethodComesBackFromItsName) {
  for (Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kPatch,
                        Method::kDelete, Method::kOptions}) {
    EXPECT_EQ(methodFromName(methodName(method)), method);
  }
}

TEST(HttpMessage, OtherWordsAreNoMethod) {
  for (const char* word : {"", "get", "TRACE", "CONNECT", "GETX", "PRI"})
    EXPECT_FALSE(methodFromName(word)) << word;
}

TEST(HttpMessage, AHeaderIsFoundByItsLowerCaseName) {
  HttpRequest request;
  request.headers = {{"host", "a"}, {"x-one", "1"}, {"x-one", "2"}};
  ASSERT_NE(request.header("x-one"), nullptr);
  EXPECT_EQ(*request.header("x-one"), "1");
  EXPECT_EQ(request.header("x-two"), nullptr);
}

TEST(HttpMessage, AQueryKeyGivenTwiceHasNoValueAndIsReported) {
  HttpRequest request;
  request.query = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(request.queryValue("a"), "1");
  EXPECT_FALSE(request.hasDuplicateQueryKey());
  request.query.emplace_back("a", "3");
  EXPECT_FALSE(request.queryValue("a"));
  EXPECT_TRUE(request.hasDuplicateQueryKey());
}

TEST(HttpMessage, AProblemIsJsonWithCodeAndRequestId) {
  const HttpResponse response = problemResponse(404, "not_found", "No \"such\" thing", "abc");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.contentType, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"about:blank","title":"Not Found","status":404,"code":"not_found",)"
            R"("detail":"No \"such\" thing","request_id":"abc"})");
}

}  // namespace
}  // namespace bulkhead::api
