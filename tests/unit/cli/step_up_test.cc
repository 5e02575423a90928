// What the command line does when the panel asks for more: a proof of the person, a code.
#include "cli/step_up.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/unit/cli/cli_server.h"

namespace bulkhead::cli {
namespace {

using test::CliServer;
using test::runCli;

const CliServer::Answer kAsksProof{403, R"({"title":"Forbidden","code":"step_up_required"})"};
const CliServer::Answer kAsksCode{401,
                                  R"({"title":"Unauthorized","code":"second_factor_required"})"};
const CliServer::Answer kProved{200, R"({"token":"bhs_after"})"};
const CliServer::Answer kCreated{201, R"({"id":"tok_1","name":"x","secret":"s3"})"};

class StepUp : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(file()) << "bhs_before\n";
    ASSERT_EQ(::chmod(file().c_str(), 0600), 0);
  }
  std::string file() const { return dir_.path() + "/token"; }
  std::string kept() const {
    std::ifstream in(file());
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  test::Ran create(const CliServer& server, const std::string& typed) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    EXPECT_EQ(::write(ends[1], typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
    ::close(ends[1]);
    const int before = ::dup(STDIN_FILENO);
    (void)::dup2(ends[0], STDIN_FILENO);
    const auto ran = runCli({"--socket", server.path(), "--token-file", file(), "token", "create",
                             "x", "--scopes", "self:read"});
    (void)::dup2(before, STDIN_FILENO);
    ::close(before);
    ::close(ends[0]);
    return ran;
  }
  testing::TempDir dir_;
};

TEST_F(StepUp, AsksForThePasswordRepeatsTheRequestAndKeepsTheNewToken) {
  CliServer server({kAsksProof, kProved, kCreated});
  const auto ran = create(server, "my password\n");
  EXPECT_EQ(ran.code, ExitCode::kOk) << ran.err;
  EXPECT_EQ(ran.out, "s3\n");
  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[1], R"(POST /api/v1/sessions/current/proof {"password":"my password"})");
  EXPECT_EQ(asked[0], asked[2]);
  EXPECT_EQ(kept(), "bhs_after\n");
  struct stat info {};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_EQ(ran.err.find("my password"), std::string::npos);
  EXPECT_EQ(ran.err.find("bhs_after"), std::string::npos);
}
TEST_F(StepUp, AsksForTheCodeWhenThePanelDoes) {
  CliServer server({kAsksProof, kAsksCode, kProved, kCreated});
  EXPECT_EQ(create(server, "my password\n123456\n").code, ExitCode::kOk);
  ASSERT_EQ(server.asked().size(), 4U);
  EXPECT_EQ(server.asked()[2],
            R"(POST /api/v1/sessions/current/proof {"password":"my password","code":"123456"})");
}
TEST_F(StepUp, RepeatsNothingWhenTheProofIsRefused) {
  CliServer server({kAsksProof, {403, R"({"title":"Forbidden","code":"permission_denied"})"}});
  EXPECT_EQ(create(server, "my password\n").code, ExitCode::kDenied);
  EXPECT_EQ(server.asked().size(), 2U);
  EXPECT_EQ(kept(), "bhs_before\n");
}
TEST_F(StepUp, AsksOnceAndNotForEver) {
  CliServer server({kAsksProof, kProved, kAsksProof});
  EXPECT_EQ(create(server, "my password\n").code, ExitCode::kDenied);
  EXPECT_EQ(server.asked().size(), 3U);
}
TEST_F(StepUp, WithoutAPasswordDoesNothing) {
  CliServer server({kAsksProof});
  EXPECT_NE(create(server, "").code, ExitCode::kOk);
  EXPECT_EQ(server.asked().size(), 1U);
}

}  // namespace
}  // namespace bulkhead::cli
