#include "agent/audit/audit.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "common/audit/verify.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::agent {
namespace {

AuditRecord act(AuditKind kind, const std::string& opId, const std::string& account = "alice") {
  AuditRecord record;
  record.kind = kind;
  record.op = "account.create";
  record.opId = opId;
  record.requestId = "req-" + opId;
  record.account = account;
  return record;
}

std::vector<AuditLine> readAll(const std::string& directory) {
  std::vector<AuditLine> records;
  const auto segments = listSegments(directory);
  for (const auto& segment : *segments) {
    std::ifstream file(directory + "/" + segment.name);
    for (std::string line; std::getline(file, line);)
      records.push_back(*parseAuditLine(line));
  }
  return records;
}

// The seed of its keys is known, so that every seal is checked.
class AuditLog : public ::testing::Test {
 protected:
  AuditLog() { (void)AuditKeyFile::create(keys_.path() + "/" + kNextAuditKeyFile, seed_.keys()); }
  Result<std::unique_ptr<Audit>> open(std::size_t segmentBytesMax = kSegmentBytesMax) {
    return Audit::open({directory_.path(), keys_.path(), segmentBytesMax});
  }
  std::string lastSegment() {
    return directory_.path() + "/" + listSegments(directory_.path())->back().name;
  }
  void expectWhole(std::uint64_t records) {
    const auto report = verifyAudit(directory_.path(), {.seeds = {seed_}});
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->finding.has_value());
    EXPECT_EQ(report->records, records);
    EXPECT_EQ(report->sealed, records);
  }
  AuditSeed seed_ = AuditSeed::make();
  bulkhead::testing::TempDir directory_, keys_;
};

TEST_F(AuditLog, StartsAChainAndContinuesItAfterARestart) {
  {
    auto audit = open();
    ASSERT_TRUE(audit.ok()) << audit.error().message;
    EXPECT_EQ((*audit)->appendIntent(act(AuditKind::kIntent, "1")).value(), 3U);
    EXPECT_EQ((*audit)->appendOutcome(act(AuditKind::kOutcome, "1")).value(), 4U);
  }
  ASSERT_TRUE(open().ok());
  expectWhole(5);
  EXPECT_EQ(readAll(directory_.path()).back().kind, "start");
}

TEST_F(AuditLog, IsPrivateToItsOwner) {
  ASSERT_TRUE(open().ok());
  struct stat info {};
  ASSERT_EQ(::stat(lastSegment().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST_F(AuditLog, RefusesASecondWriter) {
  const auto first = open();
  ASSERT_TRUE(first.ok());
  const auto second = open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
}

TEST_F(AuditLog, RotatesBySizeAndClosesTheOldSegment) {
  constexpr std::uint64_t kRecords = 200;
  auto audit = open(32768);
  ASSERT_TRUE(audit.ok());
  for (std::uint64_t i = 0; i < kRecords; ++i)
    ASSERT_TRUE((*audit)->append(act(AuditKind::kDeny, std::to_string(i))).ok());
  const auto segments = listSegments(directory_.path());
  ASSERT_GT(segments->size(), 3U);
  struct stat info {};
  ASSERT_EQ(::stat((directory_.path() + "/" + segments->front().name).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0400U);
  EXPECT_LE(info.st_size, 32768);
  expectWhole(2 + kRecords + segments->size() - 1);
  audit->reset();
  ASSERT_TRUE(open(32768).ok()) << "continues in the last segment";
}

TEST_F(AuditLog, CutsATornLineWhereverItIsTornAndRecordsIt) {
  ASSERT_TRUE(open().ok());
  const auto whole = std::filesystem::file_size(lastSegment());
  for (const std::size_t bytes : {1U, 17U, 300U}) {
    std::ofstream(lastSegment(), std::ios::app) << std::string(bytes, '{');
    auto audit = open();
    ASSERT_TRUE(audit.ok()) << audit.error().message;
    const auto records = readAll(directory_.path());
    EXPECT_EQ(records.back().kind, "recover");
    EXPECT_EQ(records.back().op, "audit");
  }
  EXPECT_GT(std::filesystem::file_size(lastSegment()), whole);
  expectWhole(2 + 3 * 2);
}

TEST_F(AuditLog, RefusesToStartBehindABrokenChain) {
  {
    auto audit = open();
    for (int i = 0; i < 5; ++i)
      ASSERT_TRUE((*audit)->append(act(AuditKind::kDeny, std::to_string(i))).ok());
  }
  std::fstream file(lastSegment(), std::ios::in | std::ios::out);
  file.seekp(400);
  file.put('#');
  file.close();
  const auto audit = open();
  ASSERT_FALSE(audit.ok());
  EXPECT_EQ(audit.error().code, Code::kConflict);
  EXPECT_NE(audit.error().message.find("broken after record"), std::string::npos);
}

TEST_F(AuditLog, RecordsAnActWithoutOutcomeAtTheNextStart) {
  {
    auto audit = open();
    ASSERT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "done")).ok());
    ASSERT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "lost", "bob")).ok());
    ASSERT_TRUE((*audit)->appendOutcome(act(AuditKind::kOutcome, "done")).ok());
  }
  ASSERT_TRUE(open().ok());
  const auto records = readAll(directory_.path());
  EXPECT_EQ(records.back().kind, "recover");
  EXPECT_EQ(records.back().opId, "lost");
  EXPECT_EQ(records.back().op, "account.create");
  EXPECT_EQ(records.back().account, "bob");
  EXPECT_EQ(records.back().code, "internal");
  const auto count = records.size();
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(readAll(directory_.path()).size(), count + 1) << "only once";
}

