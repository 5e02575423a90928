// Each route's success and its own refusals, through a real Unix socket.
#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {
namespace {

class Routes : public ApiHarness {
 protected:
  void makePlan() {
    EXPECT_EQ(root("POST", "/api/v1/plans", R"({"name":"small","tasks":64})").status, 201);
  }
  void makeAccount(const std::string& name = "alpha") {
    makePlan();
    EXPECT_EQ(createAccount(name).status, 202);
  }
  ClientResponse createAccount(const std::string& name,
                               const std::string& target = "/api/v1/accounts",
                               const std::string& lines = "") {
    return root(
        "POST", target,
        R"({"username":")" + name + R"(","plan":"small","domain":")" + name + R"(.example.com"})",
        lines);
  }
};

TEST_F(Routes, BootstrapLeadsFromACodeToASession) {
  const auto code = root("POST", "/api/v1/bootstrap-codes");
  ASSERT_EQ(code.status, 201);
  const std::string secret = json(code)["code"];
  const auto made = anonymous(
      "POST", "/api/v1/bootstrap",
      R"({"code":")" + secret + R"(","username":"alice","password":")" + kPassword + "\"}");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(json(made)["role"], "main");
  const auto login = anonymous("POST", "/api/v1/sessions",
                               R"({"username":"alice","password":")" + kPassword + "\"}");
  ASSERT_EQ(login.status, 201) << login.body;
  const std::string token = json(login)["token"];
  const auto who =
      anonymous("GET", "/api/v1/whoami", "", "Authorization: Bearer " + token + "\r\n");
  EXPECT_EQ(json(who)["actor"], "admin:alice");
  EXPECT_EQ(
      anonymous("DELETE", "/api/v1/sessions/current", "", "Authorization: Bearer " + token + "\r\n")
          .status,
      204);
  expectProblem(anonymous("GET", "/api/v1/whoami", "", "Authorization: Bearer " + token + "\r\n"),
                401, "unauthenticated");
}
TEST_F(Routes, BootstrapWorksOnce) {
  const std::string secret = json(root("POST", "/api/v1/bootstrap-codes"))["code"];
  const auto body = [&](const char* name) {
    return R"({"code":")" + secret + R"(","username":")" + name + R"(","password":")" + kPassword +
           "\"}";
  };
  EXPECT_EQ(anonymous("POST", "/api/v1/bootstrap", body("alice")).status, 201);
  expectProblem(anonymous("POST", "/api/v1/bootstrap", body("bobby")), 401, "unauthenticated");
  expectProblem(root("POST", "/api/v1/bootstrap-codes"), 409, "conflict");
}
TEST_F(Routes, BootstrapCodesAreForRootOnly) {
  expectProblem(alice("POST", "/api/v1/bootstrap-codes"), 403, "permission_denied");
}
TEST_F(Routes, BootstrapRefusesShortPasswords) {
  const std::string secret = json(root("POST", "/api/v1/bootstrap-codes"))["code"];
  expectProblem(anonymous("POST", "/api/v1/bootstrap",
                          R"({"code":")" + secret + R"(","username":"alice","password":"short"})"),
                422, "invalid_argument");
}

