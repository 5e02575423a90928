#include "common/audit/line_head.h"

#include <gtest/gtest.h>

#include "tests/support/sealed_log.h"

namespace bulkhead {
namespace {

TEST(LineHeads, SayWhatTheRecordSays) {
  for (const std::int64_t micros :
       {0LL, 951827696123456LL, 1700000000123456LL, 4102444799999999LL}) {
    AuditRecord record;
    record.kind = AuditKind::kDeny;
    const std::string line =
        formatAuditRecord(record, {7, {micros, 42}, "boot-id", std::string(64, '0')});
    const auto head = readHead(line);
    ASSERT_TRUE(head.has_value()) << line;
    EXPECT_EQ(head->time.unixMicros, micros);
    EXPECT_EQ(head->time.monotonicNanos, 42U);
    EXPECT_EQ(head->bootId, "boot-id");
    EXPECT_EQ(head->kind, "deny");
  }
}

TEST(LineHeads, AreNotReadFromACutOrForeignLine) {
  bulkhead::testing::SealedLog log;
  log.grow(1);
  const std::string& line = log.lines().back();
  for (std::size_t size = 0; size < line.find("\",\"op\""); ++size)
    EXPECT_FALSE(readHead(line.substr(0, size)).has_value()) << size;
  std::string odd = line;
  odd.replace(odd.find("-11-14T"), 7, "-13-14T");
  EXPECT_FALSE(readHead(odd).has_value());
  EXPECT_FALSE(readHead("{}").has_value());
}

}  // namespace
}  // namespace bulkhead
