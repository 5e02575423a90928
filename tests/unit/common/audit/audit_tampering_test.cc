// What somebody can do to a log, one test a kind: each is found and named.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "common/audit/verify.h"
#include "common/audit/witness.h"
#include "tests/support/sealed_log.h"
#include "tests/support/temp_dir.h"

namespace bulkhead {
namespace {

using bulkhead::testing::SealedLog;
using bulkhead::testing::textOf;
using bulkhead::testing::writeSegment;
using Lines = std::vector<std::string>;

class AuditTampering : public ::testing::Test {
 protected:
  ChainReport verify(const std::string& text, const VerifyRequest& request) {
    writeSegment(directory_.path(), 1, text);
    auto report = verifyAudit(directory_.path(), request);
    EXPECT_TRUE(report.ok());
    return report.ok() ? *report : ChainReport{};
  }
  void expectFault(const ChainReport& report, ChainFault fault, std::uint64_t seq) {
    ASSERT_TRUE(report.finding.has_value());
    EXPECT_EQ(chainFaultName(report.finding->fault), chainFaultName(fault));
    EXPECT_EQ(report.finding->seq, seq);
  }
  static Lines without(Lines lines, std::size_t i) {
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    return lines;
  }
  bulkhead::testing::TempDir directory_;
};

TEST_F(AuditTampering, AnHonestLogIsFoundWhole) {
  SealedLog log;
  log.grow(200);
  const auto report = verify(textOf(log.lines()), {{log.seed()}, log.anchors()});
  EXPECT_FALSE(report.finding.has_value());
  EXPECT_EQ(report.records, 201U);
  EXPECT_EQ(report.sealed, 201U);
  EXPECT_EQ(report.anchors, log.anchors().size());
  EXPECT_GT(report.anchors, 10U);
  EXPECT_TRUE(report.clock.empty());
  EXPECT_EQ(report.publicKey, log.keys().publicKey);
}

// What verifyAudit() asks of a record, of the text up to its newline. Two records may have been
// joined by a lost newline.
bool accepted(const ChainHead& before, const KeyWitness& keysBefore, const std::string& text) {
  const auto newline = text.find('\n');
  if (newline == std::string::npos) return false;
  const std::string line = text.substr(0, newline);
  const auto link = readLink(line);
  const auto head = readHead(line);
  if (!link || !head || !follows(before, *link)) return false;
  KeyWitness keys = keysBefore;
  return !keys.see(line, *link, *head);
}

TEST_F(AuditTampering, T1FlipsEveryByteOf200Records) {
  SealedLog log;
  log.grow(199);
  ASSERT_EQ(log.lines().size(), 200U);
  ChainHead before;
  KeyWitness keys({log.seed()});
  std::size_t flips = 0;
  for (std::size_t i = 0; i < log.lines().size(); ++i) {
    const std::string& line = log.lines()[i];
    std::string text = line + "\n" + (i + 1 < log.lines().size() ? log.lines()[i + 1] + "\n" : "");
    ASSERT_TRUE(accepted(before, keys, text));
    for (std::size_t at = 0; at <= line.size(); ++at, ++flips) {
      text[at] = static_cast<char>(text[at] ^ 1);
      ASSERT_FALSE(accepted(before, keys, text)) << "record " << i + 1 << ", byte " << at;
      text[at] = static_cast<char>(text[at] ^ 1);
    }
    const auto link = readLink(line);
    ASSERT_FALSE(keys.see(line, *link, *readHead(line)));
    before = {link->seq, link->hash};
  }
  EXPECT_GT(flips, 200U * 500U);
}

TEST_F(AuditTampering, T1NamesTheRecordOfAFlippedByteInAFile) {
  constexpr std::size_t kStride = 997;  // a prime, so that every part of a record has its turn
  SealedLog log;
  log.grow(199);
  std::string text = textOf(log.lines());
  for (std::size_t i = 0; i < text.size(); i += kStride) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    const auto record =
        static_cast<std::uint64_t>(std::count(text.begin(), text.begin() + at, '\n')) + 1;
    text[i] = static_cast<char>(text[i] ^ 1);
    const auto report = verify(text, {{log.seed()}});
    text[i] = static_cast<char>(text[i] ^ 1);
    ASSERT_TRUE(report.finding.has_value()) << "byte " << i;
    EXPECT_EQ(report.finding->seq, record);
    const auto name = chainFaultName(report.finding->fault);
    EXPECT_TRUE(name == "edited" || name == "key") << name;
  }
}

TEST_F(AuditTampering, T2DropsEachRecord) {
  SealedLog log;
  log.grow(40);
  // Of the last one nothing is left to miss it: an anchor does (T3).
  for (std::size_t i = 0; i + 1 < log.lines().size(); ++i)
    expectFault(verify(textOf(without(log.lines(), i)), {{log.seed()}}), ChainFault::kDeleted,
                i + 1);
}

TEST_F(AuditTampering, T2DuplicatesEachRecord) {
  SealedLog log;
  log.grow(40);
  for (std::size_t i = 0; i < log.lines().size(); ++i) {
    Lines lines = log.lines();
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    expectFault(verify(textOf(lines), {{log.seed()}}), ChainFault::kDuplicated, i + 2);
  }
}

TEST_F(AuditTampering, T2SwapsEachPairOfRecords) {
  SealedLog log;
  log.grow(40);
  for (std::size_t i = 0; i + 1 < log.lines().size(); ++i) {
    Lines lines = log.lines();
    std::swap(lines[i], lines[i + 1]);
    expectFault(verify(textOf(lines), {{log.seed()}}), ChainFault::kReordered, i + 1);
  }
}

TEST_F(AuditTampering, T3CutsTheLogAtEveryByte) {
  constexpr std::uint64_t kEpoch = 4;
  SealedLog log;
  log.grow(12, kEpoch);
  ASSERT_EQ(log.anchors().back().seq, log.head().seq);
  const std::string text = textOf(log.lines());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const bool whole = size == 0 || text[size - 1] == '\n';
    const auto records = static_cast<std::uint64_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
    const auto report =
        verify(text.substr(0, size), {{log.seed()}, log.anchors(), VerifyRequest::Writer::kNone});
    expectFault(report, ChainFault::kTruncated, records + 1);
    EXPECT_TRUE(!whole || report.finding->anchorSeq > records);
  }
}

