#include "common/audit/key_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace bulkhead {
namespace {

constexpr std::size_t kSlotBytes = 4096;

class AuditKeyFiles : public ::testing::Test {
 protected:
  std::string content() {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }
  void write(const std::string& text) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
  }
  static std::string raw(const AuditSecret& secret) {
    return {reinterpret_cast<const char*>(secret.bytes().data()), secret.bytes().size()};
  }
  bulkhead::testing::TempDir directory_;
  std::string path_ = directory_.path() + "/keys";
  AuditKeys keys_ = AuditSeed::make().keys();
};

TEST_F(AuditKeyFiles, KeepsWhatItWasGivenForItsOwnerAlone) {
  keys_.shown = true;
  ASSERT_TRUE(AuditKeyFile::create(path_, keys_).ok());
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  const auto file = AuditKeyFile::open(path_);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->keys().publicKey, keys_.publicKey);
  EXPECT_EQ(file->keys().mac.bytes(), keys_.mac.bytes());
  EXPECT_TRUE(file->keys().shown);
}

TEST_F(AuditKeyFiles, NeverReplacesKeysThatAreThere) {
  ASSERT_TRUE(AuditKeyFile::create(path_, keys_).ok());
  const auto again = AuditKeyFile::create(path_, AuditSeed::make().keys());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
  EXPECT_EQ(AuditKeyFile::open(path_)->keys().publicKey, keys_.publicKey);
}

TEST_F(AuditKeyFiles, LeavesNoFormerKeyInTheFile) {
  ASSERT_TRUE(AuditKeyFile::create(path_, keys_).ok());
  auto file = AuditKeyFile::open(path_);
  for (int i = 0; i < 5; ++i) {
    const std::string former = raw(file->keys().mac);
    ASSERT_NE(content().find(former), std::string::npos);
    file->keys().evolve();
    ASSERT_TRUE(file->store().ok());
    EXPECT_EQ(content().find(former), std::string::npos);
    const auto read = AuditKeyFile::open(path_);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->keys().epoch, file->keys().epoch);
    EXPECT_EQ(read->keys().mac.bytes(), file->keys().mac.bytes());
  }
  ASSERT_TRUE(file->wipe().ok());
  EXPECT_EQ(AuditKeyFile::open(path_).error().code, Code::kConflict);
}

// A power cut while the new slot is written, and one before the old slot is wiped.
TEST_F(AuditKeyFiles, BelievesTheNewerWholeSlotAndTheOlderWhenTheNewerIsTorn) {
  ASSERT_TRUE(AuditKeyFile::create(path_, keys_).ok());
  const std::string before = content();
  auto file = AuditKeyFile::open(path_);
  file->keys().evolve();
  ASSERT_TRUE(file->store().ok());
  const std::string after = content();
  for (std::size_t cut = 0; cut <= 160; ++cut) {
    write(before.substr(0, kSlotBytes) + after.substr(kSlotBytes, cut) +
          std::string(kSlotBytes - cut, '\0'));
    const auto read = AuditKeyFile::open(path_);
    ASSERT_TRUE(read.ok()) << cut;
    EXPECT_TRUE(read->keys().epoch == 0 || cut > 100) << cut;
  }
  write(before.substr(0, kSlotBytes) + after.substr(kSlotBytes));
  EXPECT_EQ(AuditKeyFile::open(path_)->keys().epoch, 1U);
}

TEST_F(AuditKeyFiles, RefusesWhatIsNone) {
  EXPECT_EQ(AuditKeyFile::open(path_).error().code, Code::kNotFound);
  for (const std::size_t size : {0U, 100U, 4096U, 8192U}) {
    write(std::string(size, 'x'));
    EXPECT_EQ(AuditKeyFile::open(path_).error().code, Code::kConflict);
  }
  std::filesystem::remove(path_);
  std::filesystem::create_symlink("/etc/passwd", path_);
  EXPECT_EQ(AuditKeyFile::open(path_).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace bulkhead
