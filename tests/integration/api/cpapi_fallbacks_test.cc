// What the client does beside asking the server: the elevated entry, and the snapshots that stand
// in for a server that is away.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/cpapi/domain_line.h"
#include "tests/support/cpapi_client_scene.h"

namespace bulkhead::testing {
namespace {

// ---- the elevated entry

class CpapiElevatedTest : public CpapiClientScene {
 protected:
  void SetUp() override {
    CpapiClientScene::SetUp();
    std::filesystem::create_directories(client_.root() + "/usr/libexec/bulkhead");
    std::filesystem::create_directories(client_.root() + "/usr/bin");
    put("/usr/libexec/bulkhead/cpapi-domains",
        "#!/bin/sh\nexec \"$PWD/bin/cpapi\" domains \"$@\"\n");
  }
  void put(const std::string& path, const std::string& text) const {
    std::ofstream(client_.root() + path, std::ios::trunc) << text;
    ASSERT_EQ(::chmod((client_.root() + path).c_str(), 0755), 0);
  }
};

TEST_F(CpapiElevatedTest, IsStartedBySudoWithTheArgumentsAsTheyAre) {
  put("/usr/bin/sudo",
      "#!/bin/sh\n[ \"$1\" = -n ] && [ \"$2\" = -- ] || exit 9\nshift 2\n"
      "printf '*** YOU ARE INSIDE LVE ***\\n'; echo noise >&2\nexec \"$@\"\n");
  EXPECT_EQ(client_.run("domains-elevated").output, client_.run("domains").output);
  const Ran one = client_.run("domains-elevated", {"--name", "bob.example"});
  expectResult(one, "ok", 0);
  EXPECT_EQ(Json::parse(one.output)["data"].size(), 1U);
  expectResult(client_.run("domains-elevated", {"--name=nosuch.example"}), "NotFound", 4);
  expectResult(client_.run("domains-elevated", {"--nosuch"}), "BadRequest", 3);
}
TEST_F(CpapiElevatedTest, IsStartedItselfWhereThereIsNoSudo) {
  EXPECT_EQ(client_.run("domains-elevated").output, client_.run("domains").output);
}
TEST_F(CpapiElevatedTest, IsNotBelievedWhenItPrintsNoDocument) {
  for (const char* script :
       {"#!/bin/sh\nexit 1\n", "#!/bin/sh\necho '{\"data\":{}'\n", "#!/bin/sh\nkill -9 $$\n",
        "#!/bin/sh\nexec cat /dev/zero\n", "not a program"}) {
    put("/usr/libexec/bulkhead/cpapi-domains", script);
    expectResult(client_.run("domains-elevated"), "InternalAPIError", 1);
  }
  std::filesystem::remove_all(client_.root() + "/usr/libexec");
  expectResult(client_.run("domains-elevated"), "InternalAPIError", 1);
}

// ---- snapshots

class CpapiSnapshotTest : public CpapiClientScene {
 protected:
  void SetUp() override {
    CpapiClientScene::SetUp();
    server_.reset();
    const std::string below = client_.root() + "/var/lib/bulkhead/cpapi";
    path_ = below + "/uid/" + std::to_string(::getuid()) + "/domains.json";
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
    text_ = std::string(cpapi::kDomainsBegin) + "\n";
    cpapi::putSnapshotLine(text_, {"alice.example", "alice", "/home/alice/x", true});
    text_ += ",\n";
    cpapi::putSnapshotLine(text_, {"blog.example", "alice", "/home/alice/y", false});
    text_ += "\n" + std::string(cpapi::kDomainsEnd);
    keep(text_, 0640);
  }
  void keep(const std::string& text, mode_t mode) const {
    std::filesystem::remove_all(path_);
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  std::string path_;
  std::string text_;
};

TEST_F(CpapiSnapshotTest, StandInForTheServerThatIsAway) {
  const Ran ran = client_.run("domains");
  expectResult(ran, "ok", 0);
  EXPECT_EQ(schemaFault("domains", ran.output), "");
  EXPECT_EQ(ran.output, text_);
  const Ran one = client_.run("domains", {"--name=blog.example"});
  expectResult(one, "ok", 0);
  EXPECT_EQ(schemaFault("domains", one.output), "");
  EXPECT_EQ(Json::parse(one.output)["data"].size(), 1U);
}
TEST_F(CpapiSnapshotTest, StandInForNothingElse) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"domains", "--with-php"}, {"domains", "--name=nosuch.example"}, {"panel_info"}})
    expectResult(client_.run("cpapi", words), "InternalAPIError", 1);
}
TEST_F(CpapiSnapshotTest, AreNotTakenFromWhatOthersCanWrite) {
  keep(text_, 0660);
  expectResult(client_.run("domains"), "InternalAPIError", 1);
  keep(text_, 0642);
  expectResult(client_.run("domains"), "InternalAPIError", 1);
  std::filesystem::rename(path_, path_ + ".real");
  std::filesystem::create_symlink(path_ + ".real", path_);
  expectResult(client_.run("domains"), "InternalAPIError", 1);
  keep("", 0640);
  expectResult(client_.run("domains"), "InternalAPIError", 1);
  keep(text_.substr(0, 40), 0640);
  expectResult(client_.run("domains"), "InternalAPIError", 1);
}

}  // namespace
}  // namespace bulkhead::testing
