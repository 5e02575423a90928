// The installed program as it runs on a server: under its own list of system calls, where a
// forgotten one is death. Needs root, because root on the Unix socket is who bootstraps a server.
#include "tests/sandbox/api_daemon.h"

namespace bulkhead::test {
namespace {

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
