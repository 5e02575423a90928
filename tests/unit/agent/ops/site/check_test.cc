#include "agent/host/vhost_edits.h"
#include "tests/support/check_scene.h"

namespace bulkhead::agent {
namespace {

using Code = CheckScene::Code;
constexpr const char* kRecord = "/var/lib/bulkhead/agent/sites/alice.test";

TEST(SiteCheck, SaysWhatDiffersAndMendsIt) {
  const std::vector<CheckCase> cases = {
      {"the file is gone", [](CheckScene& s) { (void)s.host.removeFile(CheckScene::kVhost); },
       Code::VHOST_MISSING, "siteApply"},
      {"the file is of an earlier record",
       [](CheckScene& s) {
         auto site = *Registry(s.host).findSite(*DomainName::parse("alice.test"));
         site.aliases = {"www.alice.test"};
         CheckScene::must(Registry(s.host).putSite(site));
       },
       Code::VHOST_OUTDATED, "siteApply"},
      {"the site of a suspended account is served",
       [](CheckScene& s) { s.setState(AccountState::kSuspended); }, Code::SITE_MODE, "siteApply"},
      {"the workers run something else",
       [](CheckScene& s) { s.host.addFile(nginx::kGeneration, nginx::generationText(9)); },
       Code::NGINX_GENERATION, "siteApply"},
      {"Nginx does not run", [](CheckScene& s) { s.systemd.active[nginx::kUnit] = "inactive"; },
       Code::NGINX_STOPPED, "siteApply"},
      {"a change was begun and not ended",
       [](CheckScene& s) {
         s.host.addFile(std::string(nginx::kMarked) + "/alice.test", "alice", {0600, 0, 0});
       },
       Code::SITE_UNSETTLED, "siteApply"}};
  for (const auto& one : cases)
    expectFound(siteCheck(), one);
}

TEST(SiteCheck, LeavesToAPersonWhatOnlyAPersonCanDecide) {
  const std::vector<CheckCase> cases = {
      {"the file was edited",
       [](CheckScene& s) { s.replace(CheckScene::kVhost, "listen 80;", "listen 81;"); },
       Code::VHOST_EDITED},
      {"the file has a comment more", [](CheckScene& s) { s.append(CheckScene::kVhost, "# mine"); },
       Code::VHOST_EDITED},
      {"the file is a link",
       [](CheckScene& s) { s.host.addSymlink(CheckScene::kVhost, "/etc/passwd"); },
       Code::VHOST_EDITED},
      {"a file of somebody else",
       [](CheckScene& s) { s.host.addFile("/etc/nginx/bulkhead/sites/mine.conf", "# mine\n"); },
       Code::FOREIGN_FILE},
      {"a site that the registry does not know",
       [](CheckScene& s) { (void)s.host.removeFile(kRecord); }, Code::ORPHAN_VHOST},
      {"a site of nobody", [](CheckScene& s) { s.replace(kRecord, "\"alice\"", "\"bob\""); },
       Code::SITE_WITHOUT_ACCOUNT},
      {"a record that is none",
       [](CheckScene& s) {
         s.host.addFile(kRecord, "{", {0600, 0, 0});
       },
       Code::RECORD_UNREADABLE},
      {"a renaming that is not over",
       [](CheckScene& s) {
         auto site = *Registry(s.host).findSite(*DomainName::parse("alice.test"));
         site.renamedFrom = "old.test";
         CheckScene::must(Registry(s.host).putSite(site));
       },
       Code::UNFINISHED},
      {"nginx -t complains", [](CheckScene& s) { s.nginx.refused.insert(CheckScene::kVhost); },
       Code::NGINX_CONFIGURATION},
      {"the generation's file was edited",
       [](CheckScene& s) { s.host.addFile(nginx::kGeneration, "# mine\n"); },
       Code::NGINX_GENERATION}};
  for (const auto& one : cases)
    expectFound(siteCheck(), one);
}

TEST(SiteCheck, ShowsWhatWasEditedAndHowToTakeItBack) {
  CheckScene scene;
  scene.replace(CheckScene::kVhost, "listen 80;", "listen 81;");
  const auto edited = scene.host.content(CheckScene::kVhost);
  const auto finding = scene.look(siteCheck())[0];
  EXPECT_EQ(std::string(finding.getFound().cStr()), "changed by hand: -[listen 80;] +[listen 81;]");
  EXPECT_EQ(CheckScene::methodOf(finding.getRevert()), "siteApply");
  const auto kept = std::move(scene.call);
  ASSERT_TRUE(scene.repair(finding.getRevert()).ok());
  EXPECT_EQ(scene.look(siteCheck()).size(), 0U);
  const auto versions = nginx::editedVersions(scene.host, *DomainName::parse("alice.test"));
  ASSERT_EQ(versions->size(), 1U);
  EXPECT_EQ(scene.host.content(versions->front()), edited);
}

TEST(SiteCheck, ASuspensionDoesNotWaitForAnEditAndKeepsIt) {
  CheckScene scene;
  scene.replace(CheckScene::kVhost, "listen 80;", "listen 81;");
  testing::OpCall<rpc::SiteApply, rpc::Site> call;
  call.params().setUsername("alice");
  call.params().setDomain("alice.test");
  call.params().setMode(rpc::SiteApply::Mode::SUSPENDED);
  const auto proof = call.perform(siteApply(), scene.host);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_TRUE(nginx::isAsRendered(scene.host.content(CheckScene::kVhost)));
  const auto said = std::any_of(proof->begin(), proof->end(), [](const Evidence& fact) {
    return fact.check == "edited by hand" &&
           fact.detail.find(nginx::kEditedSites) != std::string::npos;
  });
  EXPECT_TRUE(said);
}

TEST(SiteCheck, AHostWithoutAnySiteHasNothingToCompare) {
  HostedScene scene;
  CheckScene::Call call;
  ASSERT_TRUE(call.perform(siteCheck(), scene.host).ok());
  EXPECT_EQ(call.reply().getFindings().size(), 0U);
}

TEST(SiteCheck, LooksAtTheFolderAndTheServerWithTheLastPageOnly) {
  CheckScene scene;
  scene.addSite(scene.alice, "second.test");
  scene.host.addFile("/etc/nginx/bulkhead/sites/mine.conf", "# mine\n");
  CheckScene::Call first;
  first.params().setLimit(1);
  ASSERT_TRUE(first.perform(siteCheck(), scene.host).ok());
  EXPECT_EQ(std::string(first.reply().getNext().cStr()), "alice.test");
  EXPECT_EQ(first.reply().getFindings().size(), 0U);
  CheckScene::Call second;
  second.params().setAfter("alice.test");
  ASSERT_TRUE(second.perform(siteCheck(), scene.host).ok());
  EXPECT_EQ(second.reply().getFindings().size(), 1U);
}

}  // namespace
}  // namespace bulkhead::agent
