#include "agent/ops/audit/query.h"

#include <gtest/gtest.h>

#include "common/audit/record.h"
#include "tests/support/fake_host.h"

namespace bulkhead::agent {
namespace {

class AuditQuery : public ::testing::Test {
 protected:
  // Records 1 to 30 in three segments; every third is bob's, every fifth a denial.
  AuditQuery() {
    ChainHead head;
    std::string text;
    for (std::uint64_t seq = 1; seq <= 30; ++seq) {
      AuditRecord record;
      record.kind = seq % 5 == 0 ? AuditKind::kDeny : AuditKind::kIntent;
      record.account = seq % 3 == 0 ? "bob" : "alice";
      record.requestId = "req" + std::to_string(seq / 10);
      record.actor = "bob";  // the same text in another place must not match
      const auto line = formatAuditRecord(record, {seq, {}, "b", head.hash});
      text += line + "\n";
      head = {seq, readLink(line)->hash};
      if (seq % 10 != 0) continue;
      host_.addFile(std::string(kAuditDirectory) + "/" + segmentName(seq - 9), text);
      text.clear();
    }
    host_.addFile(std::string(kAuditDirectory) + "/lock", "");
  }
  std::vector<std::uint64_t> seqs(const AuditFilter& filter) {
    const auto page = queryAudit(host_, filter);
    EXPECT_TRUE(page.ok());
    more_ = page->more;
    std::vector<std::uint64_t> result;
    for (const auto& line : page->lines)
      result.push_back(readLink(line)->seq);
    return result;
  }
  using Seqs = std::vector<std::uint64_t>;
  bulkhead::testing::FakeHost host_;
  bool more_ = false;
};

TEST_F(AuditQuery, AnswersNewestFirstOverSegments) {
  EXPECT_EQ(seqs({.limit = 3}), (Seqs{30, 29, 28}));
  EXPECT_TRUE(more_);
  const auto all = seqs({.limit = 30});
  EXPECT_EQ(all.size(), 30U);
  EXPECT_FALSE(more_);
}

TEST_F(AuditQuery, ContinuesBeforeARecord) {
  EXPECT_EQ(seqs({.before = 12, .limit = 3}), (Seqs{11, 10, 9}));
  EXPECT_EQ(seqs({.before = 2, .limit = 3}), Seqs{1});
  EXPECT_FALSE(more_);
}

TEST_F(AuditQuery, FiltersByAccountRequestAndKind) {
  EXPECT_EQ(seqs({.limit = 2, .account = "bob"}), (Seqs{30, 27}));
  EXPECT_EQ(seqs({.account = "bob", .requestId = "req1"}), (Seqs{18, 15, 12}));
  EXPECT_EQ(seqs({.account = "bob", .kind = "deny"}), (Seqs{30, 15}));
  EXPECT_EQ(seqs({.account = "nobody"}), Seqs{});
}

TEST_F(AuditQuery, IgnoresALineThatIsBeingWritten) {
  const std::string name = std::string(kAuditDirectory) + "/" + segmentName(21);
  host_.addFile(name, host_.content(name) + "{\"v\":1,\"seq\":31,");
  EXPECT_EQ(seqs({.limit = 1}), Seqs{30});
}

TEST_F(AuditQuery, RefusesToSearchWithoutEnd) {
  for (std::uint64_t i = 0; i <= kSegmentsSearchedMax; ++i)
    host_.addFile(std::string(kAuditDirectory) + "/" + segmentName(1000 + i), "");
  const auto page = queryAudit(host_, {});
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().code, Code::kLimitExceeded);
}

}  // namespace
}  // namespace bulkhead::agent
