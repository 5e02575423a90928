#include "common/audit/record.h"

#include <gtest/gtest.h>

#include "common/audit/chain.h"
#include "common/audit/digest.h"

namespace bulkhead {
namespace {

AuditStamp stamp(std::uint64_t seq = 7) {
  return {seq, {1700000000123456, 42}, "boot", std::string(64, '0')};
}

AuditRecord record() {
  AuditRecord r;
  r.kind = AuditKind::kIntent;
  r.op = "account.create";
  r.opId = "op1";
  r.requestId = "req1";
  r.actor = "admin:root";
  r.trace = "00-1";
  r.peer = {1, 2, 3};
  r.account = "alice";
  r.params = {{"username", std::string("alice")},
              {"limits.tasks", std::uint64_t{100}},
              {"aliases", std::vector<std::string>{"a.example", "b.example"}}};
  r.durationMicros = 5;
  return r;
}

TEST(AuditRecordFormat, IsCanonicalAndInAFixedOrder) {
  const std::string line = formatAuditRecord(record(), stamp());
  const std::string body =
      R"({"v":1,"seq":7,"ts":"2023-11-14T22:13:20.123456Z","mono_ns":42,"boot_id":"boot",)"
      R"("kind":"intent","op":"account.create","op_id":"op1","req_id":"req1","actor":"admin:root",)"
      R"("trace":"00-1","peer":{"uid":1,"gid":2,"pid":3},"account":"alice",)"
      R"("params":{"username":"alice","limits.tasks":100,"aliases":["a.example","b.example"]},)"
      R"("result":{"code":"ok","message":""},"dur_us":5,"prev":")" +
      std::string(64, '0') + "\"";
  EXPECT_EQ(line, body + ",\"hash\":\"" + chainHashHex(std::string(64, '0'), body) + "\"}");
}

TEST(AuditRecordFormat, RoundTripsWhatReadersNeed) {
  auto r = record();
  r.code = "conflict";
  r.message = "no\nnewline \xc3\xbc";
  const auto line = parseAuditLine(formatAuditRecord(r, stamp()));
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->seq, 7U);
  EXPECT_EQ(line->kind, "intent");
  EXPECT_EQ(line->op, "account.create");
  EXPECT_EQ(line->opId, "op1");
  EXPECT_EQ(line->requestId, "req1");
  EXPECT_EQ(line->actor, "admin:root");
  EXPECT_EQ(line->account, "alice");
  EXPECT_EQ(line->code, "conflict");
  EXPECT_EQ(line->message, "no\nnewline \xc3\xbc");
}

TEST(AuditRecordFormat, StaysOneAsciiLineWhateverThePeerSays) {
  auto r = record();
  r.actor = "a\"}\n{\"v\":1,\x1b[2J\xff";
  r.account = std::string("x\0y", 3);
  const std::string line = formatAuditRecord(r, stamp());
  for (const char c : line)
    EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
}

TEST(AuditRecordFormat, WritesLongValuesAsDigestAndLength) {
  auto r = record();
  const std::string value(kAuditParamBytesMax, 'x');
  r.params = {{"domain", value}};
  const std::string line = formatAuditRecord(r, stamp());
  EXPECT_EQ(line.find("xxxx"), std::string::npos);
  EXPECT_NE(line.find("\"domain\":{\"sha256\":\"" + sha256Hex("\"" + value + "\"")),
            std::string::npos);
  EXPECT_NE(line.find("\"bytes\":1026}"), std::string::npos);
}

TEST(AuditRecordFormat, NeverGrowsBeyondItsLimit) {
  AuditRecord r;
  const std::string worst(100000, '\xff');
  r.op = r.opId = r.requestId = r.actor = r.trace = r.account = r.code = r.message = worst;
  for (int i = 0; i < 40; ++i)
    r.params.push_back({"p" + std::to_string(i), std::string(900, 'x')});
  const std::string line = formatAuditRecord(r, stamp());
  EXPECT_LT(line.size(), kRecordBytesMax);
  ASSERT_TRUE(readLink(line).has_value());
  EXPECT_TRUE(readLink(line)->intact);
  EXPECT_NE(line.find("\"params\":{\"all\":{\"sha256\":"), std::string::npos);
}

TEST(AuditLine, RefusesWhatIsNoRecord) {
  for (const char* text : {"", "{}", "[]", "{\"seq\":\"x\"}", "{\"v\":1,\"seq\":-1}", "nonsense"})
    EXPECT_FALSE(parseAuditLine(text).ok()) << text;
}

}  // namespace
}  // namespace bulkhead
