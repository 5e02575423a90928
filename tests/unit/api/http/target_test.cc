// Decoding of paths and queries: what is accepted, and everything that must not be.
#include "api/http/target.h"

#include <string>

#include <gtest/gtest.h>

#include "api/http/limits.h"

namespace bulkhead::api {
namespace {

using Segments = std::vector<std::string>;

TEST(HttpTarget, SegmentsAreDecodedOnce) {
  EXPECT_EQ(pathSegments("/").value(), Segments{});
  EXPECT_EQ(pathSegments("/v1/accounts/bob").value(), (Segments{"v1", "accounts", "bob"}));
  EXPECT_EQ(pathSegments("/a%20b/%2541").value(), (Segments{"a b", "%41"}));
  EXPECT_EQ(pathSegments("/a+b").value(), Segments{"a+b"});
  EXPECT_EQ(pathSegments("/%C3%A4").value(), Segments{"\xC3\xA4"});
}

TEST(HttpTarget, ABadPathIsRefused) {
  for (const char* path : {"",
                           "a",
                           "//",
                           "/a/",
                           "/a//b",
                           "/.",
                           "/..",
                           "/a/../b",
                           "/%2e%2E/b",
                           "/a%2fb",
                           "/a%2",
                           "/a%",
                           "/a%zz",
                           "/a%00",
                           "/a%0a",
                           "/a%0d%0aX:y",
                           "/a%1b",
                           "/a%7f",
                           "/a%ff",
                           "/a%c0%af",
                           "/a%ed%a0%80",
                           "/a%f4%90%80%80",
                           "/a%e2%82",
                           "/a%c2%9b"}) {
    const auto result = pathSegments(path);
    ASSERT_FALSE(result.ok()) << path;
    EXPECT_EQ(result.error().code, Code::kInvalidArgument);
  }
}

TEST(HttpTarget, APathHasABoundedNumberOfSegments) {
  std::string path;
  for (std::size_t i = 0; i < kPathSegmentsMax; ++i)
    path += "/a";
  EXPECT_TRUE(pathSegments(path).ok());
  EXPECT_FALSE(pathSegments(path + "/a").ok());
}

TEST(HttpTarget, QueryPairsKeepOrderAndDuplicates) {
  EXPECT_EQ(parseQuery("").value(), NameValues{});
  EXPECT_EQ(parseQuery("a=1&b=x+y%26z&a=&flag").value(),
            (NameValues{{"a", "1"}, {"b", "x y&z"}, {"a", ""}, {"flag", ""}}));
  EXPECT_EQ(parseQuery("a=b=c").value(), (NameValues{{"a", "b=c"}}));
}

TEST(HttpTarget, ABadQueryIsRefused) {
  for (const char* query :
       {"&", "a=1&", "a&&b", "=1", "a=%", "a=%0", "a=%00", "%0a=1", "a=%80", "a=%09"}) {
    EXPECT_FALSE(parseQuery(query).ok()) << query;
  }
}

TEST(HttpTarget, AQueryHasABoundedNumberOfPairs) {
  std::string query = "a=1";
  for (std::size_t i = 1; i < kQueryPairsMax; ++i)
    query += "&a=1";
  EXPECT_TRUE(parseQuery(query).ok());
  EXPECT_FALSE(parseQuery(query + "&a=1").ok());
}

}  // namespace
}  // namespace bulkhead::api
