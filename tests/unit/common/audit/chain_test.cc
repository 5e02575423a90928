#include "common/audit/chain.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "common/audit/record.h"
#include "tests/support/temp_dir.h"

namespace bulkhead {
namespace {

using Log = std::vector<std::string>;  // lines without newline

Log makeLog(std::uint64_t count, const std::string& salt = "") {
  Log lines;
  ChainHead head;
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    AuditRecord record;
    record.kind = seq % 2 == 0 ? AuditKind::kOutcome : AuditKind::kIntent;
    record.op = "account.create";
    record.opId = salt + std::to_string(seq / 2);
    record.account = "user" + std::to_string(seq);
    lines.push_back(formatAuditRecord(
        record, {seq, {1700000000000000 + static_cast<std::int64_t>(seq), seq}, "b", head.hash}));
    head = {seq, readLink(lines.back())->hash};
  }
  return lines;
}

std::string textOf(const Log& lines) {
  std::string text;
  for (const auto& line : lines)
    text += line + "\n";
  return text;
}

class AuditChain : public ::testing::Test {
 protected:
  void write(std::uint64_t firstSeq, const std::string& text) {
    std::ofstream(directory_.path() + "/" + segmentName(firstSeq), std::ios::binary) << text;
  }
  ChainReport verify() {
    auto report = verifyAudit(directory_.path());
    EXPECT_TRUE(report.ok());
    return report.ok() ? *report : ChainReport{};
  }
  void expectFault(ChainFault fault, std::uint64_t seq) {
    const auto report = verify();
    ASSERT_TRUE(report.finding.has_value());
    EXPECT_EQ(chainFaultName(report.finding->fault), chainFaultName(fault));
    EXPECT_EQ(report.finding->seq, seq);
  }
  bulkhead::testing::TempDir directory_;
};

TEST_F(AuditChain, AcceptsAWholeLogOverSeveralSegments) {
  const Log log = makeLog(30);
  write(1, textOf({log.begin(), log.begin() + 10}));
  write(11, textOf({log.begin() + 10, log.end()}));
  const auto report = verify();
  EXPECT_FALSE(report.finding.has_value());
  EXPECT_EQ(report.records, 30U);
  EXPECT_EQ(report.head.seq, 30U);
  EXPECT_EQ(report.head.hash, readLink(log.back())->hash);
}

TEST_F(AuditChain, FindsEveryFlippedByteOfSixtyRecords) {
  const std::string text = textOf(makeLog(60));
  const auto count = static_cast<std::size_t>(60);
  std::vector<std::size_t> lineOf;  // record that each byte belongs to
  std::size_t line = 1;
  for (const char c : text) {
    lineOf.push_back(line);
    if (c == '\n') ++line;
  }
  ASSERT_EQ(line, count + 1);
  std::size_t missed = 0;
  std::size_t misplaced = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    write(1, changed);
    const auto report = verifyAudit(directory_.path());
    ASSERT_TRUE(report.ok());
    if (!report->finding)
      ++missed;
    else if (report->finding->seq != lineOf[i])
      ++misplaced;
  }
  EXPECT_EQ(missed, 0U) << "of " << text.size() << " bytes";
  EXPECT_EQ(misplaced, 0U);
}

TEST_F(AuditChain, NamesADeletedRecord) {
  for (const std::size_t gone : {0U, 4U, 8U}) {
    Log log = makeLog(10);
    log.erase(log.begin() + static_cast<std::ptrdiff_t>(gone));
    write(1, textOf(log));
    expectFault(ChainFault::kDeleted, gone + 1);
  }
}

TEST_F(AuditChain, NamesADuplicatedRecord) {
  for (const std::size_t copy : {0U, 4U, 9U}) {
    Log log = makeLog(10);
    log.insert(log.begin() + static_cast<std::ptrdiff_t>(copy) + 1, log[copy]);
    write(1, textOf(log));
    expectFault(ChainFault::kDuplicated, copy + 2);
  }
  Log log = makeLog(10);
  log.push_back(log[2]);
  write(1, textOf(log));
  expectFault(ChainFault::kDuplicated, 11);
}

TEST_F(AuditChain, NamesSwappedRecords) {
  for (const std::size_t first : {0U, 3U, 8U}) {
    Log log = makeLog(10);
    std::swap(log[first], log[first + 1]);
    write(1, textOf(log));
    expectFault(ChainFault::kReordered, first + 1);
  }
}

TEST_F(AuditChain, NamesARecordOfAnotherChain) {
  Log log = makeLog(10);
  log[5] = makeLog(10, "other")[5];
  write(1, textOf(log));
  expectFault(ChainFault::kSpliced, 6);
}

TEST_F(AuditChain, NamesACutLastLineWhereverItIsCut) {
  const Log log = makeLog(3);
  const std::string text = textOf(log);
  const std::size_t last = log[2].size() + 1;
  for (std::size_t cut : {std::size_t{1}, std::size_t{2}, last / 2, last - 1}) {
    write(1, text.substr(0, text.size() - cut));
    expectFault(ChainFault::kTruncated, 3);
  }
}

TEST_F(AuditChain, NamesAMissingSegment) {
  const Log log = makeLog(9);
  write(1, textOf({log.begin(), log.begin() + 3}));
  write(7, textOf({log.begin() + 6, log.end()}));
  expectFault(ChainFault::kDeleted, 4);
}

TEST_F(AuditChain, NamesASegmentWithoutItsRecords) {
  const Log log = makeLog(9);
  write(1, textOf({log.begin(), log.begin() + 3}));
  write(7, "");
  expectFault(ChainFault::kDeleted, 4);
}

TEST_F(AuditChain, NamesARenamedSegment) {
  write(2, textOf(makeLog(9)));
  expectFault(ChainFault::kEdited, 1);
}

TEST_F(AuditChain, AllowsAnEmptyLastSegmentThatTheAgentJustStarted) {
  write(1, textOf(makeLog(5)));
  write(6, "");
  EXPECT_FALSE(verify().finding.has_value());
}

TEST_F(AuditChain, FindsAForgedRecordWhoseHashWasNotRecomputed) {
  Log log = makeLog(5);
  log[2].replace(log[2].find("user3"), 5, "user9");
  write(1, textOf(log));
  expectFault(ChainFault::kEdited, 3);
}

TEST_F(AuditChain, SurvivesALineWithoutEnd) {
  write(1, textOf(makeLog(2)) + std::string(1 << 20, 'x'));
  expectFault(ChainFault::kEdited, 3);
}

TEST_F(AuditChain, RefusesAMissingLogAndALink) {
  EXPECT_EQ(verifyAudit(directory_.path() + "/absent").error().code, Code::kNotFound);
  EXPECT_EQ(verifyAudit(directory_.path()).error().code, Code::kNotFound);
  std::filesystem::create_symlink("/etc/passwd", directory_.path() + "/" + segmentName(1));
  EXPECT_EQ(verifyAudit(directory_.path()).error().code, Code::kUnavailable);
}

TEST(SegmentName, RoundTripsAndRefusesOtherNames) {
  EXPECT_EQ(segmentName(42), "audit-00000000000000000042.jsonl");
  EXPECT_EQ(parseSegmentName(segmentName(UINT64_MAX)), UINT64_MAX);
  for (const char* name : {"", "audit-.jsonl", "audit-42.jsonl", "audit-0000000000000000004x.jsonl",
                           "audit-00000000000000000042.jsonl.gz", "lock"})
    EXPECT_FALSE(parseSegmentName(name).has_value()) << name;
}

}  // namespace
}  // namespace bulkhead
