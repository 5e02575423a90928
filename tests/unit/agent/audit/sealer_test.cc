#include "agent/audit/sealer.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "agent/audit/audit.h"
#include "common/audit/verify.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::agent {
namespace {

namespace fs = std::filesystem;

class SealedAudit : public ::testing::Test {
 protected:
  SealedAudit() { offer(seed_); }
  void offer(const AuditSeed& seed) {
    ASSERT_TRUE(AuditKeyFile::create(keyFile(kNextAuditKeyFile), seed.keys()).ok());
  }
  std::string keyFile(const char* name) const { return keys_.path() + "/" + name; }
  Result<std::unique_ptr<Audit>> open() {
    AuditOptions options{log_.path(), keys_.path()};
    options.clock = [this] { return now_; };
    options.publish = [this](const AuditAnchor& anchor) { anchors_.push_back(anchor); };
    return Audit::open(options);
  }
  void append(Audit& audit, int count) {
    AuditRecord record;
    record.kind = AuditKind::kDeny;
    record.op = "account.create";
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(audit.append(record).ok());
  }
  void pass(std::uint64_t seconds) {
    now_.monotonicNanos += seconds * 1000000000U;
    now_.unixMicros += static_cast<std::int64_t>(seconds) * 1000000;
  }
  void expectWhole(std::vector<AuditSeed> seeds) {
    const auto report = verifyAudit(log_.path(), {std::move(seeds), anchors_});
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->finding.has_value())
        << chainFaultName(report->finding->fault) << " at " << report->finding->seq;
    EXPECT_EQ(report->anchors, anchors_.size());
  }
  // The key directory as it was before, as an agent that was killed leaves it.
  void saveKeys() {
    fs::remove_all(log_.path() + ".keys");
    fs::copy(keys_.path(), log_.path() + ".keys");
  }
  void restoreKeys() {
    for (const auto& entry : fs::directory_iterator(keys_.path()))
      fs::remove(entry.path());
    fs::copy(log_.path() + ".keys", keys_.path());
    fs::remove_all(log_.path() + ".keys");
  }

  bulkhead::testing::TempDir log_, keys_;
  AuditSeed seed_ = AuditSeed::make();
  AuditTime now_{1700000000000000, 1};
  std::vector<AuditAnchor> anchors_;
};

TEST_F(SealedAudit, EndsAnEpochAfter256RecordsAndAnchorsIt) {
  auto audit = open();
  append(**audit, 260);
  ASSERT_EQ(anchors_.size(), 1U);
  EXPECT_EQ(anchors_[0].seq, 257U);
  EXPECT_EQ(anchors_[0].count, 257U);
  EXPECT_EQ(AuditKeyFile::open(keyFile(kAuditKeyFile))->keys().epoch, 1U);
  expectWhole({seed_});
}

TEST_F(SealedAudit, EndsAnEpochAMinuteAfterItsFirstRecord) {
  auto audit = open();
  (*audit)->tick();
  pass(kCheckpointSeconds - 1);
  (*audit)->tick();
  EXPECT_TRUE(anchors_.empty());
  pass(1);
  (*audit)->tick();
  EXPECT_EQ(anchors_.size(), 1U);
  (*audit)->tick();
  EXPECT_EQ(anchors_.size(), 1U);
}

TEST_F(SealedAudit, GivesASignOfLifeEveryQuarterOfAnHourWhileNothingHappens) {
  auto audit = open();
  ASSERT_TRUE((*audit)->checkpoint().ok());
  const auto before = (*audit)->head().seq;
  for (std::uint64_t second = 0; second < 4 * kHeartbeatSeconds; second += 10) {
    pass(10);
    (*audit)->tick();
  }
  EXPECT_EQ((*audit)->head().seq, before + 4);
  expectWhole({seed_});
}

TEST_F(SealedAudit, KeepsTheNewestAnchorWhereTheApiCanFetchIt) {
  auto audit = open();
  ASSERT_TRUE((*audit)->checkpoint().ok());
  append(**audit, 3);
  ASSERT_TRUE((*audit)->checkpoint().ok());
  std::ifstream file(keyFile("anchor"));
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, anchors_.back().line());
}

TEST_F(SealedAudit, GoesOnAfterARestartInsideAnEpoch) {
  for (int i = 0; i < 4; ++i) {
    auto audit = open();
    ASSERT_TRUE(audit.ok()) << audit.error().message;
    append(**audit, 20);
  }
  expectWhole({seed_});
}

TEST_F(SealedAudit, MakesUpForAKillBetweenACheckpointAndItsNewKey) {
  auto audit = open();
  append(**audit, 10);
  saveKeys();
  ASSERT_TRUE((*audit)->checkpoint().ok());
  audit->reset();
  restoreKeys();
  audit = open();
  ASSERT_TRUE(audit.ok()) << audit.error().message;
  append(**audit, 10);
  expectWhole({seed_});
  EXPECT_EQ(AuditKeyFile::open(keyFile(kAuditKeyFile))->keys().epoch, 1U);
}

TEST_F(SealedAudit, MakesUpForAKillBetweenTheRecordOfKeysAndTheirName) {
  { auto audit = open(); }
  const AuditSeed second = AuditSeed::make();
  offer(second);
  saveKeys();
  { auto audit = open(); }
  restoreKeys();
  auto audit = open();
  ASSERT_TRUE(audit.ok()) << audit.error().message;
  append(**audit, 10);
  EXPECT_FALSE(fs::exists(keyFile(kNextAuditKeyFile)));
  expectWhole({seed_, second});
}