// Whoever has the key of the moment cuts the log and lets it grow again.
TEST_F(AuditTampering, T3CutsTheLogAndGoesOn) {
  for (std::uint64_t kept = 1; kept < 12; ++kept) {
    const AuditSeed seed = AuditSeed::make();
    SealedLog truth(seed);
    truth.grow(kept - 1, 4);
    SealedLog forged = truth;
    truth.grow(13, 4);
    AuditRecord other = forged.act();
    other.account = "nobody";
    forged.add(other);
    forged.grow(30, 4);
    const auto report = verify(textOf(forged.lines()), {{seed}, truth.anchors()});
    ASSERT_TRUE(report.finding.has_value()) << kept;
    EXPECT_EQ(chainFaultName(report.finding->fault), "rewritten");
    EXPECT_LE(report.finding->seq, kept + 1);
    EXPECT_GT(report.finding->anchorSeq, kept);
    EXPECT_FALSE(verify(textOf(forged.lines()), {{seed}}).finding.has_value())
        << "with the key of the moment, only an anchor tells";
  }
}

TEST_F(AuditTampering, T4SplicesASegmentOfAnotherHost) {
  SealedLog log, other;
  log.grow(30);
  other.grow(30);
  writeSegment(directory_.path(), 11, textOf({other.lines().begin() + 10, other.lines().end()}));
  expectFault(verify(textOf({log.lines().begin(), log.lines().begin() + 10}), {}),
              ChainFault::kSpliced, 11);
}

TEST_F(AuditTampering, T4ReplacesTheLogByAnotherHosts) {
  SealedLog log, other;
  log.grow(30);
  other.grow(60);
  const std::string text = textOf(other.lines());
  expectFault(verify(text, {{}, log.anchors()}), ChainFault::kSpliced, 1);
  expectFault(verify(text, {{log.seed()}}), ChainFault::kKey, 62);
}

TEST_F(AuditTampering, T5RollsTheWholeDirectoryBackWithItsKeys) {
  SealedLog log;
  log.grow(40);
  SealedLog snapshot = log;  // lines and keys
  log.grow(40);
  auto report = verify(textOf(snapshot.lines()), {{log.seed()}, log.anchors()});
  expectFault(report, ChainFault::kTruncated, 42);
  snapshot.time().unixMicros += 5000000;  // the agent goes on from there
  snapshot.grow(60);
  report = verify(textOf(snapshot.lines()), {{log.seed()}, log.anchors()});
  expectFault(report, ChainFault::kRewritten, 34);
  EXPECT_EQ(report.finding->anchorSeq, 49U);
  EXPECT_FALSE(verify(textOf(snapshot.lines()), {{log.seed()}}).finding.has_value())
      << "nothing in the directory itself can tell";
}

