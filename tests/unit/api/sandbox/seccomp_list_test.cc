// The list of system calls is read strictly: the server does not start with half of one.
#include "api/sandbox/seccomp_list.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "api/sandbox/sandbox.h"

namespace bulkhead::api {
namespace {

TEST(SeccompList, ReadsRules) {
  const auto rules = parseSeccompList(
      "# comment\n\nallow read  sockets\nchecked clone threads\nenosys clone3 pointer");
  ASSERT_TRUE(rules.ok());
  ASSERT_EQ(rules->size(), 3U);
  EXPECT_EQ((*rules)[1].name, "clone");
  EXPECT_EQ((*rules)[2].action, SyscallAction::kEnosys);
}
TEST(SeccompList, RefusesAnUnknownAction) {
  EXPECT_FALSE(parseSeccompList("log read sockets").ok());
}
TEST(SeccompList, RefusesALineWithoutName) { EXPECT_FALSE(parseSeccompList("allow").ok()); }
TEST(SeccompList, RefusesALineWithoutReason) { EXPECT_FALSE(parseSeccompList("allow read").ok()); }
TEST(SeccompList, RefusesANameTwice) {
  EXPECT_FALSE(parseSeccompList("allow read a\nchecked read b").ok());
}
TEST(SeccompList, RefusesAnEmptyList) { EXPECT_FALSE(parseSeccompList("# nothing\n").ok()); }
TEST(SeccompList, RefusesAMissingFile) {
  EXPECT_FALSE(loadSeccompList("/nonexistent/api.list", 0).ok());
}

TEST(SeccompList, RefusesAFileThatOthersCanWrite) {
  std::string name = "/tmp/bulkhead-list-XXXXXX";
  ASSERT_GE(::mkstemp(name.data()), 0);
  std::ofstream(name) << "allow read sockets\n";
  EXPECT_TRUE(loadSeccompList(name, ::getuid()).ok());
  ASSERT_EQ(::chmod(name.c_str(), 0622), 0);
  EXPECT_FALSE(loadSeccompList(name, ::getuid()).ok());
  EXPECT_EQ(::unlink(name.c_str()), 0);
}

// These refuse before anything is installed, so that the test itself goes on.
TEST(Sandbox, RefusesAListThatNamesACheckWeDoNotHave) {
  EXPECT_FALSE(confineSyscalls({SyscallRule{SyscallAction::kChecked, "execve"}}).ok());
}
TEST(Sandbox, RefusesAListThatForgetsACheck) {
  EXPECT_FALSE(confineSyscalls({SyscallRule{SyscallAction::kAllow, "read"}}).ok());
}

}  // namespace
}  // namespace bulkhead::api
