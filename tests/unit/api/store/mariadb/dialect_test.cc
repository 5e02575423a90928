#include "api/store/mariadb/dialect.h"

#include <gtest/gtest.h>

namespace bulkhead::api::mariadb {
namespace {

using Numbers = std::vector<int>;

TEST(Dialect, NumbersParametersAsSqliteDoes) {
  const auto plain = translate("SELECT a FROM t WHERE b=? AND c=?");
  EXPECT_EQ(plain.sql, "SELECT a FROM t WHERE b=? AND c=?");
  EXPECT_EQ(plain.parameters, (Numbers{1, 2}));
  EXPECT_TRUE(plain.answersRows);
  const auto mixed = translate("UPDATE t SET a=?, b=?4, c=?1 WHERE d=?");
  EXPECT_EQ(mixed.sql, "UPDATE t SET a=?, b=?, c=? WHERE d=?");
  EXPECT_EQ(mixed.parameters, (Numbers{1, 4, 1, 5}));
  EXPECT_EQ(mixed.largest, 5);
  EXPECT_FALSE(mixed.answersRows);
}

TEST(Dialect, LeavesTextInQuotesAlone) {
  const auto text = translate(R"(SELECT '?', 'it''s ?2', "a?" FROM t WHERE b=?12)");
  EXPECT_EQ(text.sql, R"(SELECT '?', 'it''s ?2', "a?" FROM t WHERE b=?)");
  EXPECT_EQ(text.parameters, (Numbers{12}));
}

TEST(Dialect, TakesAParameterAtTheEndAndNone) {
  EXPECT_EQ(translate("DELETE FROM t WHERE a=?").parameters, (Numbers{1}));
  EXPECT_EQ(translate("DELETE FROM t").largest, 0);
}

}  // namespace
}  // namespace bulkhead::api::mariadb