TEST_F(AuditTampering, T6ForgesARecordWithTheRightChainAndTheEvolvedKey) {
  const AuditSeed seed = AuditSeed::make();
  SealedLog truth(seed);
  truth.grow(20);
  SealedLog forged = truth;  // up to here it is the same
  truth.grow(40);            // two epochs later its key is stolen
  AuditRecord lie = forged.act();
  lie.account = "nobody";
  forged.keys() = truth.keys();
  forged.add(lie);
  forged.grow(30);
  const std::string text = textOf(forged.lines());
  EXPECT_FALSE(verify(text, {}).finding.has_value()) << "the chain alone has no secret";
  expectFault(verify(text, {{seed}}), ChainFault::kKey, 22);
}

TEST_F(AuditTampering, T6StripsSealsOrSealsAsSomebodyElse) {
  SealedLog log;
  log.grow(20);
  SealedLog stripped = log;
  stripped.addUnsealed(stripped.act());
  expectFault(verify(textOf(stripped.lines()), {}), ChainFault::kKey, 22);
  SealedLog taken = log;
  taken.rekey(AuditSeed::make());
  EXPECT_FALSE(verify(textOf(taken.lines()), {}).finding.has_value());
  expectFault(verify(textOf(taken.lines()), {{log.seed()}}), ChainFault::kKey, 22);
  SealedLog bare;
  for (int i = 0; i < 10; ++i)
    bare.addUnsealed(bare.act());
  expectFault(verify(textOf(bare.lines()), {{log.seed()}}), ChainFault::kKey, 11);
}

TEST_F(AuditTampering, T6AcceptsKeysThatWereReplacedWhenBothSeedsAreGiven) {
  SealedLog log;
  for (int i = 0; i < 5; ++i)
    log.addUnsealed(log.act());  // from before there were keys
  log.rekey(log.seed());
  log.grow(20);
  const AuditSeed second = AuditSeed::make();
  log.rekey(second);
  log.grow(20);
  const auto report = verify(textOf(log.lines()), {{second, log.seed()}});
  EXPECT_FALSE(report.finding.has_value());
  EXPECT_EQ(report.sealed, log.lines().size() - 5);
  // The second seed covers what stands before it through the chain.
  EXPECT_FALSE(verify(textOf(log.lines()), {{second}}).finding.has_value());
}

TEST_F(AuditTampering, T7TurnsTheClockBackAndForward) {
  for (const std::int64_t hours : {-1, 1}) {
    SealedLog log;
    log.grow(10);
    log.time().unixMicros += hours * 3600 * 1000000;
    log.grow(10);
    const auto report = verify(textOf(log.lines()), {{log.seed()}});
    EXPECT_FALSE(report.finding.has_value()) << "the order is the chain's, not the clock's";
    ASSERT_EQ(report.clock.size(), 1U);
    EXPECT_EQ(report.clock[0].seq, 12U);
    EXPECT_EQ(report.clock[0].seconds, hours * 3600);
  }
}

TEST_F(AuditTampering, T7RefusesATimeSinceBootThatRunsBackwards) {
  SealedLog log;
  log.grow(10);
  log.time().monotonicNanos -= 5000000;
  log.grow(1);
  expectFault(verify(textOf(log.lines()), {{log.seed()}}), ChainFault::kClock, 12);
}

TEST_F(AuditTampering, T8WritesNoTextThatCouldBeTakenForALineOrAMember) {
  SealedLog log;
  log.grow(3);
  const std::vector<std::string> poison = {"\n{\"v\":1,\"seq\":9}",
                                           "\r\n",
                                           "\",\"mac\":\"" + std::string(40, '0') + "\"}\n",
                                           "\",\"kind\":\"key\",\"x\":\"",
                                           "\x1b[2J\x9b",
                                           std::string("a\0b", 3),
                                           "\xe2\x80\xa8",
                                           "%n%s"};
  for (const auto& text : poison) {
    AuditRecord record;
    record.kind = AuditKind::kIntent;
    record.op = record.opId = record.requestId = record.actor = record.trace = record.account =
        record.code = record.message = text;
    record.params = {{"value", text}, {"list", std::vector<std::string>{text, text}}};
    log.add(record);
    const std::string& line = log.lines().back();
    EXPECT_TRUE(
        std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
    EXPECT_EQ(readHead(line)->kind, "intent");
    EXPECT_EQ(parseAuditLine(line)->message, parseAuditLine(line)->account);
  }
  const auto report = verify(textOf(log.lines()), {{log.seed()}});
  EXPECT_FALSE(report.finding.has_value());
  EXPECT_EQ(report.sealed, log.lines().size());
}

}  // namespace
}  // namespace bulkhead
