#include "api/store/mariadb/access.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace bulkhead::api::mariadb {
namespace {

const std::string kLocal =
    R"({"socket":"/run/mysqld/mysqld.sock","database":"panel","user":"bulkhead-api","password":"s"})";
const std::string kRemote =
    R"({"host":"db.example.com","ca":"/etc/ca.pem","database":"panel","user":"bulkhead"})";

class AccessFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text, mode_t mode) {
    const std::string path = dir_.path() + "/database.json";
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  testing::TempDir dir_;
};

TEST(Access, IsASocketOrAHostWithItsCertificates) {
  const auto local = parseAccess(kLocal);
  ASSERT_TRUE(local.ok()) << local.error().message;
  EXPECT_FALSE(local->isRemote());
  EXPECT_EQ(local->password, "s");
  const auto remote = parseAccess(kRemote);
  ASSERT_TRUE(remote.ok()) << remote.error().message;
  EXPECT_TRUE(remote->isRemote());
  EXPECT_EQ(remote->port, 3306);
}

TEST(Access, RefusesWhatIsMissingOrTooMuchOrNobodyCouldVerify) {
  for (const char* text : {"", "[]", "{}", R"({"socket":"s","database":"d","user":"u"})",
                           R"({"socket":"/s","user":"u"})", R"({"socket":"/s","database":"d"})",
                           R"({"socket":"/s","host":"h","ca":"/c","database":"d","user":"u"})",
                           R"({"socket":"/s","ca":"/c","database":"d","user":"u"})",
                           R"({"host":"h","database":"d","user":"u"})",
                           R"({"host":"h","ca":"c","database":"d","user":"u"})",
                           R"({"host":"h/x","ca":"/c","database":"d","user":"u"})",
                           R"({"host":"h:1","ca":"/c","database":"d","user":"u"})",
                           R"({"host":"h","ca":"/c","port":0,"database":"d","user":"u"})",
                           R"({"host":"h","ca":"/c","port":65536,"database":"d","user":"u"})",
                           R"({"socket":"/s","database":"d`; x","user":"u"})",
                           R"({"socket":"/s","database":"d","user":"u","passwort":"x"})",
                           R"({"socket":"/s","database":"d","user":"u","password":1})"})
    EXPECT_FALSE(parseAccess(text).ok()) << text;
}

TEST(Access, IsNeverTheWordsOfARefusal) {
  const auto refused = parseAccess(R"({"socket":"/s","database":"d","password":"geheim"})");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message.find("geheim"), std::string::npos);
}

TEST_F(AccessFile, IsReadWhenItIsForItsOwnerAlone) {
  EXPECT_TRUE(readAccess(write(kLocal, 0600)).ok());
  EXPECT_TRUE(readAccess(write(kLocal, 0400)).ok());
}

TEST_F(AccessFile, IsRefusedWhenOthersCouldReadOrWriteIt) {
  for (const mode_t mode : {0604U, 0602U, 0620U, 0666U})
    EXPECT_FALSE(readAccess(write(kLocal, mode)).ok()) << std::oct << mode;
}

TEST_F(AccessFile, IsRefusedWhenItIsALinkOrNoFileOrNotThere) {
  const std::string path = write(kLocal, 0600);
  ASSERT_EQ(::symlink(path.c_str(), (dir_.path() + "/link").c_str()), 0);
  EXPECT_FALSE(readAccess(dir_.path() + "/link").ok());
  EXPECT_FALSE(readAccess(dir_.path()).ok());
  EXPECT_FALSE(readAccess(dir_.path() + "/none").ok());
}

TEST_F(AccessFile, IsRefusedWhenItIsAnotherUsers) {
  ASSERT_EQ(::geteuid(), 0U) << "only root gives files away: run as root";
  const std::string path = write(kLocal, 0600);
  ASSERT_EQ(::chown(path.c_str(), 4242, 4242), 0);
  EXPECT_FALSE(readAccess(path).ok());
}

}  // namespace
}  // namespace bulkhead::api::mariadb