TEST_F(AuditLog, FindsAnOpenActOverARotation) {
  {
    auto audit = open(16384);
    ASSERT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "lost")).ok());
    while (listSegments(directory_.path())->size() < 2)
      ASSERT_TRUE((*audit)->append(act(AuditKind::kDeny, "x")).ok());
  }
  ASSERT_TRUE(open(16384).ok());
  EXPECT_EQ(readAll(directory_.path()).back().opId, "lost");
}

TEST_F(AuditLog, SurvivesKillBetweenAnyTwoRecords) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto audit = open(32768);
    for (int i = 0;; ++i)
      (void)(*audit)->append(act(AuditKind::kDeny, std::to_string(i)));
  }
  while (!listSegments(directory_.path()).ok() || listSegments(directory_.path())->size() < 3)
    ::usleep(1000);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_TRUE(open(32768).ok());
  const auto report = verifyAudit(directory_.path(), {.seeds = {seed_}});
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->finding.has_value());
  EXPECT_GT(report->sealed, 0U);
}

// A small file system of its own; needs root, as everything that the agent does.
class FullDisk : public AuditLog {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "size=160k"), 0)
        << "the tests of the agent run as root";
  }
  void TearDown() override { (void)::umount2(directory_.path().c_str(), MNT_DETACH); }
  void fill(std::size_t leaveBytes) {
    filler_ = directory_.path() + "/filler";
    std::ofstream file(filler_, std::ios::binary);
    const auto space = std::filesystem::space(directory_.path()).available;
    file << std::string(space > leaveBytes ? space - leaveBytes : 0, 'x') << std::flush;
  }
  std::string filler_;
};

TEST_F(FullDisk, RefusesTheIntentAndRecoversWhenThereIsSpaceAgain) {
  auto audit = open();
  ASSERT_TRUE(audit.ok());
  const auto head = (*audit)->head().seq;
  fill(0);
  const auto intent = (*audit)->appendIntent(act(AuditKind::kIntent, "1"));
  ASSERT_FALSE(intent.ok());
  EXPECT_EQ(intent.error().code, Code::kAuditUnavailable);
  EXPECT_EQ((*audit)->head().seq, head);
  std::filesystem::remove(filler_);
  EXPECT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "1")).ok());
  expectWhole(3);
}

TEST_F(FullDisk, StillRecordsWhatStopsABreakIn) {
  auto audit = open();
  ASSERT_TRUE(audit.ok());
  fill(0);
  EXPECT_FALSE((*audit)->appendIntent(act(AuditKind::kIntent, "usual")).ok());
  EXPECT_FALSE((*audit)->append(act(AuditKind::kDeny, "usual")).ok())
      << "nobody uses up what is set aside";
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "stop"), Need::kBreakGlass).ok());
    ASSERT_TRUE((*audit)->appendOutcome(act(AuditKind::kOutcome, "stop")).ok());
  }
  audit->reset();
  audit = open();
  ASSERT_TRUE(audit.ok()) << "the agent starts again: " << audit.error().message;
  EXPECT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "stop"), Need::kBreakGlass).ok());
  EXPECT_FALSE((*audit)->appendIntent(act(AuditKind::kIntent, "usual")).ok());
  std::filesystem::remove(filler_);
  EXPECT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "usual")).ok());
  EXPECT_FALSE(verifyAudit(directory_.path())->finding.has_value());
}

TEST_F(FullDisk, WhatStopsABreakInStartsNoSegment) {
  constexpr std::size_t kSegment = 40U << 10U;
  auto audit = open(kSegment);
  ASSERT_TRUE(audit.ok());
  // Until the next record of the usual kind would start another segment.
  while (std::filesystem::file_size(lastSegment()) + kRecordBytesMax + 4096 <= kSegment)
    ASSERT_TRUE((*audit)->append(act(AuditKind::kDeny, "1")).ok());
  fill(0);
  EXPECT_FALSE((*audit)->append(act(AuditKind::kDeny, "2")).ok());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "stop"), Need::kBreakGlass).ok());
    ASSERT_TRUE((*audit)->appendOutcome(act(AuditKind::kOutcome, "stop")).ok());
  }
  EXPECT_EQ(listSegments(directory_.path())->size(), 1U);
}

TEST_F(FullDisk, KeepsTheSpaceOfAnOutcomeWhoseIntentWasAccepted) {
  auto audit = open();
  ASSERT_TRUE((*audit)->appendIntent(act(AuditKind::kIntent, "1")).ok());
  fill(0);
  EXPECT_TRUE((*audit)->appendOutcome(act(AuditKind::kOutcome, "1")).ok());
  expectWhole(4);
}

TEST_F(FullDisk, WritesAnOwedOutcomeBeforeAnythingElse) {
  auto audit = open();
  fill(0);
  int refused = 0;
  while (refused == 0) {  // uses up what the first block still holds
    if (!(*audit)->appendOutcome(act(AuditKind::kOutcome, "owed")).ok()) ++refused;
  }
  std::filesystem::remove(filler_);
  ASSERT_TRUE((*audit)->append(act(AuditKind::kDeny, "next")).ok());
  const auto records = readAll(directory_.path());
  ASSERT_GE(records.size(), 3U);
  EXPECT_EQ(records[records.size() - 2].opId, "owed");
  EXPECT_EQ(records.back().opId, "next");
  expectWhole(records.size());
}

}  // namespace
}  // namespace bulkhead::agent
