// Administrators besides the main one, and the step from a database that knew only that one.
#include "api/usecases/admin_directory.h"

#include <gtest/gtest.h>

#include "api/auth/admin_schema.h"
#include "api/auth/admin_store.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

class AdminDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store_.reset();
    auto opened = AdminStore::open(dir_.path() + "/admins.db");
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(opened).value();
  }
  void makeMain(const std::string& name = "root") {
    ASSERT_TRUE(store_->addOneTime(OneTimeKind::kBootstrap, "h", "", 100).ok());
    Person main{"adm_main", name, "main", "hash", PersonState::kActive, 1};
    main.unixUser = "root";
    ASSERT_TRUE(store_->createMain(main, "h", 50).ok());
  }
  static Administrator admin(const std::string& name, std::int64_t at = 5) {
    Administrator a;
    a.id = "adm_" + name;
    a.name = name;
    a.createdAt = at;
    a.revision = 1;
    return a;
  }
  testing::TempDir dir_;
  std::unique_ptr<AdminStore> store_;
};

TEST_F(AdminDirectoryTest, TheMainAdministratorIsRootUntilThereIsOne) {
  EXPECT_EQ(store_->mainAdministrator()->name, "root");
  EXPECT_EQ(store_->mainAdministrator()->id, "");
  EXPECT_TRUE(store_->findAdministrator("root")->main);
  makeMain("boss");
  EXPECT_EQ(store_->mainAdministrator()->name, "boss");
  EXPECT_EQ(store_->mainAdministrator()->unixUser, "root");
  EXPECT_EQ(store_->findAdministrator("root").error().code, Code::kNotFound);
  EXPECT_TRUE(store_->findAdministrator("boss")->main);
  EXPECT_TRUE(store_->findAdministrator("adm_main")->main);
}

TEST_F(AdminDirectoryTest, KeepsMoreAdministratorsThanOne) {
  makeMain();
  Administrator ops = admin("admin2");
  ops.email = "ops@host.example";
  ops.locale = "Ru_ru";
  ops.unixUser = "opsadm";
  ASSERT_TRUE(store_->addAdministrator(ops, "hash2").ok());
  ASSERT_TRUE(store_->addAdministrator(admin("billing", 6), "hash3").ok());
  reopen();
  const auto found = store_->findAdministrator("admin2");
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->main);
  EXPECT_EQ(found->email, "ops@host.example");
  EXPECT_EQ(found->locale, "Ru_ru");
  EXPECT_EQ(found->unixUser, "opsadm");
  EXPECT_EQ(found->revision, 1U);
  EXPECT_EQ((*store_->findByName("admin2"))->role, "admin");
  EXPECT_EQ((*store_->findByName("admin2"))->passwordHash, "hash2");
  auto page = store_->administrators({"", 2});
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->items[0].name, "root");
  page = store_->administrators({page->nextCursor, 2});
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].name, "billing");
  EXPECT_FALSE(page->items[0].unixUser.has_value());
  EXPECT_EQ(store_->administrators({"x", 2}).error().field, "cursor");
}

TEST_F(AdminDirectoryTest, RefusesATakenName) {
  makeMain();
  Administrator again = admin("root");
  EXPECT_EQ(store_->addAdministrator(again, "h").error().code, Code::kAlreadyExists);
  EXPECT_EQ(store_->addAdministrator(again, "h").error().field, "username");
}

TEST_F(AdminDirectoryTest, ChangesOnlyWhatWasRead) {
  makeMain();
  Administrator ops = admin("admin2");
  ASSERT_TRUE(store_->addAdministrator(ops, "h").ok());
  ops.email = "o@o.example";
  const auto changed = store_->changeAdministrator(ops);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->revision, 2U);
  EXPECT_EQ(store_->findAdministrator("admin2")->email, "o@o.example");
  EXPECT_EQ(store_->changeAdministrator(ops).error().code, Code::kConflict);
  ops.id = "adm_none";
  EXPECT_EQ(store_->changeAdministrator(ops).error().code, Code::kNotFound);
}

