// The rules that sudo gets: few, exact, and understood by sudo itself.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/paths.h"
#include "tests/support/child.h"

namespace bulkhead {
namespace {

const std::string kFile = std::string(BULKHEAD_SOURCE_DIR) + "/sudoers/bulkhead-cpapi";
constexpr const char* kEntry = "/usr/libexec/bulkhead/cpapi-domains";

std::vector<std::string> rules() {
  std::ifstream file(kFile);
  std::vector<std::string> lines;
  std::string line;
  while (std::getline(file, line))
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  return lines;
}

TEST(Sudoers, IsWhatSudoUnderstands) {
  const int status = testing::inChild([] {
    ::execl("/usr/sbin/visudo", "visudo", "-cqf", kFile.c_str(), nullptr);
    ADD_FAILURE() << std::strerror(errno);
  });
  EXPECT_EQ(status, 0) << "is sudo installed? tools/install-deps does that";
}
TEST(Sudoers, AllowOneProgramWithoutTheCallersEnvironment) {
  const auto lines = rules();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], std::string("Defaults!") + kEntry + " env_reset, !requiretty, !pam_session");
  EXPECT_EQ(lines[1], std::string("ALL ALL=(root) NOPASSWD:NOSETENV: ") + kEntry);
}
TEST(Sudoers, HaveNoPatterns) {
  for (const auto& line : rules()) {
    EXPECT_EQ(line.find_first_of("*?["), std::string::npos) << line;
    EXPECT_EQ(line.find("SETENV"), line.find("NOSETENV") == std::string::npos
                                       ? std::string::npos
                                       : line.find("NOSETENV") + 2)
        << line;
  }
}

}  // namespace
}  // namespace bulkhead
