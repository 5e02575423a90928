#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/fake_host.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using Call = testing::OpCall<rpc::Nothing, rpc::PhpList>;

std::string text(capnp::Text::Reader in) { return in.cStr(); }

TEST(PhpList, IsEmptyWithoutAnyInterpreter) {
  testing::FakeHost host;
  Call call;
  ASSERT_TRUE(call.perform(phpList(), host).ok());
  EXPECT_EQ(call.reply().getInterpreters().size(), 0U);
}

TEST(PhpList, FindsCloudLinuxsInterpretersAndTheDistributionsOwn) {
  testing::FakeHost host;
  host.addFile("/opt/alt/php83/usr/bin/php", "", {0755, 0, 0});
  host.addDirectory("/opt/alt/php83/usr/lib64/php/modules");
  host.addFile("/opt/alt/php74/usr/bin/php", "", {0755, 0, 0});
  host.addDirectory("/opt/alt/php80");         // not installed
  host.addDirectory("/opt/alt/php-internal");  // no version
  host.addDirectory("/opt/alt/python311");
  host.addFile("/usr/bin/php8.2", "", {0755, 0, 0});
  host.addDirectory("/etc/php/8.2/cli");
  Call call;
  ASSERT_TRUE(call.perform(phpList(), host).ok());
  const auto list = call.reply().getInterpreters();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(text(list[0].getIdentifier()), "alt-php74");
  EXPECT_EQ(text(list[0].getModulesDir()), "/opt/alt/php74/usr/lib/php/modules");
  EXPECT_EQ(text(list[1].getIdentifier()), "alt-php83");
  EXPECT_EQ(text(list[1].getVersion()), "8.3");
  EXPECT_EQ(text(list[1].getModulesDir()), "/opt/alt/php83/usr/lib64/php/modules");
  EXPECT_EQ(text(list[1].getDir()), "/opt/alt/php83");
  EXPECT_EQ(text(list[1].getBin()), "/opt/alt/php83/usr/bin/php");
  EXPECT_EQ(text(list[1].getIni()), "/opt/alt/php83/etc/php.ini");
  EXPECT_EQ(text(list[1].getScanDir()), "/opt/alt/php83/link/conf");
  EXPECT_FALSE(list[1].getIsNative());
  EXPECT_EQ(text(list[2].getIdentifier()), "native-php82");
  EXPECT_EQ(text(list[2].getVersion()), "8.2");
  EXPECT_EQ(text(list[2].getModulesDir()), "/usr/lib/php/20220829");
  EXPECT_EQ(text(list[2].getScanDir()), "/etc/php/8.2/cli/conf.d");
  EXPECT_TRUE(list[2].getIsNative());
}

TEST(PhpList, AnswersNothingFromADirectoryThatOthersCanWrite) {
  testing::FakeHost host;
  host.addFile("/opt/alt/php83/usr/bin/php", "", {0755, 0, 0});
  host.addDirectory("/opt", {0777, 0, 0});
  Call call;
  EXPECT_EQ(call.perform(phpList(), host).error().code, Code::kPermissionDenied);
}

}  // namespace
}  // namespace bulkhead::agent
