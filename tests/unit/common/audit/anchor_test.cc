#include "common/audit/anchor.h"

#include <gtest/gtest.h>

#include "common/core/json.h"
#include "tests/support/sealed_log.h"

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

AuditAnchor anchorOf(std::uint64_t seq, const AuditKeys& keys) {
  AuditAnchor anchor;
  anchor.seq = seq;
  anchor.hash = std::string(64, 'a');
  anchor.time = "2026-01-01T00:00:00.000000Z";
  return AuditAnchor::sign(anchor, keys);
}

TEST(AuditAnchors, RoundTrip) {
  const auto keys = AuditSeed::make().keys();
  const auto read = AuditAnchor::parse(anchorOf(256, keys).line());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->seq, 256U);
  EXPECT_EQ(read->publicKey, keys.publicKey);
  EXPECT_LT(read->line().size(), kAnchorBytesMax);
}

TEST(AuditAnchors, RefuseEveryChange) {
  const std::string line = anchorOf(256, AuditSeed::make().keys()).line();
  for (std::size_t at = 0; at < line.size(); ++at) {
    std::string wrong = line;
    wrong[at] = static_cast<char>(wrong[at] ^ 1);
    EXPECT_FALSE(AuditAnchor::parse(wrong).ok()) << at << ": " << wrong;
  }
  EXPECT_FALSE(AuditAnchor::parse("{}").ok());
  EXPECT_FALSE(AuditAnchor::parse(std::string(kAnchorBytesMax + 1, ' ')).ok());
}

TEST(AuditAnchors, HoldNothingThatATerminalWouldObey) {
  const auto keys = AuditSeed::make().keys();
  for (const char* time : {"2026-01-01T00:00:00.000000Z\n{}", "\x1b]0;x\x07", "", "now",
                           "2026-01-01T00:00:00.00000 Z"}) {
    AuditAnchor anchor = anchorOf(3, keys);
    anchor.time = time;
    anchor = AuditAnchor::sign(anchor, keys);  // whoever has a key of his own can sign anything
    const Json line = {{"anchor", 1},         {"key", anchor.publicKey}, {"seq", anchor.seq},
                       {"hash", anchor.hash}, {"epoch", anchor.epoch},   {"count", anchor.count},
                       {"time", anchor.time}, {"sig", anchor.signature}};
    EXPECT_FALSE(AuditAnchor::parse(printJson(line)).ok()) << time;
  }
}

TEST(AuditAnchors, AreReadAsTheJournalPrintsThemAndSorted) {
  const auto keys = AuditSeed::make().keys();
  const Json wrapped = {{"MESSAGE", anchorOf(3, keys).line()}, {"_UID", "0"}};
  const auto anchors = parseAnchors(anchorOf(9, keys).line() + "\n\n" + printJson(wrapped) + "\n" +
                                    anchorOf(5, keys).line());
  ASSERT_TRUE(anchors.ok());
  ASSERT_EQ(anchors->size(), 3U);
  EXPECT_EQ((*anchors)[0].seq, 3U);
  EXPECT_EQ((*anchors)[2].seq, 9U);
}

TEST(AuditAnchors, AreRefusedAsAWholeWhenOneOfThemIsNoneOrThereIsNone) {
  const auto keys = AuditSeed::make().keys();
  const auto mixed = parseAnchors(anchorOf(9, keys).line() + "\nnonsense\n");
  ASSERT_FALSE(mixed.ok());
  EXPECT_NE(mixed.error().message.find("line 2"), std::string::npos);
  EXPECT_FALSE(parseAnchors("").ok());
  EXPECT_FALSE(parseAnchors("\n\n").ok());
}

}  // namespace
}  // namespace bulkhead
