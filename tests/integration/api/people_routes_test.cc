// The routes of people and of what they own: success, refusals, If-Match, who may.
#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {
namespace {

class PeopleRoutes : public ApiHarness {
 protected:
  void SetUp() override {
    ApiHarness::SetUp();
    logIn();  // alice, the main administrator
  }
  void makeAccount() {
    ASSERT_EQ(root("POST", "/api/v1/plans", R"({"name":"small"})").status, 201);
    ASSERT_EQ(root("POST", "/api/v1/accounts",
                   R"({"username":"alpha","plan":"small","domain":"alpha.example.com"})")
                  .status,
              202);
  }
  ClientResponse makeAdmin(const std::string& more = "") {
    return alice("POST", "/api/v1/admins",
                 R"({"username":"admin2","password":")" + kPassword + "\"" + more + "}");
  }
  // As admin2, an administrator who is not the main one.
  ClientResponse admin2(std::string_view method,
                        std::string_view target,
                        std::string_view body = "") {
    const auto login = authority_->login("admin2", kPassword, "local");
    EXPECT_TRUE(std::holds_alternative<api::Login>(login));
    return anonymous(method, target, body,
                     "Authorization: Bearer " + std::get<api::Login>(login).token + "\r\n");
  }
  static std::string ifMatch(const std::string& tag) { return "If-Match: " + tag + "\r\n"; }
  void expectFields(const ClientResponse& response, const std::set<std::string>& pointers) {
    expectProblem(response, 422, "invalid_argument");
    std::set<std::string> found;
    const Json body = json(response);
    for (const auto& error : body["errors"])
      found.insert(error["pointer"].get<std::string>());
    EXPECT_EQ(found, pointers) << response.body;
  }
};

