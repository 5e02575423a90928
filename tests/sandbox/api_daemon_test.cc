// The installed program as it runs on a server: under its own list of system calls, where a
// forgotten one is death. Needs root, because root on the Unix socket is who bootstraps a server.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "common/core/json.h"
#include "tests/paths.h"
#include "tests/support/http_client.h"

#include <nlohmann/json.hpp>

namespace bulkhead::test {
namespace {

namespace fs = std::filesystem;

class ApiDaemon : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::geteuid(), 0U) << "run the sandbox suite as root";
    std::string name = "/tmp/bulkhead-daemon-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    // A copy of ours: the program takes root's files only, and a checkout may belong to somebody
    // else.
    list_ = directory_ + "/api.list";
    fs::copy_file(std::string(BULKHEAD_SOURCE_DIR) + "/policy/seccomp/api.list", list_);
    fs::permissions(list_, fs::perms(0644));
  }
  void TearDown() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  std::string socket() const { return directory_ + "/api.sock"; }

  void start(const std::string& list) {
    const std::string program = std::string(BULKHEAD_BINARY_DIR) + "/bulkhead-api";
    const std::string path = socket();
    const std::string agent = directory_ + "/agent.sock";
    const std::array<const char*, 12> arguments{
        program.c_str(),    "--socket",       path.c_str(),  "--state",
        directory_.c_str(), "--agent-socket", agent.c_str(), "--gateway-user",
        "nobody",           "--seccomp-list", list.c_str(),  nullptr};
    child_ = ::fork();
    if (child_ == 0) {
      ::execv(program.c_str(), const_cast<char**>(arguments.data()));
      ::_exit(127);
    }
    ASSERT_GT(child_, 0);
  }
  bool comesUp() {
    for (int i = 0; i < 200; ++i) {
      if (HttpClient(socket()).connected()) {
        const auto alive = HttpClient(socket()).exchange(httpRequest("GET", "/healthz"));
        if (alive && alive->status == 200) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  int end(int signal) {
    int status = 0;
    if (signal != 0) ::kill(child_, signal);
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    child_ = -1;
    return status;
  }
  Json ask(std::string_view method,
           std::string_view target,
           int status,
           std::string_view body = "",
           const std::string& lines = "") {
    HttpClient client(socket());
    const auto answer = client.exchange(httpRequest(
        method, target, body, lines + (body.empty() ? "" : "Content-Type: application/json\r\n")));
    EXPECT_TRUE(answer.has_value()) << target;
    if (!answer) return Json::object();
    EXPECT_EQ(answer->status, status) << target << " " << answer->body;
    return answer->body.empty() ? Json::object()
                                : Json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  }

  std::string directory_;
  std::string list_;
  pid_t child_ = -1;
};

TEST_F(ApiDaemon, ServesUnderItsOwnSandboxAndEndsCleanly) {
  start(list_);
  ASSERT_TRUE(comesUp());
  const std::string code = ask("POST", "/api/v1/bootstrap-codes", 201).value("code", "");
  ask("POST", "/api/v1/bootstrap", 201,
      R"({"code":")" + code + R"(","username":"alice","password":"correct horse battery"})");
  ask("POST", "/api/v1/sessions", 401, R"({"username":"alice","password":"wrong wrong wrong"})");
  const std::string token = ask("POST", "/api/v1/sessions", 201,
                                R"({"username":"alice","password":"correct horse battery"})")
                                .value("token", "");
  const std::string bearer = "Authorization: Bearer " + token + "\r\n";
  EXPECT_EQ(ask("GET", "/api/v1/whoami", 200, "", bearer).value("actor", ""), "admin:alice");
  for (int i = 0; i < 50; ++i)
    ask("POST", "/api/v1/plans", 201, R"({"name":"plan )" + std::to_string(i) + "\"}", bearer);
  EXPECT_EQ(ask("GET", "/api/v1/plans?limit=200", 200, "", bearer)["data"].size(), 50U);
  EXPECT_EQ(ask("GET", "/readyz", 503)["agent"], false);
  // Nobody is at the agent's socket: a refusal that says so, and nothing half-done.
  ask("POST", "/api/v1/accounts?dry_run=true", 503,
      R"({"username":"alpha","plan":"plan 1","domain":"alpha.example.com"})", bearer);
  ask("GET", "/api/v1/accounts/alpha", 404, "", bearer);
  ask("DELETE", "/api/v1/sessions/current", 204, "", bearer);
  const int status = end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST_F(ApiDaemon, KnowsItsAdministratorAfterARestart) {
  start(list_);
  ASSERT_TRUE(comesUp());
  const std::string code = ask("POST", "/api/v1/bootstrap-codes", 201).value("code", "");
  ask("POST", "/api/v1/bootstrap", 201,
      R"({"code":")" + code + R"(","username":"alice","password":"correct horse battery"})");
  end(SIGKILL);
  start(list_);
  ASSERT_TRUE(comesUp());
  ask("POST", "/api/v1/bootstrap-codes", 409);
  ask("POST", "/api/v1/sessions", 201,
      R"({"username":"alice","password":"correct horse battery"})");
}

TEST_F(ApiDaemon, KnowsItsTokensAndTheirLastUseAfterARestart) {
  start(list_);
  ASSERT_TRUE(comesUp());
  const std::string code = ask("POST", "/api/v1/bootstrap-codes", 201).value("code", "");
  ask("POST", "/api/v1/bootstrap", 201,
      R"({"code":")" + code + R"(","username":"alice","password":"correct horse battery"})");
  const Json token =
      ask("POST", "/api/v1/tokens", 201, R"({"name":"front end","scopes":["self:read"]})");
  const std::string bearer = "Authorization: Bearer " + token.value("secret", "") + "\r\n";
  const std::string actor = "admin:alice/" + token.value("id", "");
  EXPECT_EQ(ask("GET", "/api/v1/whoami", 200, "", bearer).value("actor", ""), actor);
  end(SIGTERM);  // writes what it has noted
  start(list_);
  ASSERT_TRUE(comesUp());
  EXPECT_EQ(ask("GET", "/api/v1/tokens", 200)["data"][0]["used_from"], "local");
  EXPECT_EQ(ask("GET", "/api/v1/whoami", 200, "", bearer).value("actor", ""), actor);
  ask("GET", "/api/v1/accounts", 403, "", bearer);
  ask("DELETE", "/api/v1/tokens/" + token.value("id", ""), 204);
  ask("GET", "/api/v1/whoami", 401, "", bearer);
}

TEST_F(ApiDaemon, DoesNotStartWithoutItsList) {
  start(directory_ + "/missing.list");
  const int status = end(0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
}
TEST_F(ApiDaemon, DoesNotStartWithAListThatOthersCanWrite) {
  fs::permissions(list_, fs::perms(0666));
  start(list_);
  const int status = end(0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
}

}  // namespace
}  // namespace bulkhead::test
