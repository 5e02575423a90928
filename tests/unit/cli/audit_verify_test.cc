#include "cli/audit_verify.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/audit_anchors.h"
#include "cli/audit_export.h"
#include "cli/audit_seed.h"
#include "common/core/json.h"
#include "common/core/json_members.h"
#include "tests/support/sealed_log.h"
#include "tests/support/temp_dir.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

class AuditCommands : public ::testing::Test {
 protected:
  AuditCommands() {
    log_.grow(40);
    bulkhead::testing::writeSegment(directory_.path(), 1, bulkhead::testing::textOf(log_.lines()));
    std::string anchors;
    for (const auto& anchor : log_.anchors())
      anchors += anchor.line() + "\n";
    write("seed", log_.seed().text() + "\n");
    write("anchors", anchors);
    options_.directory = directory_.path();
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name), std::ios::trunc) << text;
  }
  std::string path(const std::string& name) { return directory_.path() + "/" + name; }
  // What it ends with; what it prints is in said_ and complained_.
  template <typename Act>
  ExitCode run(const Act& act) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const ExitCode code = act();
    said_ = ::testing::internal::GetCapturedStdout();
    complained_ = ::testing::internal::GetCapturedStderr();
    return code;
  }
  ExitCode verify(bool json = false) {
    return run([&] { return runAuditVerify(options_, json); });
  }
  bulkhead::testing::SealedLog log_;
  bulkhead::testing::TempDir directory_;
  VerifyOptions options_;
  std::string said_, complained_;
};

TEST_F(AuditCommands, ExportPrintsTheVeryLinesFromAnyRecordOn) {
  ExportOptions options;
  options.directory = directory_.path();
  EXPECT_EQ(run([&] { return runAuditExport(options); }), ExitCode::kOk);
  EXPECT_EQ(said_, bulkhead::testing::textOf(log_.lines()));
  options.after = 40;
  EXPECT_EQ(run([&] { return runAuditExport(options); }), ExitCode::kOk);
  EXPECT_EQ(said_, log_.lines().back() + "\n");
  options.after = 41;
  EXPECT_EQ(run([&] { return runAuditExport(options); }), ExitCode::kOk);
  EXPECT_EQ(said_, "");
}

TEST_F(AuditCommands, ExportSpeaksTheElasticCommonSchema) {
  ExportOptions options;
  options.directory = directory_.path();
  options.format = "ecs";
  ASSERT_EQ(run([&] { return runAuditExport(options); }), ExitCode::kOk);
  std::istringstream lines(said_);
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto record = parseJson(line);
    ASSERT_TRUE(record.ok()) << line;
    EXPECT_EQ(numberAt(*record, {"event", "sequence"}), ++count);
    EXPECT_FALSE(textAt(*record, {"@timestamp"}).empty());
    EXPECT_EQ(textAt(*record, {"ecs", "version"}), "8.11.0");
  }
  EXPECT_EQ(count, 41U);
}

TEST_F(AuditCommands, ExportTellsOfWhatIsNoRecordAndLeavesAHalfLineForTheNext) {
  const auto name = segmentName(1);
  const std::string whole = bulkhead::testing::textOf(log_.lines());
  write(name, whole + "not a record\n" + log_.lines().back().substr(0, 20));
  ExportOptions options;
  options.directory = directory_.path();
  EXPECT_EQ(run([&] { return runAuditExport(options); }), ExitCode::kFindings);
  EXPECT_EQ(said_, whole + "not a record\n");
  EXPECT_NE(complained_.find("1 lines are no records"), std::string::npos) << complained_;
  options.format = "ecs";
  EXPECT_EQ(run([&] { return runAuditExport(options); }), ExitCode::kFindings);
  EXPECT_EQ(said_.find("not a record"), std::string::npos);
}

TEST_F(AuditCommands, ExportOfNoLogSaysSo) {
  bulkhead::testing::TempDir empty;
  ExportOptions options;
  options.directory = empty.path();
  EXPECT_EQ(run([&] { return runAuditExport(options); }), ExitCode::kNotFound);
}

TEST_F(AuditCommands, VerifySaysWhatItDidNotCheck) {
  EXPECT_EQ(verify(), ExitCode::kOk);
  EXPECT_TRUE(said_.starts_with("audit verify: ok, 41 records\n")) << said_;
  EXPECT_NE(said_.find("seals: not checked, give --seed"), std::string::npos);
  EXPECT_NE(said_.find("end: not checked, give --anchors"), std::string::npos);
}

