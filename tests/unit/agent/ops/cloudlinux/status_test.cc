#include <gtest/gtest.h>

#include "tests/unit/agent/ops/cloudlinux/scene.h"

namespace bulkhead::agent {
namespace {

using State = rpc::CloudlinuxReport::Check::State;

struct Scene : CloudLinuxScene {
  testing::OpCall<rpc::Nothing, rpc::CloudlinuxReport> question;
  using CloudLinuxScene::CloudLinuxScene;
  void ask() {
    const auto done = question.perform(cloudlinuxStatus(), host);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  rpc::CloudlinuxReport::Check::Reader check(const std::string& name) {
    for (const auto one : question.reply().getChecks())
      if (one.getName() == name.c_str()) return one;
    throw std::logic_error("no check of " + name);
  }
  void setKernel(const std::string& name, const std::string& value) {
    host.addFile("/proc/sys/fs/" + name, value + "\n");
  }
};

TEST(CloudlinuxStatus, OnAnotherSystemSaysThatNothingIsThere) {
  Scene scene(/*cloudLinux=*/false);
  scene.ask();
  EXPECT_FALSE(scene.question.reply().getEnabled());
  EXPECT_EQ(scene.question.reply().getRelease().size(), 0U);
  EXPECT_EQ(scene.check("fs.symlinkown_gid").getState(), State::UNKNOWN);
  EXPECT_EQ(scene.check("/opt/cpvendor/bin/domains").getState(), State::ATTENTION);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(CloudlinuxStatus, IsContentWithAHostThatIsSetUp) {
  Scene scene;
  scene.host.addDirectory("/sys/module/kmodlve");
  scene.host.addFile("/etc/group", scene.host.content("/etc/group") + "clsupergid:x:990:\n");
  scene.setKernel("enforce_symlinksifowner", "1");
  scene.setKernel("symlinkown_gid", "33");
  scene.setKernel("proc_can_see_other_uid", "0");
  scene.setKernel("proc_super_gid", "990");
  for (const auto* name :
       {"panel_info", "db_info", "packages", "users", "domains", "resellers", "admins", "php"})
    scene.host.addFile(std::string("/opt/cpvendor/bin/") + name, "", {0755, 0, 0});
  ASSERT_TRUE(scene.configure().ok());
  scene.ask();
  EXPECT_EQ(std::string(scene.question.reply().getRelease().cStr()),
            "CloudLinux release 9.4 (Valentin Lebedev)");
  for (const auto check : scene.question.reply().getChecks()) {
    EXPECT_EQ(check.getState(), State::GOOD) << check.getName().cStr();
    EXPECT_EQ(check.getAdvice().size(), 0U) << check.getName().cStr();
  }
}

TEST(CloudlinuxStatus, SaysWhatToDoAboutEachSetting) {
  Scene scene;
  scene.setKernel("enforce_symlinksifowner", "0");
  scene.setKernel("symlinkown_gid", "48");
  scene.setKernel("proc_can_see_other_uid", "1");
  scene.host.addFile("/etc/group", scene.host.content("/etc/group") + "clsupergid:x:990:\n");
  scene.setKernel("proc_super_gid", "0");
  scene.host.addFile("/opt/cpvendor/bin/users", "", {0775, 0, 0});
  scene.ask();
  for (const auto* name : {"fs.enforce_symlinksifowner", "fs.symlinkown_gid",
                           "fs.proc_can_see_other_uid", "fs.proc_super_gid"}) {
    EXPECT_EQ(scene.check(name).getState(), State::ATTENTION) << name;
    EXPECT_NE(std::string(scene.check(name).getAdvice().cStr()).find(name), std::string::npos);
  }
  EXPECT_EQ(std::string(scene.check("fs.symlinkown_gid").getFound().cStr()), "48");
  EXPECT_NE(std::string(scene.check("/opt/cpvendor/bin/users").getFound().cStr()).find("write"),
            std::string::npos);
}

TEST(CloudlinuxStatus, ShowsAFileThatAPersonHasChanged) {
  Scene scene;
  ASSERT_TRUE(scene.configure().ok());
  scene.host.addFile(cloudlinux::kIntegration, "mine\n");
  scene.ask();
  bool seen = false;
  for (const auto file : scene.question.reply().getFiles()) {
    if (file.getPath() != cloudlinux::kIntegration) continue;
    seen = true;
    EXPECT_EQ(file.getState(), rpc::CloudlinuxReport::File::State::EDITED);
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace bulkhead::agent
