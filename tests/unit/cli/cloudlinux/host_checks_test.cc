#include <gtest/gtest.h>

#include "cli/cloudlinux/check.h"
#include "cli/cloudlinux/world.h"
#include "tests/unit/cli/cloudlinux/fake_panel.h"

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr const char* kIni = "/opt/fake/integration.ini";

std::string faultsOf(const std::string& name, const FakeHost& host, const std::string& text) {
  World world(host, kIni);
  world.setIni(parseIntegrationIni(text));
  std::string out;
  for (const auto& check : hostChecks())
    if (check.name == name)
      for (const auto& fault : check.rule(world))
        out += fault + "\n";
  return out;
}

struct stat statOf(mode_t mode, uid_t uid = 0) {
  struct stat info = {};
  info.st_mode = mode;
  info.st_uid = uid;
  return info;
}

std::string with(const std::string& what, const std::string& instead) {
  auto text = FakePanel::ini();
  text.replace(text.find(what), what.size(), instead);
  return text;
}

TEST(HostChecks, FindNothingWrongWithAGoodFile) {
  const FakeHost host;
  for (const auto& check : hostChecks())
    EXPECT_EQ(faultsOf(std::string(check.name), host, FakePanel::ini()), "") << check.name;
}

TEST(HostChecks, NoticeAFileThatUsersCannotReadOrCanWrite) {
  FakeHost host;
  host.stats[kIni] = statOf(S_IFREG | 0660);
  EXPECT_EQ(faultsOf("integration.ini is readable by every user", host, FakePanel::ini()),
            "mode 0660: not every user can read it\n");
  EXPECT_EQ(faultsOf("integration.ini can be changed by root alone", host, FakePanel::ini()),
            "mode 0660: others can write it\n");
  host.stats[kIni] = statOf(S_IFREG | 0644, 1001);
  EXPECT_EQ(faultsOf("integration.ini can be changed by root alone", host, FakePanel::ini()),
            "belongs to uid 1001\n");
}

TEST(HostChecks, NoticeWhatTheFileLacks) {
  const FakeHost host;
  EXPECT_EQ(faultsOf("integration.ini is a strict INI file", host, "x\n"),
            "line 1: neither a comment nor KEY = VALUE\n");
  EXPECT_EQ(faultsOf("integration.ini has its two sections", host, "[integration_scripts]\n"),
            "no section [lvemanager_config]\n");
  EXPECT_EQ(faultsOf("the six necessary scripts are named", host, with("admins = ", "adm = ")),
            "no admins in [integration_scripts]\n");
  EXPECT_EQ(faultsOf("db_info and php are named too", host, with("php = ", "ph = ")),
            "no php in [integration_scripts]\n");
}

TEST(HostChecks, NoticeScriptsThatCannotRunOrThatOthersCanChange) {
  FakeHost host;
  EXPECT_EQ(faultsOf("every script is absolute, exists and is executable", host,
                     with("users = /opt", "users = opt")),
            "users: opt/fake/cpapi is not absolute\n");
  host.stats["/opt/fake/cpapi-ui"] = statOf(S_IFREG | 0644);
  EXPECT_EQ(faultsOf("every script is absolute, exists and is executable", host, FakePanel::ini()),
            "ui_user_info: /opt/fake/cpapi-ui is not executable\n");
  host.stats["/opt/fake/cpapi-ui"] = statOf(S_IFREG | 04755);
  EXPECT_EQ(faultsOf("no script is set-uid", host, FakePanel::ini()),
            "ui_user_info: /opt/fake/cpapi-ui is set-uid, which is dead inside a cage\n");
  host.stats["/opt/fake/cpapi-ui"] = statOf(S_IFREG | 0775);
  EXPECT_EQ(faultsOf("scripts and their directories are root's alone", host, FakePanel::ini()),
            "ui_user_info: others can write /opt/fake/cpapi-ui\n");
  host.stats["/opt/fake"] = statOf(S_IFDIR | 0755, 1001);
  EXPECT_NE(faultsOf("scripts and their directories are root's alone", host, FakePanel::ini())
                .find("users: /opt/fake belongs to uid 1001"),
            std::string::npos);
  host.stats["/opt/fake/cpapi"] = statOf(S_IFREG | 0750);
  EXPECT_EQ(faultsOf("users can execute the scripts made for them", host, FakePanel::ini()),
            "panel_info: users cannot execute /opt/fake/cpapi\n"
            "domains: users cannot execute /opt/fake/cpapi\n");
}

TEST(HostChecks, NoticeFlagsQuotesAndIncompleteSettings) {
  const FakeHost host;
  EXPECT_EQ(faultsOf("--with-php is not in the file", host,
                     with("cpapi domains", "cpapi domains --with-php")),
            "domains: --with-php\n");
  EXPECT_NE(faultsOf("values hold no character that needs quoting", host,
                     with("cpapi domains", "cpapi \"domains\"")),
            "");
  const std::string name = "the LVE Manager's settings are complete";
  EXPECT_EQ(faultsOf(name, host, with("run_service = 0", "run_service = 1\nservice_port = x")),
            "run_service=1 needs a numeric service_port\n");
  EXPECT_EQ(faultsOf(name, host, with("run_service = 0", "use_ssl = 1\nssl_cert = /a")),
            "use_ssl=1 needs ssl_cert and ssl_key\n");
  EXPECT_EQ(faultsOf(name, host, with("run_service = 0", "run_service = yes")),
            "run_service is neither 0 nor 1\n");
  EXPECT_EQ(faultsOf(name, host, with("ui_user_info", "ui")), "no ui_user_info\n");
}

}  // namespace
}  // namespace bulkhead::cli::cloudlinux
