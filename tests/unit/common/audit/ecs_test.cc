#include "common/audit/ecs.h"

#include <gtest/gtest.h>

#include "common/audit/record.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

Json ecsOf(const AuditRecord& record) {
  const AuditStamp stamp{7, {1700000000123456, 99}, "boot-1", std::string(64, '0')};
  const auto line = ecsLine(formatAuditRecord(record, stamp));
  EXPECT_TRUE(line.ok());
  return parseJson(line.ok() ? *line : "{}").value();
}

AuditRecord outcome() {
  AuditRecord record;
  record.kind = AuditKind::kOutcome;
  record.op = "account.create";
  record.opId = "01OP";
  record.requestId = "01REQUEST";
  record.actor = "root";
  record.trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  record.peer = {990, 990, 4242};
  record.account = "alice";
  record.params = {{"limits.tasks", std::uint64_t{400}}};
  record.durationMicros = 1500;
  return record;
}

TEST(Ecs, NamesWhoDidWhatToWhomAndWhatBecameOfIt) {
  const Json out = ecsOf(outcome());
  EXPECT_EQ(out["@timestamp"], "2023-11-14T22:13:20.123456Z");
  EXPECT_EQ(out["event"]["action"], "account.create");
  EXPECT_EQ(out["event"]["outcome"], "success");
  EXPECT_EQ(out["event"]["sequence"], 7);
  EXPECT_EQ(out["event"]["duration"], 1500000) << "nanoseconds";
  EXPECT_EQ(out["event"]["id"].get<std::string>().size(), 64U);
  EXPECT_EQ(out["user"]["name"], "root");
  EXPECT_EQ(out["user"]["id"], "990") << "as the kernel says";
  EXPECT_EQ(out["user"]["target"]["name"], "alice");
  EXPECT_EQ(out["process"]["pid"], 4242);
  EXPECT_EQ(out["http"]["request"]["id"], "01REQUEST");
  EXPECT_EQ(out["trace"]["id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(out["bulkhead"]["params"]["limits.tasks"], 400);
}

TEST(Ecs, KnowsADenialAndAnIntent) {
  AuditRecord denied = outcome();
  denied.kind = AuditKind::kDeny;
  denied.code = "permission_denied";
  denied.message = "rule x";
  EXPECT_EQ(ecsOf(denied)["event"]["outcome"], "failure");
  EXPECT_EQ(ecsOf(denied)["event"]["type"], Json::array({"denied"}));
  EXPECT_EQ(ecsOf(denied)["event"]["reason"], "rule x");
  AuditRecord intent = outcome();
  intent.kind = AuditKind::kIntent;
  EXPECT_EQ(ecsOf(intent)["event"]["outcome"], "unknown");
  EXPECT_FALSE(ecsOf(intent)["event"].contains("duration"));
}

TEST(Ecs, TakesNothingThatIsNoRecord) {
  for (const auto* text : {"", "{}", "[]", "null", "{\"seq\":1}", "x"})
    EXPECT_EQ(ecsLine(text).error().code, Code::kInvalidArgument) << text;
}

}  // namespace
}  // namespace bulkhead