TEST_F(SealedAudit, TakesUpOtherKeysWithTheNextRecordAndWipesTheFormerOnes) {
  auto audit = open();
  append(**audit, 5);
  const AuditSeed second = AuditSeed::make();
  offer(second);
  append(**audit, 5);
  EXPECT_EQ(AuditKeyFile::open(keyFile(kAuditKeyFile))->keys().publicKey, second.keys().publicKey);
  EXPECT_FALSE(fs::exists(keyFile(kNextAuditKeyFile)));
  expectWhole({seed_, second});
  const AuditSeed third = AuditSeed::make();
  offer(third);
  (*audit)->tick();
  EXPECT_FALSE(fs::exists(keyFile(kNextAuditKeyFile))) << "also while nobody writes";
}

TEST_F(SealedAudit, SealsALogFromBeforeThereWereKeysFromItsNextRecordOn) {
  { auto audit = open(); }
  const auto segment = log_.path() + "/" + segmentName(1);
  ChainHead head;
  std::ofstream old(segment, std::ios::trunc);
  for (std::uint64_t seq = 1; seq <= 20; ++seq) {
    AuditRecord record;
    const std::string line = formatAuditRecord(record, {seq, now_, "b", head.hash});
    head = {seq, readLink(line)->hash};
    old << line << "\n";
  }
  old.close();
  fs::remove(keyFile(kAuditKeyFile));
  auto audit = open();
  ASSERT_TRUE(audit.ok()) << audit.error().message;
  offer(seed_);
  append(**audit, 3);
  const auto report = verifyAudit(log_.path(), {{seed_}});
  EXPECT_FALSE(report->finding.has_value());
  EXPECT_EQ(report->records, 20 + 2 + 1 + 3U);
  EXPECT_EQ(report->sealed, 4U);
}

TEST_F(SealedAudit, RefusesALogThatEndsBeforeACheckpointItsKeysRemember) {
  auto audit = open();
  append(**audit, 5);
  const auto segment = log_.path() + "/" + segmentName(1);
  const auto size = fs::file_size(segment);
  ASSERT_TRUE((*audit)->checkpoint().ok());
  audit->reset();
  fs::resize_file(segment, size);
  audit = open();
  ASSERT_FALSE(audit.ok());
  EXPECT_EQ(audit.error().code, Code::kConflict);
  EXPECT_NE(audit.error().message.find("audit seed --replace"), std::string::npos);
  offer(AuditSeed::make());
  EXPECT_TRUE(open().ok()) << "somebody looked, and wants to go on";
}

TEST_F(SealedAudit, RefusesALogThatIsGoneWhileItsKeysAreNot) {
  { auto audit = open(); }
  fs::remove_all(log_.path());
  fs::create_directory(log_.path());
  const auto audit = open();
  ASSERT_FALSE(audit.ok());
  EXPECT_EQ(audit.error().code, Code::kConflict);
  offer(AuditSeed::make());
  EXPECT_TRUE(open().ok()) << "somebody looked, and wants to go on";
}

TEST_F(SealedAudit, RefusesKeysThatAreGoneBrokenOrOfAnotherLog) {
  { auto audit = open(); }
  const std::string path = keyFile(kAuditKeyFile);
  std::stringstream kept;
  kept << std::ifstream(path, std::ios::binary).rdbuf();
  fs::remove(path);
  EXPECT_EQ(open().error().code, Code::kConflict);
  std::ofstream(path) << "nonsense";
  EXPECT_EQ(open().error().code, Code::kConflict);
  fs::remove(path);
  ASSERT_TRUE(AuditKeyFile::create(path, AuditSeed::make().keys()).ok());
  EXPECT_EQ(open().error().code, Code::kConflict);
  std::ofstream(path, std::ios::binary) << kept.str();
  EXPECT_TRUE(open().ok());
}

TEST_F(SealedAudit, RefusesALastRecordWithoutItsSeal) {
  { auto audit = open(); }
  const auto segment = log_.path() + "/" + segmentName(1);
  std::ifstream file(segment);
  std::string first, second;
  std::getline(file, first);
  std::getline(file, second);
  for (const auto& forged : {second.substr(0, second.find(",\"mac\"")) + "}",
                             second.substr(0, second.size() - 66) + std::string(64, '0') + "\"}"}) {
    std::ofstream(segment, std::ios::trunc) << first << "\n" << forged << "\n";
    const auto audit = open();
    ASSERT_FALSE(audit.ok());
    EXPECT_EQ(audit.error().code, Code::kConflict);
  }
}

TEST_F(SealedAudit, MakesKeysOfItsOwnForANewLog) {
  fs::remove(keyFile(kNextAuditKeyFile));
  auto audit = open();
  ASSERT_TRUE(audit.ok()) << audit.error().message;
  ASSERT_TRUE((*audit)->checkpoint().ok());
  EXPECT_FALSE(AuditKeyFile::open(keyFile(kAuditKeyFile))->keys().shown);
  expectWhole({});
}

}  // namespace
}  // namespace bulkhead::agent
