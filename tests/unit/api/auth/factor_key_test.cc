// The key of the seeds: made once, kept from others, bound to its owner.
#include "api/auth/factor_key.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

class FactorKeyTest : public ::testing::Test {
 protected:
  std::string file() const { return dir_.path() + "/" + FactorKey::kFileName; }
  FactorKey load() const { return FactorKey::load(dir_.path()).value(); }
  testing::TempDir dir_;
};

TEST_F(FactorKeyTest, IsMadeOnceForItsOwnerOnlyAndReadAgain) {
  const FactorKey first = load();
  EXPECT_TRUE(first.isNew());
  EXPECT_FALSE(load().isNew());
  const std::string sealed = first.seal("the seed", "adm_1");
  struct stat info {};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_EQ(info.st_size, 32);
  EXPECT_EQ(load().open(sealed, "adm_1").value(), "the seed");
}
TEST_F(FactorKeyTest, OpensNothingOfAnotherOwnerKeyOrHand) {
  const FactorKey key = load();
  const std::string sealed = key.seal("the seed", "adm_1");
  EXPECT_EQ(sealed.find("the seed"), std::string::npos);
  EXPECT_FALSE(key.open(sealed, "adm_2").ok());
  std::string damaged = sealed;
  damaged.back() = damaged.back() == '0' ? '1' : '0';
  for (const std::string& bad : {damaged, sealed.substr(2), std::string(), std::string("xy")})
    EXPECT_EQ(key.open(bad, "adm_1").error().code, Code::kInternal);
  std::filesystem::remove(file());
  EXPECT_FALSE(load().open(sealed, "adm_1").ok());
}
TEST_F(FactorKeyTest, IsRefusedWhenOthersCanReadIt) {
  (void)load();
  for (const mode_t mode : {0640U, 0604U, 0660U}) {
    ASSERT_EQ(::chmod(file().c_str(), mode), 0);
    EXPECT_EQ(FactorKey::load(dir_.path()).error().code, Code::kPermissionDenied);
  }
}
TEST_F(FactorKeyTest, IsRefusedWhenItIsNotWholeOrNoFile) {
  { std::ofstream(file()) << "short"; }
  ASSERT_EQ(::chmod(file().c_str(), 0600), 0);
  EXPECT_FALSE(FactorKey::load(dir_.path()).ok());
  std::filesystem::remove(file());
  std::filesystem::create_symlink("/dev/zero", file());
  EXPECT_FALSE(FactorKey::load(dir_.path()).ok());
  std::filesystem::remove(file());
  std::filesystem::create_directory(file());
  EXPECT_FALSE(FactorKey::load(dir_.path()).ok());
  EXPECT_FALSE(FactorKey::load(dir_.path() + "/nowhere").ok());
}

}  // namespace
}  // namespace bulkhead::api