TEST_F(AuditCommands, VerifyChecksSealsAndEnd) {
  options_.seedFiles = {path("seed")};
  options_.anchorsFile = path("anchors");
  EXPECT_EQ(verify(), ExitCode::kOk);
  EXPECT_NE(said_.find("seals: 41 checked"), std::string::npos);
  EXPECT_NE(said_.find("end: 2 anchors fit"), std::string::npos);
  EXPECT_EQ(verify(/*json=*/true), ExitCode::kOk);
  const auto json = parseJson(said_);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->at("sealed"), 41);
  EXPECT_EQ(json->at("anchors"), 2);
  EXPECT_EQ(json->at("key"), log_.keys().publicKey);
}

TEST_F(AuditCommands, VerifyNamesTheRecordTheKindAndTheAnchor) {
  const std::vector<std::string> kept(log_.lines().begin(), log_.lines().begin() + 20);
  bulkhead::testing::writeSegment(directory_.path(), 1, bulkhead::testing::textOf(kept));
  options_.anchorsFile = path("anchors");
  EXPECT_EQ(verify(), ExitCode::kFindings);
  EXPECT_NE(said_.find("record 21 is truncated"), std::string::npos) << said_;
  EXPECT_NE(said_.find("an anchor of record 33 says so"), std::string::npos) << said_;
  EXPECT_EQ(verify(/*json=*/true), ExitCode::kFindings);
  EXPECT_EQ(parseJson(said_)->at("finding").at("fault"), "truncated");
  EXPECT_EQ(parseJson(said_)->at("finding").at("anchor"), 33);
}

TEST_F(AuditCommands, VerifyRefusesWhatIsNoSeedNoAnchorOrNoFileAndNeverShowsIt) {
  write("seed", log_.seed().text().substr(1) + "\n");
  options_.seedFiles = {path("seed")};
  EXPECT_EQ(verify(), ExitCode::kUsage);
  EXPECT_EQ((said_ + complained_).find(log_.seed().text().substr(10, 20)), std::string::npos);
  write("seed", "\n");
  EXPECT_EQ(verify(), ExitCode::kUsage);
  options_.seedFiles = {path("absent")};
  EXPECT_EQ(verify(), ExitCode::kNotFound);
  options_.seedFiles.clear();
  write("anchors", "");
  options_.anchorsFile = path("anchors");
  EXPECT_EQ(verify(), ExitCode::kUsage);
  options_.anchorsFile.clear();
  options_.directory = path("absent");
  EXPECT_EQ(verify(), ExitCode::kNotFound);
}

TEST_F(AuditCommands, SeedIsShownOnceUnlessItIsToBeReplaced) {
  SeedOptions options;
  options.keyDirectory = path("keys");
  EXPECT_FALSE(isAuditSeedShown(options.keyDirectory));
  const auto text = makeAuditSeed(options);
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_TRUE(isAuditSeedShown(options.keyDirectory));
  EXPECT_EQ(makeAuditSeed(options).error().code, Code::kConflict);
  options.replace = true;
  EXPECT_EQ(makeAuditSeed(options).error().code, Code::kConflict) << "not taken up yet";
  std::filesystem::rename(path("keys/keys.next"), path("keys/keys"));  // as the agent does
  const auto second = makeAuditSeed(options);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(*second, *text);
  for (const auto& file : std::filesystem::directory_iterator(options.keyDirectory)) {
    std::ostringstream content;
    content << std::ifstream(file.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(content.str().find(text->substr(5, 64)), std::string::npos) << "only what follows";
  }
}

TEST_F(AuditCommands, AnchorsArePrintedInTheirOrderFromBothFiles) {
  AnchorsOptions options{directory_.path()};
  EXPECT_EQ(run([&] { return runAuditAnchors(options); }), ExitCode::kNotFound);
  write("audit-anchors.1.jsonl", log_.anchors()[0].line() + "\n");
  write("audit-anchors.0.jsonl", log_.anchors()[1].line() + "\n");
  EXPECT_EQ(run([&] { return runAuditAnchors(options); }), ExitCode::kOk);
  EXPECT_EQ(said_, log_.anchors()[0].line() + "\n" + log_.anchors()[1].line() + "\n");
  write("audit-anchors.1.jsonl", "cut by a ki\n" + log_.anchors()[0].line() + "\n");
  EXPECT_EQ(run([&] { return runAuditAnchors(options); }), ExitCode::kOk);
  EXPECT_EQ(said_, log_.anchors()[0].line() + "\n" + log_.anchors()[1].line() + "\n");
  write("audit-anchors.0.jsonl", "nonsense\n");
  write("audit-anchors.1.jsonl", "nonsense\n");
  EXPECT_EQ(run([&] { return runAuditAnchors(options); }), ExitCode::kUsage);
  std::filesystem::remove(path("audit-anchors.1.jsonl"));
  std::filesystem::create_symlink("/etc/shadow", path("audit-anchors.1.jsonl"));
  EXPECT_EQ(run([&] { return runAuditAnchors(options); }), ExitCode::kDenied);
}

}  // namespace
}  // namespace bulkhead::cli
