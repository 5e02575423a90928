#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "common/audit/record.h"
#include "common/audit/verify.h"
#include "common/os/fd.h"
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

// Of two lines that a lost newline joined, or of one, whatever verifyAudit would see of it.
bool accepted(const ChainHead& head, const std::string& text) {
  const auto newline = text.find('\n');
  const auto link = readLink(text.substr(0, newline));
  return newline != std::string::npos && link && follows(head, *link);
}

TEST(AuditLinks, FindEveryFlippedByteOfSixtyRecords) {
  const Log log = makeLog(60);
  ChainHead head;
  std::size_t flips = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const std::string next = i + 1 < log.size() ? log[i + 1] + "\n" : "";
    std::string text = log[i] + "\n" + next;
    ASSERT_TRUE(accepted(head, text));
    for (std::size_t at = 0; at <= log[i].size(); ++at, ++flips) {
      text[at] = static_cast<char>(text[at] ^ 1);
      EXPECT_FALSE(accepted(head, text)) << "record " << i + 1 << ", byte " << at;
      text[at] = static_cast<char>(text[at] ^ 1);
    }
    head = {i + 1, readLink(log[i])->hash};
  }
  EXPECT_GT(flips, 60U * 400U);
}

TEST_F(AuditChain, NamesTheRecordOfAFlippedByte) {
  constexpr std::size_t kStride = 101;  // a prime, so that every part of a record has its turn
  const std::string text = textOf(makeLog(60));
  write(1, text);
  const Fd file(::open((directory_.path() + "/" + segmentName(1)).c_str(), O_WRONLY | O_CLOEXEC));
  const auto put = [&](std::size_t at, char value) {
    ASSERT_EQ(::pwrite(file.get(), &value, 1, static_cast<off_t>(at)), 1);
  };
  for (std::size_t i = 0; i < text.size(); i += kStride) {
    const auto before = static_cast<std::ptrdiff_t>(i);
    const auto record =
        static_cast<std::uint64_t>(std::count(text.begin(), text.begin() + before, '\n')) + 1;
    put(i, static_cast<char>(text[i] ^ 1));
    const auto report = verify();
    put(i, text[i]);
    ASSERT_TRUE(report.finding.has_value()) << "byte " << i;
    EXPECT_EQ(report.finding->seq, record);
    EXPECT_EQ(chainFaultName(report.finding->fault), "edited");
  }
  EXPECT_FALSE(verify().finding.has_value());
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
