#include "cli/audit_explain.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "common/rpc/agent.capnp.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

TEST(AuditWhy, TellsFromTheFirstRecordOnWhatBecameOfARequest) {
  const std::vector<Json> newestFirst = {
      {{"seq", 9},
       {"ts", "T3"},
       {"kind", "deny"},
       {"op", "host.check"},
       {"actor", "admin:a"},
       {"account", ""},
       {"result", {{"code", "permission_denied"}, {"message", "rule x: no"}}}},
      {{"seq", 8},
       {"ts", "T2"},
       {"kind", "outcome"},
       {"op", "quota.set"},
       {"actor", "admin:a"},
       {"account", "alice"},
       {"dur_us", 12000},
       {"result", {{"code", "ok"}, {"message", ""}}}},
      {{"seq", 7},
       {"ts", "T1"},
       {"kind", "intent"},
       {"op", "quota.set"},
       {"actor", "admin:\x1b[2J"},
       {"account", "alice"},
       {"result", {{"code", "ok"}, {"message", ""}}}}};
  EXPECT_EQ(renderWhy(newestFirst),
            "T1  quota.set alice for admin:?[2J: allowed; to be done (record 7)\n"
            "T2  quota.set alice for admin:a: done, and seen from outside, in 12 ms (record 8)\n"
            "T3  host.check for admin:a: refused (permission_denied): rule x: no (record 9)\n");
}

TEST(AuditReplay, FindsTheMethodOfAnOperation) {
  EXPECT_EQ(methodOfOperation("account.create"), "accountCreate");
  EXPECT_EQ(methodOfOperation("site."), "site.");
  EXPECT_EQ(methodOfOperation(""), "");
}

TEST(AuditReplay, FillsInWhatTheRecordKeptAndSaysWhatItDidNot) {
  capnp::MallocMessageBuilder message;
  auto params = message.initRoot<rpc::AccountCreate>();
  std::vector<std::string> left;
  ASSERT_TRUE(
      fillFromRecord({{"username", "alice"}, {"limits.cpuPercent", 50}, {"limits.tasks", 7}},
                     capnp::toDynamic(params), left)
          .ok());
  EXPECT_EQ(std::string(params.getUsername().cStr()), "alice");
  EXPECT_EQ(params.getLimits().getCpuPercent(), 50U);
  EXPECT_EQ(params.getLimits().getTasks(), 7U);
  EXPECT_NE(std::find(left.begin(), left.end(), "limits.memoryBytes"), left.end());

  auto site = message.initRoot<rpc::SiteApply>();
  left.clear();
  ASSERT_TRUE(fillFromRecord({{"username", "alice"},
                              {"domain", "a.test"},
                              {"mode", "suspended"},
                              {"aliases", {"b.test", "c.test"}}},
                             capnp::toDynamic(site), left)
                  .ok());
  EXPECT_TRUE(left.empty());
  EXPECT_EQ(site.getMode(), rpc::SiteApply::Mode::SUSPENDED);
  EXPECT_EQ(site.getAliases().size(), 2U);
}

TEST(AuditReplay, RefusesWhatTheRecordKeptOnlyADigestOf) {
  capnp::MallocMessageBuilder message;
  auto params = message.initRoot<rpc::SiteApply>();
  std::vector<std::string> left;
  const auto digest = Json{{"sha256", "00"}, {"bytes", 9000}};
  EXPECT_EQ(fillFromRecord({{"username", digest}}, capnp::toDynamic(params), left).error().code,
            Code::kUnsupported);
  EXPECT_EQ(fillFromRecord({{"mode", "unknown 9"}}, capnp::toDynamic(params), left).error().code,
            Code::kUnsupported);
}

}  // namespace
}  // namespace bulkhead::cli
