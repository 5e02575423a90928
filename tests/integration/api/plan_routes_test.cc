// Plans in full and accounts that go, as callers see them.
#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {
namespace {

class PlanRoutes : public ApiHarness {
 protected:
  Json made(const std::string& body) {
    const auto response = root("POST", "/api/v1/plans", body);
    EXPECT_EQ(response.status, 201) << response.body;
    return json(response);
  }
};

TEST_F(PlanRoutes, APlanSaysEveryLimitThatItWasGiven) {
  const Json plan = made(
      R"({"name":"whole","cpu_percent":50,"io_read_bytes_per_second":1048576,)"
      R"("io_write_bytes_per_second":2097152,"io_read_ops_per_second":100,)"
      R"("io_write_ops_per_second":200,"transfer_bytes_per_month":1099511627776,"sites_max":3,)"
      R"("database_users_max":4,"features":["php","aliases"]})");
  EXPECT_EQ(plan["io_read_bytes_per_second"], 1048576);
  EXPECT_EQ(plan["io_write_bytes_per_second"], 2097152);
  EXPECT_EQ(plan["io_read_ops_per_second"], 100);
  EXPECT_EQ(plan["io_write_ops_per_second"], 200);
  EXPECT_EQ(plan["transfer_bytes_per_month"], 1099511627776);
  EXPECT_EQ(plan["sites_max"], 3);
  EXPECT_EQ(plan["database_users_max"], 4);
  EXPECT_EQ(plan["features"], Json::array({"aliases", "php"}));
  EXPECT_TRUE(plan["limits_job"].is_null());
  const Json least = made(R"({"name":"least","features":[]})");
  EXPECT_EQ(least["features"], Json::array());
  EXPECT_EQ(least["sites_max"], 0);
  EXPECT_TRUE(made(R"({"name":"all"})")["features"].is_null());
}
TEST_F(PlanRoutes, WhatIsLeftOutStaysAndNullGivesEveryFeature) {
  made(R"({"name":"basic","sites_max":3,"features":["php"]})");
  const Json same = json(root("PATCH", "/api/v1/plans/basic", R"({"tasks":64})"));
  EXPECT_EQ(same["sites_max"], 3);
  EXPECT_EQ(same["features"], Json::array({"php"}));
  const Json all = json(root("PATCH", "/api/v1/plans/basic", R"({"features":null})"));
  EXPECT_TRUE(all["features"].is_null());
}
TEST_F(PlanRoutes, RefusesLimitsThatNobodyWouldHold) {
  for (const char* field : {"port_speed_bits_per_second", "bandwidth", "databases_max"}) {
    const auto refused =
        root("POST", "/api/v1/plans", R"({"name":"p",")" + std::string(field) + R"(":1})");
    EXPECT_EQ(refused.status, 400) << field;
    EXPECT_EQ(json(refused)["errors"][0]["code"], "unknown_field");
  }
}
TEST_F(PlanRoutes, RefusesFeaturesThatThereAreNot) {
  const auto refused =
      root("POST", "/api/v1/plans", R"({"name":"p","features":["php","teleport"]})");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(json(refused)["errors"][0]["pointer"], "/features/1");
}
TEST_F(PlanRoutes, AccountsAreListedByState) {
  made(R"({"name":"small"})");
  ASSERT_EQ(root("POST", "/api/v1/accounts",
                 R"({"username":"alpha","plan":"small","domain":"alpha.example.com"})")
                .status,
            202);
  EXPECT_EQ(json(root("GET", "/api/v1/accounts"))["data"].size(), 1U);
  EXPECT_EQ(json(root("GET", "/api/v1/accounts?state=deleted"))["data"].size(), 0U);
  EXPECT_EQ(root("GET", "/api/v1/accounts?state=gone").status, 400);
  EXPECT_EQ(root("GET", "/api/v1/accounts?status=deleted").status, 400);
}
TEST_F(PlanRoutes, PurgingHasAScopeOfItsOwn) {
  made(R"({"name":"small"})");
  ASSERT_EQ(root("POST", "/api/v1/accounts",
                 R"({"username":"alpha","plan":"small","domain":"alpha.example.com"})")
                .status,
            202);
  const auto as = [&](const std::string& scope, const std::string& act) {
    return anonymous("POST", "/api/v1/accounts/alpha/actions/" + act, "",
                     "Authorization: Bearer " + tokenWithScopes(scope) + "\r\n")
        .status;
  };
  EXPECT_EQ(as("accounts:write", "purge"), 403);
  EXPECT_EQ(as("accounts:purge", "restore"), 403);
  EXPECT_EQ(as("accounts:write", "restore"), 202);
  EXPECT_EQ(as("accounts:purge", "purge"), 202);
}
TEST_F(PlanRoutes, PartsOfAJobAreAskedForByItsId) {
  EXPECT_EQ(root("GET", "/api/v1/jobs?parent=job_01J00000000000000000000000").status, 200);
  EXPECT_EQ(root("GET", "/api/v1/jobs?parent=x").status, 400);
}

}  // namespace
}  // namespace bulkhead::test
