#include "cli/cloudlinux/integration_ini.h"

#include <gtest/gtest.h>

namespace bulkhead::cli::cloudlinux {
namespace {

TEST(IntegrationIni, SplitsAScriptFromItsArguments) {
  const auto ini = parseIntegrationIni(
      "# ours\n[integration_scripts]\nusers = /opt/x/cpapi  users\t-v\nadmins=/opt/x/admins\n\n"
      "; and\n[lvemanager_config]\nbase_path = /usr/share/x y\n");
  ASSERT_TRUE(ini.ok()) << ini.error().message;
  EXPECT_EQ(ini->script("users").path, "/opt/x/cpapi");
  EXPECT_EQ(ini->script("users").arguments, (std::vector<std::string>{"users", "-v"}));
  EXPECT_EQ(ini->script("admins").path, "/opt/x/admins");
  EXPECT_TRUE(ini->script("admins").arguments.empty());
  EXPECT_EQ(ini->script("php").path, "");
  EXPECT_EQ(ini->value("lvemanager_config", "base_path"), "/usr/share/x y");
}

struct Refused {
  const char* text;
  const char* why;
};

TEST(IntegrationIni, RefusesWhatReadersTakeDifferently) {
  for (const auto& [text, why] : {
           Refused{"users = /x\n", "line 1: a key before the first section"},
           Refused{"[a]\nusers\n", "line 2: neither a comment nor KEY = VALUE"},
           Refused{"[a]\nx = 1\n  continued\n", "line 3: an indented line"},
           Refused{"[a]\nx = 1\nx = 2\n", "line 3: x occurs twice in [a]"},
           Refused{"[a]\n[b]\n[a]\n", "line 3: section [a] occurs twice"},
           Refused{"[a\nx = 1\n", "line 1: not a section's name"},
           Refused{"[a]\nx y = 1\n", "line 2: not a key"},
           Refused{"[a]\nx = 1\r\n", "line 2: a control character"},
           Refused{"\xef\xbb\xbf[a]\n", "line 1: a byte order mark"},
       }) {
    const auto ini = parseIntegrationIni(text);
    ASSERT_FALSE(ini.ok()) << text;
    EXPECT_TRUE(ini.error().message.starts_with(why)) << ini.error().message;
  }
  EXPECT_FALSE(parseIntegrationIni(std::string(70000, '#')).ok());
}

}  // namespace
}  // namespace bulkhead::cli::cloudlinux