TEST_F(Routes, LoginTellsNothingAboutNames) {
  logIn();
  const auto wrong = anonymous("POST", "/api/v1/sessions",
                               R"({"username":"alice","password":"not the password"})");
  const auto unknown = anonymous("POST", "/api/v1/sessions",
                                 R"({"username":"mallory","password":"not the password"})");
  expectProblem(wrong, 401, "unauthenticated");
  Json a = json(wrong);
  Json b = json(unknown);
  a.erase("request_id");
  b.erase("request_id");
  EXPECT_EQ(a, b);
}
TEST_F(Routes, LoginIsLimitedWithAWordOnWhenToComeBack) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(
        anonymous("POST", "/api/v1/sessions", R"({"username":"alice","password":"x"})").status,
        401);
  const auto limited =
      anonymous("POST", "/api/v1/sessions", R"({"username":"alice","password":"x"})");
  expectProblem(limited, 429, "rate_limited");
  EXPECT_EQ(limited.header("retry-after"), "12");
}
TEST_F(Routes, LoginLimitsFollowTheAddressThatTheGatewaySaw) {
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(anonymous("POST", "/api/v1/sessions",
                        R"({"username":"n)" + std::to_string(i) + R"(","password":"x"})",
                        "X-Forwarded-For: 192.0.2.1\r\n")
                  .status,
              401);
  const auto body = R"({"username":"fresh","password":"x"})";
  EXPECT_EQ(anonymous("POST", "/api/v1/sessions", body, "X-Forwarded-For: 192.0.2.1\r\n").status,
            429);
  // What a client prepends does not help it.
  EXPECT_EQ(
      anonymous("POST", "/api/v1/sessions", body, "X-Forwarded-For: 203.0.113.77, 192.0.2.1\r\n")
          .status,
      429);
  EXPECT_EQ(anonymous("POST", "/api/v1/sessions", body, "X-Forwarded-For: 192.0.2.2\r\n").status,
            401);
}
TEST_F(Routes, LoginLinksWorkOnceAndShortly) {
  logIn();
  const auto link = root("POST", "/api/v1/login-links", "{}");
  ASSERT_EQ(link.status, 201) << link.body;
  const std::string token = json(link)["token"].get<std::string>();
  EXPECT_EQ(json(link)["path"], "/login#token=" + token);
  const std::string body = R"({"token":")" + token + "\"}";
  EXPECT_EQ(anonymous("POST", "/api/v1/sessions/link", body).status, 201);
  expectProblem(anonymous("POST", "/api/v1/sessions/link", body), 401, "unauthenticated");
  const std::string late =
      R"({"token":")" +
      json(root("POST", "/api/v1/login-links", "{}"))["token"].get<std::string>() + "\"}";
  clock_.advance(60);
  expectProblem(anonymous("POST", "/api/v1/sessions/link", late), 401, "unauthenticated");
}
TEST_F(Routes, LoginLinksAreForOneself) {
  EXPECT_EQ(alice("POST", "/api/v1/login-links", "{}").status, 201);
  expectProblem(alice("POST", "/api/v1/login-links", R"({"username":"bobby"})"), 403,
                "permission_denied");
}
TEST_F(Routes, SessionsEndWhenIdle) {
  EXPECT_EQ(alice("GET", "/api/v1/whoami").status, 200);
  clock_.advance(901);
  expectProblem(alice("GET", "/api/v1/whoami"), 401, "unauthenticated");
}
TEST_F(Routes, RootIsKnownWithoutASession) {
  EXPECT_EQ(json(root("GET", "/api/v1/whoami"))["actor"], "local:root");
}