TEST_F(PeopleRoutes, ResellersLiveAndDie) {
  const auto made = alice("POST", "/api/v1/resellers",
                          R"({"name":"rita","email":"rita@r.example","locale":"EN_us"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json rita = json(made);
  EXPECT_EQ(made.header("location"), "/api/v1/resellers/" + rita["id"].get<std::string>());
  EXPECT_EQ(made.header("etag"), "\"r1\"");
  EXPECT_EQ(rita["host_id"], 1000000001);
  EXPECT_EQ(rita["owner"], "alice");
  EXPECT_EQ(rita["account"], nullptr);
  EXPECT_EQ(json(alice("GET", "/api/v1/resellers"))["data"].size(), 1U);
  const auto changed =
      alice("PATCH", "/api/v1/resellers/rita", R"({"accounts_max":5,"email":null})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json(changed)["accounts_max"], 5);
  EXPECT_EQ(json(changed)["email"], nullptr);
  EXPECT_EQ(json(changed)["locale"], "EN_us");
  EXPECT_EQ(alice("DELETE", "/api/v1/resellers/rita").status, 204);
  expectProblem(alice("GET", "/api/v1/resellers/rita"), 404, "not_found");
}

TEST_F(PeopleRoutes, ResellersRefuseEveryBadFieldAtOnce) {
  expectFields(alice("POST", "/api/v1/resellers",
                     R"({"name":"Rita","email":"x","locale":"x","accounts_max":-1,"owner":"a;b"})"),
               {"/name", "/email", "/locale", "/accounts_max", "/owner"});
  expectProblem(alice("POST", "/api/v1/resellers", R"({"name":"rita","number":1})"), 400,
                "bad_request");
  expectProblem(alice("POST", "/api/v1/resellers", R"({"name":null})"), 400, "bad_request");
  expectProblem(alice("POST", "/api/v1/resellers", R"({"name":"alice"})"), 409, "already_exists");
  expectProblem(alice("POST", "/api/v1/resellers", R"({"name":"rita","owner":"nobody1"})"), 404,
                "not_found");
}

TEST_F(PeopleRoutes, ResellersKnowWhatTheCallerRead) {
  const std::string tag = alice("POST", "/api/v1/resellers", R"({"name":"rita"})").header("etag");
  EXPECT_EQ(alice("GET", "/api/v1/resellers/rita", "", "If-None-Match: " + tag + "\r\n").status,
            304);
  EXPECT_EQ(alice("PATCH", "/api/v1/resellers/rita", R"({"accounts_max":1})", ifMatch(tag)).status,
            200);
  const auto stale =
      alice("PATCH", "/api/v1/resellers/rita", R"({"accounts_max":2})", ifMatch(tag));
  expectProblem(stale, 412, "precondition_failed");
  EXPECT_EQ(stale.header("etag"), "\"r2\"");
  expectProblem(alice("DELETE", "/api/v1/resellers/rita", "", ifMatch(tag)), 412,
                "precondition_failed");
  EXPECT_EQ(alice("PATCH", "/api/v1/resellers/rita", R"({"accounts_max":2})", ifMatch("*")).status,
            200);
}

TEST_F(PeopleRoutes, AdministratorsLiveAndDie) {
  const auto made = makeAdmin(R"(,"email":"ops@host.example","unix_user":"opsadm")");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(json(made)["role"], "admin");
  EXPECT_EQ(made.body.find(kPassword), std::string::npos);
  EXPECT_EQ(json(alice("GET", "/api/v1/admins"))["data"].size(), 2U);
  EXPECT_EQ(json(alice("GET", "/api/v1/admins/admin2"))["unix_user"], "opsadm");
  const std::string tag = alice("GET", "/api/v1/admins/admin2").header("etag");
  const auto changed =
      alice("PATCH", "/api/v1/admins/admin2", R"({"unix_user":null})", ifMatch(tag));
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json(changed)["unix_user"], nullptr);
  expectProblem(alice("PATCH", "/api/v1/admins/admin2", R"({"locale":"en"})", ifMatch(tag)), 412,
                "precondition_failed");
  EXPECT_EQ(alice("DELETE", "/api/v1/admins/admin2").status, 204);
  expectProblem(alice("GET", "/api/v1/admins/admin2"), 404, "not_found");
}

TEST_F(PeopleRoutes, AdministratorsRefuseBadFieldsNamesAndPasswords) {
  expectFields(alice("POST", "/api/v1/admins",
                     R"({"username":"X","password":"short","email":"x","unix_user":"a b"})"),
               {"/username", "/password", "/email", "/unix_user"});
  expectFields(
      alice("POST", "/api/v1/admins", R"({"username":"admin2","password":"admin2admin2"})"),
      {"/password"});
  ASSERT_EQ(alice("POST", "/api/v1/resellers", R"({"name":"admin2"})").status, 201);
  expectProblem(makeAdmin(), 409, "already_exists");
  expectProblem(alice("PATCH", "/api/v1/admins/alice", R"({"username":"x"})"), 400, "bad_request");
  expectProblem(alice("PATCH", "/api/v1/admins/alice", R"({"unix_user":"x"})"), 409, "conflict");
  expectProblem(alice("DELETE", "/api/v1/admins/alice"), 409, "conflict");
}

TEST_F(PeopleRoutes, WhoOwnsSomethingGoesWithAnHeirOnly) {
  ASSERT_EQ(makeAdmin().status, 201);
  ASSERT_EQ(alice("POST", "/api/v1/resellers", R"({"name":"rita","owner":"admin2"})").status, 201);
  const auto refused = alice("DELETE", "/api/v1/admins/admin2");
  expectProblem(refused, 409, "conflict");
  EXPECT_NE(json(refused)["detail"].get<std::string>().find("1 reseller"), std::string::npos);
  expectProblem(alice("DELETE", "/api/v1/admins/admin2?reassign_to=nobody1"), 404, "not_found");
  expectProblem(alice("DELETE", "/api/v1/admins/admin2?reassign_to=a%20b"), 400, "bad_request");
  EXPECT_EQ(alice("DELETE", "/api/v1/admins/admin2?reassign_to=alice").status, 204);
  EXPECT_EQ(json(alice("GET", "/api/v1/resellers/rita"))["owner"], "alice");
}

TEST_F(PeopleRoutes, AdministratorsAreTheMainOnesBusiness) {
  ASSERT_EQ(makeAdmin().status, 201);
  const auto who = admin2("GET", "/api/v1/whoami");
  EXPECT_EQ(json(who)["actor"], "admin:admin2");
  expectProblem(admin2("GET", "/api/v1/admins"), 403, "permission_denied");
  expectProblem(admin2("GET", "/api/v1/admins/alice"), 403, "permission_denied");
  expectProblem(admin2("DELETE", "/api/v1/admins/alice"), 403, "permission_denied");
  expectProblem(admin2("PATCH", "/api/v1/admins/admin2", R"({"unix_user":"root"})"), 403,
                "permission_denied");
  const auto mine = admin2("POST", "/api/v1/resellers", R"({"name":"rita"})");
  ASSERT_EQ(mine.status, 201) << mine.body;
  EXPECT_EQ(json(mine)["owner"], "admin2");  // who creates it owns it
  EXPECT_EQ(json(root("POST", "/api/v1/resellers", R"({"name":"rob"})"))["owner"], "alice");
}

TEST_F(PeopleRoutes, AnAdministratorThatIsGoneIsLoggedOut) {
  ASSERT_EQ(makeAdmin().status, 201);
  const auto login = authority_->login("admin2", kPassword, "local");
  const std::string lines = "Authorization: Bearer " + std::get<api::Login>(login).token + "\r\n";
  EXPECT_EQ(anonymous("GET", "/api/v1/whoami", "", lines).status, 200);
  ASSERT_EQ(alice("DELETE", "/api/v1/admins/admin2").status, 204);
  expectProblem(anonymous("GET", "/api/v1/whoami", "", lines), 401, "unauthenticated");
}

TEST_F(PeopleRoutes, AccountsChangeByAJob) {
  makeAccount();
  const auto started = root("PATCH", "/api/v1/accounts/alpha",
                            R"({"owner":"rita","email":"a@a.example","locale":null})");
  ASSERT_EQ(started.status, 202) << started.body;
  EXPECT_EQ(json(started)["kind"], "account.update");
  const auto read = root("GET", "/api/v1/accounts/alpha");
  EXPECT_EQ(json(read)["owner"], "rita");
  EXPECT_EQ(json(read)["email"], "a@a.example");
  EXPECT_EQ(root("PATCH", "/api/v1/accounts/alpha?dry_run=true", R"({"owner":"rob"})").status, 200);
  EXPECT_EQ(json(root("GET", "/api/v1/accounts/alpha"))["owner"], "rita");
  expectFields(root("PATCH", "/api/v1/accounts/alpha", R"({"email":"x","locale":"x"})"),
               {"/email", "/locale"});
  expectProblem(root("PATCH", "/api/v1/accounts/alpha", R"({"owner":null})"), 400, "bad_request");
  const std::string tag = read.header("etag");
  EXPECT_EQ(root("PATCH", "/api/v1/accounts/alpha", R"({"email":null})", ifMatch(tag)).status, 202);
  expectProblem(root("PATCH", "/api/v1/accounts/alpha", R"({"email":null})", ifMatch(tag)), 412,
                "precondition_failed");
  panel_.failNext(Error{Code::kNotFound, "there is no such plan", "plan"});
  const auto refused = root("PATCH", "/api/v1/accounts/alpha", R"({"plan":"none"})");
  expectProblem(refused, 404, "not_found");
}

TEST_F(PeopleRoutes, AccountsAndDomainsAreRenamedByAJob) {
  makeAccount();
  const auto account =
      root("POST", "/api/v1/accounts/alpha/actions/rename", R"({"username":"beta"})");
  ASSERT_EQ(account.status, 202) << account.body;
  EXPECT_EQ(json(account)["kind"], "account.rename");
  EXPECT_EQ(root("GET", "/api/v1/accounts/beta").status, 200);
  expectFields(root("POST", "/api/v1/accounts/beta/actions/rename", R"({"username":"root"})"),
               {"/username"});
  expectProblem(root("POST", "/api/v1/accounts/beta/actions/rename", R"({"username":"gamma"})",
                     ifMatch("\"r99\"")),
                412, "precondition_failed");
  const auto domain = root("POST", "/api/v1/domains/alpha.example.com/actions/rename",
                           R"({"name":"beta.example.com","include_subdomains":true})");
  ASSERT_EQ(domain.status, 202) << domain.body;
  EXPECT_EQ(json(domain)["kind"], "domain.rename");
  expectFields(
      root("POST", "/api/v1/domains/beta.example.com/actions/rename", R"({"name":"*.example"})"),
      {"/name"});
  expectProblem(root("POST", "/api/v1/domains/beta.example.com/actions/rename",
                     R"({"name":"c.example.com"})", ifMatch("\"r99\"")),
                412, "precondition_failed");
}

TEST_F(PeopleRoutes, DomainsHaveAliasesPhpAndOneMainOne) {
  makeAccount();
  ASSERT_EQ(root("POST", "/api/v1/accounts/alpha/domains",
                 R"({"name":"b.example.org","alias_of":"alpha.example.com"})")
                .status,
            202);
  const auto alias = root("GET", "/api/v1/domains/b.example.org");
  EXPECT_EQ(json(alias)["kind"], "alias");
  EXPECT_EQ(json(alias)["alias_of"], "alpha.example.com");
  EXPECT_EQ(alias.header("etag"), "\"r1\"");
  EXPECT_EQ(root("PATCH", "/api/v1/domains/alpha.example.com", R"({"php":"alt-php83"})").status,
            202);
  EXPECT_EQ(json(root("GET", "/api/v1/domains/alpha.example.com"))["php"], "alt-php83");
  EXPECT_EQ(root("PATCH", "/api/v1/domains/alpha.example.com", R"({"php":null})").status, 202);
  EXPECT_EQ(json(root("GET", "/api/v1/domains/alpha.example.com"))["php"], nullptr);
  EXPECT_EQ(root("PATCH", "/api/v1/domains/b.example.org", R"({"primary":true})").status, 202);
  EXPECT_EQ(json(root("GET", "/api/v1/domains/alpha.example.com"))["primary"], false);
  expectFields(root("PATCH", "/api/v1/domains/b.example.org", R"({"primary":false})"),
               {"/primary"});
  expectFields(root("PATCH", "/api/v1/domains/b.example.org", R"({"php":"8.3"})"), {"/php"});
  expectProblem(
      root("PATCH", "/api/v1/domains/b.example.org", R"({"php":null})", ifMatch("\"r1\"")), 412,
      "precondition_failed");
}

TEST_F(PeopleRoutes, DatabaseUsersComeAndGo) {
  makeAccount();
  const std::string all = "/api/v1/accounts/alpha/database-users";
  EXPECT_EQ(root("POST", all, R"({"name":"alpha_wp"})").status, 202);
  EXPECT_EQ(json(root("GET", all))["data"][0]["name"], "alpha_wp");
  expectFields(root("POST", all, R"({"name":"a b"})"), {"/name"});
  EXPECT_EQ(root("DELETE", all + "/alpha_wp").status, 202);
  EXPECT_EQ(json(root("GET", all))["data"].size(), 0U);
  expectProblem(root("DELETE", all + "/alpha_wp"), 404, "not_found");
  expectProblem(root("GET", "/api/v1/accounts/nobody1/database-users"), 404, "not_found");
}

}  // namespace
}  // namespace bulkhead::test