TEST_F(AdminDirectoryTest, RemovesAnAdministratorWithItsSessionsButNotTheMainOne) {
  makeMain();
  ASSERT_TRUE(store_->addAdministrator(admin("admin2"), "h").ok());
  ASSERT_TRUE(store_->addSession({"ses_1", "t", "adm_admin2", "", 10, 10, 1000}, 500).ok());
  ASSERT_TRUE(store_->removeAdministrator("adm_admin2").ok());
  EXPECT_FALSE(store_->findSession("t")->has_value());
  EXPECT_EQ(store_->findAdministrator("admin2").error().code, Code::kNotFound);
  EXPECT_EQ(store_->removeAdministrator("adm_admin2").error().code, Code::kNotFound);
  EXPECT_EQ(store_->removeAdministrator("adm_main").error().code, Code::kConflict);
}

TEST_F(AdminDirectoryTest, AnOlderDatabaseKeepsItsAdministratorAndSessions) {
  store_.reset();
  const std::string path = dir_.path() + "/old.db";
  {
    const char* const kOld[] = {AdminStore::kFirstSchema};
    auto old = sqlite::Database::open(path, kOld);
    ASSERT_TRUE(old.ok());
    const auto filled = (*old)->write([](sqlite::Connection& c) {
      return c.script(
          "INSERT INTO admins VALUES('adm_1','boss','main','hash','active',3);"
          "INSERT INTO sessions VALUES('ses_1','t','adm_1','',10,10,1000);"
          "INSERT INTO one_time VALUES('l','login_link','adm_1',1000);");
    });
    ASSERT_TRUE(filled.ok()) << filled.error().message;
  }
  auto opened = AdminStore::open(path);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  store_ = std::move(opened).value();
  EXPECT_EQ(store_->mainAdministrator()->name, "boss");
  EXPECT_EQ(store_->mainAdministrator()->unixUser, "root");
  ASSERT_TRUE(store_->findSession("t")->has_value());
  EXPECT_EQ((*store_->findSession("t"))->person.username, "boss");
  EXPECT_TRUE(*store_->hasOneTime(OneTimeKind::kLoginLink, "l", 5));
  EXPECT_TRUE(store_->addAdministrator(admin("admin2"), "h").ok());
}

TEST_F(AdminDirectoryTest, ADatabaseOfAdministratorsOnlyKeepsAllThatTheyLogInWith) {
  constexpr std::size_t kStepsBefore = 6;  // the last of which brought second factors
  store_.reset();
  const std::string path = dir_.path() + "/old.db";
  {
    auto old = sqlite::Database::open(path, adminMigrations().first(kStepsBefore));
    ASSERT_TRUE(old.ok());
    const auto filled = (*old)->write([](sqlite::Connection& c) {
      return c.script(
          "INSERT INTO admins VALUES('adm_1','boss','main','hash','active',3,NULL,NULL,'root',1);"
          "INSERT INTO sessions VALUES('ses_1','t','adm_1','',10,10,1000,10);"
          "INSERT INTO one_time VALUES('l','login_link','adm_1',1000);"
          "INSERT INTO api_tokens VALUES('tok_1','adm_1','n','s',NULL,0,'self:read','',0,0,1,9,0,"
          "'');"
          "INSERT INTO password_resets VALUES('adm_1','r',1000);"
          "INSERT INTO second_factors VALUES('adm_1','seed',1,2,3,4,5);"
          "INSERT INTO backup_codes VALUES('adm_1','b');");
    });
    ASSERT_TRUE(filled.ok()) << filled.error().message;
  }
  store_ = AdminStore::open(path).value();
  EXPECT_EQ((*store_->findSession("t"))->session.provedAt, 10);
  EXPECT_TRUE(*store_->hasOneTime(OneTimeKind::kLoginLink, "l", 5));
  EXPECT_EQ(store_->apiToken("tok_1")->owner, "boss");
  EXPECT_EQ((*store_->findReset("r", 5))->username, "boss");
  EXPECT_EQ((*store_->factor("adm_1"))->confirmedAt, 5);
  EXPECT_EQ(*store_->backupCodesLeft("adm_1"), 1);
  ASSERT_TRUE(store_->setState("adm_1", PersonState::kDisabled).ok());
  EXPECT_FALSE(store_->findSession("t")->has_value());
}

}  // namespace
}  // namespace bulkhead::api
