// API tokens over the socket: what they open, how they are refused, and that a secret stays one.
#include <fstream>
#include <set>
#include <sstream>

#include "api/auth/api_token_text.h"
#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {
namespace {

using api::Access;
using api::Route;

class Tokens : public ApiHarness {
 protected:
  void SetUp() override {
    ApiHarness::SetUp();
    logIn();  // alice, the main administrator
  }
  static std::string secretOf(const Json& token) { return token["secret"].get<std::string>(); }
  static std::string idOf(const Json& token) { return token["id"].get<std::string>(); }
  static std::string rule(const ClientResponse& response) {
    return json(response)["policy"]["rule"].get<std::string>();
  }
  void makeAccount() {
    panel_.setJobs(FakePanel::Jobs::kSucceed);
    ASSERT_EQ(root("POST", "/api/v1/plans", R"({"name":"small"})").status, 201);
    ASSERT_EQ(root("POST", "/api/v1/accounts",
                   R"({"username":"alpha","plan":"small","domain":"alpha.example.com"})")
                  .status,
              202);
  }
};

TEST_F(Tokens, LiveAndDie) {
  const auto made = alice("POST", "/api/v1/tokens",
                          R"({"name":"whmcs","scopes":["self:read","accounts:read"],)"
                          R"("addresses":["192.0.2.0/24"],"read_only":true})");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json token = json(made);
  EXPECT_EQ(made.header("location"), "/api/v1/tokens/" + idOf(token));
  EXPECT_EQ(token["owner"], "alice");
  EXPECT_EQ(token["scopes"], Json::array({"accounts:read", "self:read"}));
  EXPECT_EQ(token["addresses"], Json::array({"192.0.2.0/24"}));
  EXPECT_EQ(token["read_only"], true);
  EXPECT_EQ(token["used_at"], nullptr);
  const auto self = byToken(secretOf(token), "GET", "/api/v1/tokens/self");
  ASSERT_EQ(self.status, 200) << self.body;
  EXPECT_EQ(json(self)["id"], token["id"]);
  EXPECT_EQ(json(self)["used_from"], "192.0.2.1");
  EXPECT_EQ(json(byToken(secretOf(token), "GET", "/api/v1/whoami"))["actor"],
            "admin:alice/" + idOf(token));
  EXPECT_EQ(json(alice("GET", "/api/v1/tokens"))["data"].size(), 1U);
  EXPECT_EQ(json(alice("GET", "/api/v1/tokens/" + idOf(token)))["name"], "whmcs");
  EXPECT_EQ(alice("DELETE", "/api/v1/tokens/" + idOf(token)).status, 204);
  expectProblem(byToken(secretOf(token), "GET", "/api/v1/tokens/self"), 401, "unauthenticated");
  expectProblem(alice("GET", "/api/v1/tokens/" + idOf(token)), 404, "not_found");
}
TEST_F(Tokens, SayNothingToWhoeverCarriesNone) {
  expectProblem(alice("GET", "/api/v1/tokens/self"), 404, "not_found");
  expectProblem(root("GET", "/api/v1/tokens/self"), 404, "not_found");
}
TEST_F(Tokens, OpenTheRoutesOfTheirScopeAndNoOthers) {
  for (const auto& scope : api::allScopes()) {
    if (!api::isScopeOfTokens(scope.name)) continue;
    const std::string name(scope.name);
    const auto token = makeToken(R"("name":"one","scopes":[")" + name + "\"]");
    std::size_t opened = 0;
    for (const auto& route : table().routes()) {
      if (*route.access == Access::kOpen || *route.access == Access::kCpapi) continue;
      SCOPED_TRACE(name + " " + route.operation);
      const auto response = byToken(secretOf(token), api::methodName(route.method), target(route),
                                    route.body ? "{}" : "");
      const bool opens = *route.access == Access::kSession && route.scope == name;
      if (opens) ++opened;
      EXPECT_NE(response.status, 401);
      EXPECT_EQ(response.status != 403, opens) << response.body;
      if (!opens && *route.access == Access::kSession) {
        EXPECT_EQ(rule(response), "scope");
      }
    }
    EXPECT_GT(opened, 0U) << name;
  }
}
TEST_F(Tokens, DoNothingThatLetsSomebodyIn) {
  std::string scopes;
  for (const auto& scope : api::allScopes())
    if (api::isScopeOfTokens(scope.name))
      scopes += (scopes.empty() ? "\"" : ",\"") + std::string(scope.name) + "\"";
  const auto token = makeToken(R"("name":"all","scopes":[)" + scopes + "]");
  std::set<std::string> kept;
  for (const auto& route : table().routes()) {
    if (*route.access != Access::kPerson) continue;
    const auto response = byToken(secretOf(token), api::methodName(route.method), target(route),
                                  route.body ? "{}" : "");
    expectProblem(response, 403, "permission_denied");
    EXPECT_EQ(rule(response), "person");
    kept.insert(route.operation);
  }
  // Whoever takes one off this list has looked: it makes no way in, and needs no session.
  EXPECT_EQ(kept, (std::set<std::string>{"account.impersonate",
                                         "account.reset_password",
                                         "account.reset_second_factor",
                                         "reseller.disable",
                                         "reseller.enable",
                                         "reseller.impersonate",
                                         "reseller.reset_password",
                                         "reseller.reset_second_factor",
                                         "admin.create",
                                         "admin.delete",
                                         "admin.disable",
                                         "admin.enable",
                                         "admin.reset_password",
                                         "admin.update",
                                         "lockdown.on",
                                         "login_link.create",
                                         "password.change",
                                         "second_factor.confirm",
                                         "second_factor.disable",
                                         "second_factor.enrol",
                                         "second_factor.remove",
                                         "second_factor.renew_backup_codes",
                                         "session.delete",
                                         "session.prove",
                                         "token.create",
                                         "token.revoke",
                                         "token.rotate",
                                         "ui_token.create"}));
}
TEST_F(Tokens, ThatOnlyReadChangeNothing) {
  makeAccount();
  const auto token =
      makeToken(R"("name":"r","scopes":["accounts:read","accounts:write"],"read_only":true)");
  EXPECT_EQ(byToken(secretOf(token), "GET", "/api/v1/accounts/alpha").status, 200);
  const auto refused = byToken(secretOf(token), "DELETE", "/api/v1/accounts/alpha?dry_run=true");
  expectProblem(refused, 403, "permission_denied");
  EXPECT_EQ(rule(refused), "read_only");
}
TEST_F(Tokens, ThatOnlyTryDryChangeNothing) {
  makeAccount();
  const auto token =
      makeToken(R"("name":"d","scopes":["accounts:write","plans:write"],"dry_run_only":true)");
  const std::string secret = secretOf(token);
  EXPECT_EQ(byToken(secret, "DELETE", "/api/v1/accounts/alpha?dry_run=true").status, 200);
  for (const auto& refused : {byToken(secret, "DELETE", "/api/v1/accounts/alpha"),
                              byToken(secret, "DELETE", "/api/v1/accounts/alpha?dry_run=false"),
                              byToken(secret, "POST", "/api/v1/plans", R"({"name":"large"})")}) {
    expectProblem(refused, 403, "permission_denied");
    EXPECT_EQ(rule(refused), "dry_run_only");
  }
  EXPECT_EQ(root("GET", "/api/v1/accounts/alpha").status, 200);
}
TEST_F(Tokens, ComeFromTheirAddressesOnly) {
  const auto token =
      makeToken(R"("name":"a","scopes":["self:read"],"addresses":["192.0.2.1","2001:db8::/32"])");
  const std::string whoami = "/api/v1/whoami";
  EXPECT_EQ(byToken(secretOf(token), "GET", whoami, "", "192.0.2.1").status, 200);
  EXPECT_EQ(byToken(secretOf(token), "GET", whoami, "", "2001:db8::9").status, 200);
  // What stands before the gateway's own word is the client's.
  for (const char* outside : {"192.0.2.2", "192.0.2.1, 203.0.113.9", "", "x"}) {
    const auto refused = byToken(secretOf(token), "GET", whoami, "", outside);
    expectProblem(refused, 403, "permission_denied");
    EXPECT_EQ(rule(refused), "address");
  }
}
TEST_F(Tokens, ThatDoNotHoldAreRefusedInOneWay) {
  const auto expired = makeToken(R"("name":"e","scopes":["self:read"],"lifetime_seconds":60)");
  const auto revoked = makeToken(R"("name":"r","scopes":["self:read"])");
  ASSERT_EQ(alice("DELETE", "/api/v1/tokens/" + idOf(revoked)).status, 204);
  clock_.advance(60);
  std::string damaged = secretOf(revoked);
  damaged.back() = damaged.back() == '0' ? '1' : '0';
  std::set<std::string> bodies;
  for (const std::string& secret : {secretOf(expired), secretOf(revoked), api::newApiToken(),
                                    damaged, std::string("bhk_live_x"), std::string("bhs_x")}) {
    const auto refused = byToken(secret, "GET", "/api/v1/whoami");
    expectProblem(refused, 401, "unauthenticated");
    Json body = json(refused);
    body.erase("request_id");
    bodies.insert(body.dump());
  }
  EXPECT_EQ(bodies.size(), 1U);
}
TEST_F(Tokens, RotateWithAnOverlap) {
  const auto token = makeToken(R"("name":"r","scopes":["self:read"])");
  const auto rotated = alice("POST", "/api/v1/tokens/" + idOf(token) + "/actions/rotate",
                             R"({"overlap_seconds":60})");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  const std::string fresh = secretOf(json(rotated));
  EXPECT_EQ(byToken(fresh, "GET", "/api/v1/whoami").status, 200);
  EXPECT_EQ(byToken(secretOf(token), "GET", "/api/v1/whoami").status, 200);
  clock_.advance(60);
  EXPECT_EQ(byToken(fresh, "GET", "/api/v1/whoami").status, 200);
  EXPECT_EQ(byToken(secretOf(token), "GET", "/api/v1/whoami").status, 401);
  for (const char* bad :
       {R"({"overlap_seconds":86401})", R"({"overlap_seconds":-1})", R"({"lifetime_seconds":1})"})
    expectProblem(alice("POST", "/api/v1/tokens/" + idOf(token) + "/actions/rotate", bad), 422,
                  "invalid_argument");
}
TEST_F(Tokens, RefuseEveryBadFieldAtOnce) {
  const auto refused =
      alice("POST", "/api/v1/tokens",
            R"({"name":" x","scopes":["tokens:write"],"addresses":["192.0.2.1/8"],)"
            R"("lifetime_seconds":31536001,"owner":"X"})");
  expectProblem(refused, 422, "invalid_argument");
  std::set<std::string> pointers;
  const Json body = json(refused);
  for (const auto& error : body["errors"])
    pointers.insert(error["pointer"].get<std::string>());
  EXPECT_EQ(pointers, (std::set<std::string>{"/name", "/scopes/0", "/addresses/0",
                                             "/lifetime_seconds", "/owner"}));
  expectProblem(alice("POST", "/api/v1/tokens", R"({"name":"x"})"), 400, "bad_request");
  expectProblem(alice("POST", "/api/v1/tokens", R"({"name":"x","scopes":[]})"), 422,
                "invalid_argument");
  expectProblem(
      alice("POST", "/api/v1/tokens", R"({"name":"x","scopes":["self:read"],"owner":"bob"})"), 403,
      "permission_denied");
}
TEST_F(Tokens, ComeInTheHeaderAndWithoutCookiesOnly) {
  const auto token = makeToken(R"("name":"h","scopes":["self:read"])");
  const std::string secret = secretOf(token);
  expectProblem(anonymous("GET", "/api/v1/whoami?access_token=" + secret), 401, "unauthenticated");
  expectProblem(anonymous("GET", "/api/v1/whoami", "", "Cookie: __Host-sid=" + secret + "\r\n"),
                401, "unauthenticated");
  expectProblem(anonymous("GET", "/api/v1/whoami", "",
                          "Authorization: Bearer " + secret + "\r\nCookie: a=b\r\n"),
                400, "bad_request");
}
TEST_F(Tokens, OfRootOnTheSocketAreTokensAndNotRoot) {
  const auto token = makeToken(R"("name":"h","scopes":["self:read"])");
  const std::string lines = "Authorization: Bearer " + secretOf(token) + "\r\n";
  EXPECT_EQ(json(root("GET", "/api/v1/whoami", "", lines))["actor"], "admin:alice/" + idOf(token));
  expectProblem(root("GET", "/api/v1/accounts", "", lines), 403, "permission_denied");
}
TEST_F(Tokens, AreToldWhoActsInJobs) {
  const auto token = makeToken(R"("name":"w","scopes":["accounts:write"])");
  makeAccount();
  const auto job = byToken(secretOf(token), "POST", "/api/v1/accounts/alpha/actions/suspend");
  EXPECT_EQ(json(job)["actor"], "admin:alice/" + idOf(token)) << job.body;
}
TEST_F(Tokens, AreLimitedInTheirRate) {
  const auto token = makeToken(R"("name":"fast","scopes":["self:read"])");
  ClientResponse last;
  for (int i = 0; i < 1000 && last.status != 429; ++i)
    last = byToken(secretOf(token), "GET", "/api/v1/whoami");
  expectProblem(last, 429, "rate_limited");
  EXPECT_EQ(last.header("retry-after"), "1");
  EXPECT_EQ(alice("GET", "/api/v1/whoami").status, 200);
}
TEST_F(Tokens, LeaveTheirSecretInNoLogNoDatabaseAndNoError) {
  ::testing::internal::CaptureStderr();
  const auto token = makeToken(
      R"("name":"canary","scopes":["self:read","accounts:write"],"addresses":["192.0.2.1"])");
  const auto rotated = json(alice("POST", "/api/v1/tokens/" + idOf(token) + "/actions/rotate",
                                  R"({"overlap_seconds":60})"));
  std::string shown;
  for (const std::string& secret : {secretOf(token), secretOf(rotated)}) {
    for (const auto& response :
         {byToken(secret, "GET", "/api/v1/tokens/self"), byToken(secret, "GET", "/api/v1/nothing"),
          byToken(secret, "GET", "/api/v1/plans"),
          byToken(secret, "GET", "/api/v1/whoami", "", "203.0.113.9"),
          byToken(secret, "POST", "/api/v1/accounts", "{}"),
          byToken(secret + "x", "GET", "/version"),
          byToken(secret, "GET", "/api/v1/whoami?token=1")})
      shown += response.body;
  }
  shown += alice("GET", "/api/v1/tokens").body + alice("GET", "/api/v1/tokens/" + idOf(token)).body;
  EXPECT_EQ(alice("DELETE", "/api/v1/tokens/" + idOf(token)).status, 204);
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const char* what :
       {"created a token", "rotated a token", "revoked a token", "a token came from an address"})
    EXPECT_NE(log.find(what), std::string::npos) << log;
  EXPECT_NE(log.find("actor=\"admin:alice\""), std::string::npos) << log;
  const auto kept = makeToken(R"("name":"kept","scopes":["self:read"])");
  std::string disk;
  for (const auto& file : std::filesystem::directory_iterator(directory())) {
    std::ifstream stream(file.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << stream.rdbuf();
    disk += bytes.str();
  }
  EXPECT_NE(disk.find(idOf(kept)), std::string::npos);  // it looked at the right files
  for (const std::string& secret : {secretOf(token), secretOf(rotated), secretOf(kept)}) {
    const std::string random = secret.substr(api::kApiTokenPrefix.size(), 20);
    EXPECT_EQ(shown.find(random), std::string::npos);
    EXPECT_EQ(log.find(random), std::string::npos);
    EXPECT_EQ(disk.find(random), std::string::npos);
  }
}

}  // namespace
}  // namespace bulkhead::test