TEST_F(Routes, PlansLiveAndDie) {
  const auto made = alice("POST", "/api/v1/plans", R"({"name":"small","memory_bytes":268435456})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("location"), "/api/v1/plans/" + json(made)["id"].get<std::string>());
  EXPECT_EQ(json(made)["memory_bytes"], 268435456);
  EXPECT_EQ(json(alice("GET", "/api/v1/plans"))["data"].size(), 1U);
  EXPECT_EQ(json(alice("GET", "/api/v1/plans/small"))["tasks"], 0);
  const auto changed = alice("PATCH", "/api/v1/plans/small", R"({"tasks":32})");
  EXPECT_EQ(json(changed)["tasks"], 32);
  EXPECT_EQ(json(changed)["memory_bytes"], 268435456);
  EXPECT_EQ(alice("DELETE", "/api/v1/plans/small").status, 204);
  expectProblem(alice("GET", "/api/v1/plans/small"), 404, "not_found");
}
TEST_F(Routes, PlansRefuseImpossibleLimits) {
  for (const char* limit : {R"("tasks":-1)", R"("tasks":4194305)",
                            R"("memory_bytes":18446744073709551615)", R"("cpu_percent":100001)"})
    expectProblem(alice("POST", "/api/v1/plans", std::string(R"({"name":"x",)") + limit + "}"), 422,
                  "invalid_argument");
  for (const char* limit :
       {R"("tasks":"5")", R"("tasks":1.5)", R"("tasks":null)", R"("tasks":1e99)"})
    expectProblem(alice("POST", "/api/v1/plans", std::string(R"({"name":"x",)") + limit + "}"), 400,
                  "bad_request");
}
TEST_F(Routes, PlansRefuseANameTwice) {
  makePlan();
  expectProblem(root("POST", "/api/v1/plans", R"({"name":"small"})"), 409, "already_exists");
}
TEST_F(Routes, PlansInUseStay) {
  makeAccount();
  expectProblem(root("DELETE", "/api/v1/plans/small"), 409, "conflict");
}
TEST_F(Routes, PlansKnowWhatTheCallerRead) {
  makePlan();
  const std::string tag = root("GET", "/api/v1/plans/small").header("etag");
  EXPECT_EQ(root("GET", "/api/v1/plans/small", "", "If-None-Match: " + tag + "\r\n").status, 304);
  EXPECT_EQ(
      root("PATCH", "/api/v1/plans/small", R"({"tasks":1})", "If-Match: " + tag + "\r\n").status,
      200);
  const auto stale =
      root("PATCH", "/api/v1/plans/small", R"({"tasks":2})", "If-Match: " + tag + "\r\n");
  expectProblem(stale, 412, "precondition_failed");
  EXPECT_EQ(stale.header("etag"), root("GET", "/api/v1/plans/small").header("etag"));
  expectProblem(root("DELETE", "/api/v1/plans/small", "", "If-Match: " + tag + "\r\n"), 412,
                "precondition_failed");
}

TEST_F(Routes, AccountsComeByAJob) {
  makePlan();
  const auto started = createAccount("alpha");
  ASSERT_EQ(started.status, 202) << started.body;
  EXPECT_EQ(started.header("location"), "/api/v1/jobs/" + json(started)["id"].get<std::string>());
  EXPECT_EQ(json(started)["state"], "queued");
  EXPECT_EQ(json(root("GET", "/api/v1/accounts/alpha"))["state"], "creating");
  EXPECT_EQ(json(root("GET", "/api/v1/accounts"))["data"].size(), 1U);
  for (const auto& [method, target] :
       {std::pair{"POST", "/api/v1/accounts/alpha/actions/suspend"},
        std::pair{"POST", "/api/v1/accounts/alpha/actions/unsuspend"},
        std::pair{"DELETE", "/api/v1/accounts/alpha"}})
    EXPECT_EQ(root(method, target).status, 202) << target;
}
TEST_F(Routes, AccountsCanBeWaitedFor) {
  makePlan();
  panel_.setJobs(FakePanel::Jobs::kSucceed);
  const auto done = createAccount("alpha", "/api/v1/accounts", "Prefer: wait=5\r\n");
  EXPECT_EQ(done.status, 201) << done.body;
  EXPECT_EQ(done.header("location"), "/api/v1/accounts/alpha");
  EXPECT_EQ(done.header("preference-applied"), "wait=5");
  EXPECT_EQ(json(done)["steps"][0]["evidence"][0]["detail"], "uid 20000");
  EXPECT_EQ(root("DELETE", "/api/v1/accounts/alpha", "", "Prefer: wait=5\r\n").status, 200);
}
TEST_F(Routes, AJobThatIsNotOverInTimeIsStillAccepted) {
  makePlan();
  EXPECT_EQ(createAccount("alpha", "/api/v1/accounts", "Prefer: wait=1\r\n").status, 202);
}
TEST_F(Routes, AFailedJobIsAProblemForWhoWaitsAndAResourceForWhoReads) {
  makePlan();
  panel_.setJobs(FakePanel::Jobs::kFail);
  const auto failed = createAccount("alpha", "/api/v1/accounts", "Prefer: wait=5\r\n");
  expectProblem(failed, 503, "unavailable");
  const std::string id = json(failed)["job_id"];
  const auto read = root("GET", "/api/v1/jobs/" + id);
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(json(read)["state"], "rolled_back");
  EXPECT_EQ(json(read)["problem"]["code"], "unavailable");
}
TEST_F(Routes, DryRunsChangeNothing) {
  makePlan();
  const auto preview = createAccount("alpha", "/api/v1/accounts?dry_run=true");
  EXPECT_EQ(preview.status, 200) << preview.body;
  EXPECT_EQ(json(preview)["dry_run"], true);
  EXPECT_EQ(json(preview)["changes"][0]["operation"], "account.create");
  expectProblem(root("GET", "/api/v1/accounts/alpha"), 404, "not_found");
}
TEST_F(Routes, AccountsRefuseNamesThatNoSystemUserMayHave) {
  makePlan();
  for (const char* name : {"root", "www-data", "-x", "Upper", "a/b", "..", "", "a\\nb", "a\\u0000b",
                           "abcdefghijklmnopqrstuvwxyzabcdefg"}) {
    const auto refused = createAccount(name);
    EXPECT_TRUE(refused.status == 422 || refused.status == 400) << name << " " << refused.status;
  }
  EXPECT_EQ(json(root("GET", "/api/v1/accounts"))["data"].size(), 0U);
}
TEST_F(Routes, AccountsRefuseDomainsThatAreNone) {
  makePlan();
  const auto with = [&](const std::string& domain) {
    return root("POST", "/api/v1/accounts",
                R"({"username":"alpha","plan":"small","domain":")" + domain + "\"}");
  };
  for (const std::string& domain :
       {std::string("*.example.com"), std::string("a b.example.com"), std::string("com"),
        std::string("example.com;"), std::string(64, 'a') + ".example.com",
        std::string(250, 'a') + ".com", std::string("127.0.0.1")})
    expectProblem(with(domain), 422, "invalid_argument");
}
TEST_F(Routes, AccountsPassOnTheRefusalsOfTheUseCase) {
  makePlan();
  for (const auto& [code, status] :
       {std::pair{Code::kUnavailable, 503}, std::pair{Code::kLimitExceeded, 409},
        std::pair{Code::kBusy, 409}, std::pair{Code::kTimeout, 504},
        std::pair{Code::kAuditUnavailable, 503}, std::pair{Code::kUnsupported, 422}}) {
    panel_.failNext(Error{code, "words for people", ""});
    const auto refused = createAccount("alpha");
    expectProblem(refused, status, std::string(codeName(code)));
    EXPECT_EQ(refused.header("retry-after").empty(), !isRetryable(code));
  }
}
TEST_F(Routes, AnUnknownPlanIsAFaultOfThatField) {
  const auto refused = createAccount("alpha");
  expectProblem(refused, 422, "invalid_argument");
  EXPECT_EQ(json(refused)["errors"][0]["pointer"], "/plan");
}
TEST_F(Routes, TheActorAndRequestReachTheUseCase) {
  ASSERT_EQ(alice("POST", "/api/v1/plans", R"({"name":"small"})",
                  "X-Request-Id: billing-77\r\ntraceparent: "
                  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n")
                .status,
            201);
  const auto actor = panel_.actors().back();
  EXPECT_EQ(actor.name, "admin:alice");
  EXPECT_EQ(actor.requestId, "billing-77");
  EXPECT_EQ(actor.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

TEST_F(Routes, DomainsComeAndGoByJobs) {
  makeAccount();
  EXPECT_EQ(
      root("POST", "/api/v1/accounts/alpha/domains", R"({"name":"second.example.org"})").status,
      202);
  EXPECT_EQ(json(root("GET", "/api/v1/domains"))["data"].size(), 2U);
  EXPECT_EQ(json(root("GET", "/api/v1/domains?account=alpha"))["data"].size(), 2U);
  EXPECT_EQ(json(root("GET", "/api/v1/domains/second.example.org"))["primary"], false);
  EXPECT_EQ(root("DELETE", "/api/v1/domains/second.example.org").status, 202);
  expectProblem(root("GET", "/api/v1/domains/none.example.org"), 404, "not_found");
  expectProblem(root("GET", "/api/v1/domains?account=nobody1"), 404, "not_found");
}

TEST_F(Routes, ANewDomainIsFoundUnderItsCanonicalName) {
  makeAccount();
  panel_.setJobs(FakePanel::Jobs::kSucceed);
  for (const auto& [typed, address] :
       {std::pair{"Second.Example.ORG", "/api/v1/domains/second.example.org"},
        std::pair{"b\xc3\xbc"
                  "cher.example.org",
                  "/api/v1/domains/xn--bcher-kva.example.org"}}) {
    const auto done = root("POST", "/api/v1/accounts/alpha/domains",
                           std::string(R"({"name":")") + typed + "\"}", "Prefer: wait=5\r\n");
    EXPECT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(done.header("location"), address);
  }
}

TEST_F(Routes, JobsAreListedAndRead) {
  makeAccount();
  const Json list = json(root("GET", "/api/v1/jobs"));
  ASSERT_EQ(list["data"].size(), 1U);
  const std::string id = list["data"][0]["id"];
  EXPECT_EQ(json(root("GET", "/api/v1/jobs/" + id))["kind"], "account.create");
  expectProblem(root("GET", "/api/v1/jobs/job_01J00000000000000000009999"), 404, "not_found");
  expectProblem(root("GET", "/api/v1/jobs/1"), 404, "not_found");
}

TEST_F(Routes, ListsGoOnWhereThePageEnded) {
  for (const char* name : {"a", "b", "c"})
    ASSERT_EQ(root("POST", "/api/v1/plans", std::string(R"({"name":")") + name + "\"}").status,
              201);
  const auto first = root("GET", "/api/v1/plans?limit=2");
  EXPECT_EQ(json(first)["data"].size(), 2U);
  EXPECT_EQ(json(first)["page"]["has_more"], true);
  EXPECT_EQ(first.header("link"), "</api/v1/plans?limit=2&cursor=2>; rel=\"next\"");
  const auto second = root("GET", "/api/v1/plans?limit=2&cursor=2");
  EXPECT_EQ(json(second)["data"][0]["name"], "c");
  EXPECT_EQ(json(second)["page"]["has_more"], false);
  EXPECT_EQ(second.header("link"), "");
}

TEST_F(Routes, AuditIsListedAndFiltered) {
  EXPECT_EQ(json(root("GET", "/api/v1/audit"))["data"][0]["seq"], 3);
  EXPECT_EQ(json(root("GET", "/api/v1/audit?kind=intent"))["data"][0]["kind"], "intent");
  expectProblem(root("GET", "/api/v1/audit?kind=drop%20table"), 400, "bad_request");
  expectProblem(root("GET", "/api/v1/audit?kind=site.apply"), 400, "bad_request");
  expectProblem(root("GET", "/api/v1/audit?who=alice"), 400, "bad_request");
}

TEST_F(Routes, HealthIsOpenAndSaysLittle) {
  EXPECT_EQ(json(anonymous("GET", "/healthz")), Json::object({{"status", "ok"}}));
  EXPECT_EQ(json(anonymous("GET", "/readyz"))["agent"], true);
  EXPECT_EQ(anonymous("HEAD", "/healthz").status, 200);
}
TEST_F(Routes, VersionAndDocumentAreForThoseWhoAreIn) {
  EXPECT_EQ(json(alice("GET", "/version"))["api"], "v1");
  EXPECT_EQ(json(alice("GET", "/api/v1/openapi.json"))["openapi"], "3.1.0");
}

}  // namespace
}  // namespace bulkhead::test
