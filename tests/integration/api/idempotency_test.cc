// What Idempotency-Key means to callers, through a real Unix socket.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {
namespace {

using api::Access;
using api::Replay;
using api::Route;

std::string keyed(const std::string& key) { return "Idempotency-Key: " + key + "\r\n"; }

class IdempotencyTest : public ApiHarness {
 protected:
  ClientResponse plan(const std::string& key, const std::string& name = "small") {
    return root("POST", "/api/v1/plans", R"({"name":")" + name + "\"}", keyed(key));
  }
  std::size_t plans() { return json(root("GET", "/api/v1/plans"))["data"].size(); }
  static bool isReplay(const ClientResponse& response) {
    return response.header("idempotency-replayed") == "true";
  }
  bool storeHolds(const std::string& text) const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(directory_))
      if (entry.path().filename().string().starts_with("panel.db")) {
        std::ifstream file(entry.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), {});
      }
    EXPECT_NE(all.find("request_keys"), std::string::npos);
    return all.find(text) != std::string::npos;
  }
  // A body with all that the route needs.
  static std::string sample(const Route& route) {
    if (!route.body) return "";
    Json body = Json::object();
    for (const auto& field : route.body->fields()) {
      if (field.need != api::Need::kRequired) continue;
      const bool domain = field.name == "domain" || route.operation.starts_with("domain.");
      if (field.schema.type() == api::Schema::Type::kArray) {
        body[field.name] = {"plans:read"};
        continue;
      }
      body[field.name] = field.name.ends_with("password") ? "correct horse battery"
                         : domain                         ? "walk.example.com"
                                                          : "walker1";
    }
    return body.dump();
  }
};

TEST_F(IdempotencyTest, GivesTheSameAnswerAgainAndDoesNothing) {
  const auto first = plan("k1");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_FALSE(isReplay(first));
  const auto again = plan("k1");
  EXPECT_EQ(again.status, 201);
  EXPECT_TRUE(isReplay(again));
  EXPECT_EQ(again.body, first.body);
  for (const char* header : {"location", "etag", "content-type"}) {
    EXPECT_FALSE(first.header(header).empty());
    EXPECT_EQ(again.header(header), first.header(header));
  }
  EXPECT_NE(again.header("x-request-id"), first.header("x-request-id"));
  EXPECT_EQ(plans(), 1U);
}
TEST_F(IdempotencyTest, GivesAnEmptyAnswerAgain) {
  ASSERT_EQ(plan("k1").status, 201);
  EXPECT_EQ(root("DELETE", "/api/v1/plans/small", "", keyed("k2")).status, 204);
  ASSERT_EQ(plan("k3").status, 201);
  const auto again = root("DELETE", "/api/v1/plans/small", "", keyed("k2"));
  EXPECT_EQ(again.status, 204);
  EXPECT_TRUE(isReplay(again));
  EXPECT_EQ(plans(), 1U);
}
TEST_F(IdempotencyTest, GivesARefusalByTheStateAgain) {
  ASSERT_EQ(plan("k1").status, 201);
  const auto refused = plan("k2");
  expectProblem(refused, 409, "already_exists");
  EXPECT_EQ(root("DELETE", "/api/v1/plans/small").status, 204);
  const auto again = plan("k2");
  expectProblem(again, 409, "already_exists");
  EXPECT_TRUE(isReplay(again));
  EXPECT_EQ(again.body, refused.body);
  EXPECT_EQ(plans(), 0U);
}
TEST_F(IdempotencyTest, RunsAFailedRequestAgain) {
  for (const Code code : {Code::kUnavailable, Code::kInternal, Code::kTimeout, Code::kBusy,
                          Code::kPermissionDenied}) {
    panel_.failNext(Error{code, "no", ""});
    EXPECT_GE(plan("k1").status, 400);
  }
  const auto done = plan("k1");
  EXPECT_EQ(done.status, 201);
  EXPECT_FALSE(isReplay(done));
  EXPECT_EQ(plans(), 1U);
}
TEST_F(IdempotencyTest, RunsAgainWhatAJobTookBackForAReasonThatPasses) {
  panel_.setJobs(FakePanel::Jobs::kFail);
  ASSERT_EQ(plan("k0").status, 201);
  const std::string body = R"({"username":"alpha","plan":"small","domain":"a.example.com"})";
  const auto failed = root("POST", "/api/v1/accounts", body, keyed("k1") + "Prefer: wait=5\r\n");
  ASSERT_GE(failed.status, 400);
  EXPECT_FALSE(json(failed)["job_id"].empty());
  const auto again = root("POST", "/api/v1/accounts", body, keyed("k1"));
  EXPECT_FALSE(isReplay(again)) << again.body;
}
TEST_F(IdempotencyTest, RefusesAKeyThatWasGivenToAnotherRequest) {
  ASSERT_EQ(plan("k1").status, 201);
  expectProblem(plan("k1", "large"), 422, "idempotency_key_reused");
  EXPECT_EQ(plans(), 1U);
}
TEST_F(IdempotencyTest, KeepsNothingOfADryRun) {
  ASSERT_EQ(plan("k1").status, 201);
  const std::string body = R"({"username":"alpha","plan":"small","domain":"a.example.com"})";
  for (int i = 0; i < 2; ++i) {
    const auto tried = root("POST", "/api/v1/accounts?dry_run=true", body, keyed("k2"));
    EXPECT_EQ(tried.status, 200);
    EXPECT_FALSE(isReplay(tried));
  }
  EXPECT_EQ(root("POST", "/api/v1/accounts", body, keyed("k2")).status, 202);
}
TEST_F(IdempotencyTest, RunsAgainWhatWasReadTooEarly) {
  const auto made = plan("k0");
  ASSERT_EQ(made.status, 201);
  ASSERT_EQ(root("PATCH", "/api/v1/plans/small", R"({"tasks":5})").status, 200);
  const auto change = [&](const std::string& etag) {
    return root("PATCH", "/api/v1/plans/small", R"({"tasks":7})",
                keyed("k1") + "If-Match: " + etag + "\r\n");
  };
  EXPECT_EQ(change(made.header("etag")).status, 412);
  EXPECT_EQ(change(root("GET", "/api/v1/plans/small").header("etag")).status, 200);
}
TEST_F(IdempotencyTest, KnowsARequestInAnotherSpelling) {
  const auto first = root("POST", "/api/v1/plans", R"({"name":"small","tasks":64})", keyed("k1"));
  ASSERT_EQ(first.status, 201);
  const auto again =
      root("POST", "/api/v1/plans", "{ \"tasks\": 64, \"name\": \"small\" }", keyed("k1"));
  EXPECT_TRUE(isReplay(again)) << again.body;
}
TEST_F(IdempotencyTest, KeepsKeysOfCallersMethodsAndAddressesApart) {
  ASSERT_EQ(plan("k1").status, 201);
  expectProblem(alice("POST", "/api/v1/plans", R"({"name":"small"})", keyed("k1")), 409,
                "already_exists");
  ASSERT_EQ(plan("k2", "large").status, 201);
  EXPECT_FALSE(isReplay(root("PATCH", "/api/v1/plans/small", R"({"tasks":5})", keyed("k1"))));
  EXPECT_FALSE(isReplay(root("PATCH", "/api/v1/plans/large", R"({"tasks":5})", keyed("k1"))));
}
TEST_F(IdempotencyTest, KnowsTheSameAdministratorInAnotherSession) {
  const auto first = alice("POST", "/api/v1/plans", R"({"name":"small"})", keyed("k1"));
  ASSERT_EQ(first.status, 201);
  const std::string other = tokenWithScopes("plans:write");
  const auto again = anonymous("POST", "/api/v1/plans", R"({"name":"small"})",
                               "Authorization: Bearer " + other + "\r\n" + keyed("k1"));
  EXPECT_TRUE(isReplay(again)) << again.body;
}
TEST_F(IdempotencyTest, AsksForTheScopeBeforeItGivesAnAnswerAgain) {
  ASSERT_EQ(alice("POST", "/api/v1/plans", R"({"name":"small"})", keyed("k1")).status, 201);
  const std::string less = tokenWithScopes("plans:read");
  expectProblem(anonymous("POST", "/api/v1/plans", R"({"name":"small"})",
                          "Authorization: Bearer " + less + "\r\n" + keyed("k1")),
                403, "permission_denied");
}
TEST_F(IdempotencyTest, LastsTwoDays) {
  ASSERT_EQ(plan("k1").status, 201);
  clock_.advance(48 * 3600 - 1);
  EXPECT_TRUE(isReplay(plan("k1")));
  clock_.advance(1);
  const auto late = plan("k1");
  expectProblem(late, 409, "already_exists");
  EXPECT_FALSE(isReplay(late));
}
TEST_F(IdempotencyTest, SaysThatTheFirstStillRunsAndWhenToComeBack) {
  std::thread first;
  std::atomic<bool> inside = false;
  std::atomic<bool> go = false;
  panel_.beforePlan = [&] {
    inside = true;
    while (!go)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  first = std::thread([&] { EXPECT_EQ(plan("k1").status, 201); });
  while (!inside)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const auto second = plan("k1");
  const auto other = plan("k1", "large");
  go = true;
  first.join();
  expectProblem(second, 409, "busy");
  EXPECT_FALSE(second.header("retry-after").empty());
  EXPECT_TRUE(json(second)["retryable"].get<bool>());
  expectProblem(other, 422, "idempotency_key_reused");
  EXPECT_TRUE(isReplay(plan("k1")));
}
TEST_F(IdempotencyTest, MakesOneObjectOfFiftyRequestsAtOnce) {
  constexpr int kAtOnce = 50;
  panel_.beforePlan = [] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  std::atomic<int> made = 0;
  std::atomic<int> told = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i)
    threads.emplace_back([&] {
      const auto response = plan("once");
      if (response.status == 201 && !isReplay(response)) ++made;
      if (isReplay(response) || json(response).value("code", "") == "busy") ++told;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(told, kAtOnce - 1);
  EXPECT_EQ(plans(), 1U);
}
TEST_F(IdempotencyTest, RefusesAKeyThatIsNoPrintableTextOfOneTo255Characters) {
  for (const std::string& key :
       {std::string(), std::string(256, 'k'), std::string("k\xc3\xa4"), std::string("k\tk")}) {
    const auto response = plan(key);
    expectProblem(response, 400, "bad_request");
    EXPECT_EQ(json(response)["errors"][0]["header"], "Idempotency-Key");
    EXPECT_EQ(json(response)["errors"][0]["code"], "wrong_format");
  }
  EXPECT_EQ(plan(std::string(255, 'k')).status, 201);
  EXPECT_EQ(plan("a b ~!", "large").status, 201);
}
TEST_F(IdempotencyTest, RefusesTwoKeysInOneRequest) {
  EXPECT_EQ(root("POST", "/api/v1/plans", R"({"name":"small"})", keyed("a") + keyed("a")).status,
            400);
  EXPECT_EQ(plans(), 0U);
}
TEST_F(IdempotencyTest, IsNotLookedAtByReads) {
  ASSERT_EQ(plan("k1").status, 201);
  for (int i = 0; i < 2; ++i) {
    const auto response = root("GET", "/api/v1/plans/small", "", keyed("\xff"));
    EXPECT_EQ(response.status, 200);
    EXPECT_FALSE(isReplay(response));
  }
}
TEST_F(IdempotencyTest, DoesNothingWhenTheKeyCannotBeKept) {
  keyWritesLeft_ = 0;
  expectProblem(plan("k1"), 503, "unavailable");
  keyWritesLeft_ = bulkhead::testing::FillingStore::kNever;
  EXPECT_EQ(plans(), 0U);
  EXPECT_EQ(plan("k1").status, 201);
}

// ---- secrets

TEST_F(IdempotencyTest, NeverKeepsAnAnswerThatShowsASecret) {
  const auto check = [&](const char* path, const char* body, const char* field) {
    const auto first = root("POST", path, body, keyed("k1"));
    ASSERT_EQ(first.status, 201) << first.body;
    const auto again = root("POST", path, body, keyed("k1"));
    expectProblem(again, 409, "idempotency_reply_not_kept");
    EXPECT_NE(json(again)["detail"].get<std::string>().find("secret"), std::string::npos);
    EXPECT_FALSE(storeHolds(json(first)[field].get<std::string>()));
    EXPECT_EQ(root("POST", path, body, keyed("k2")).status, 201);
  };
  check("/api/v1/bootstrap-codes", "", "code");
  logIn();
  check("/api/v1/login-links", "{}", "token");
  check("/api/v1/ui-tokens", R"({"admin":"alice"})", "token");
}
TEST_F(IdempotencyTest, TellsNothingOfAPasswordByItsDigest) {
  logIn();
  const auto admin = [&](const std::string& password) {
    return alice("POST", "/api/v1/admins", R"({"username":"bobby","password":")" + password + "\"}",
                 keyed("k1"));
  };
  ASSERT_EQ(admin("correct horse battery").status, 201);
  EXPECT_TRUE(isReplay(admin("another horse battery")));  // so it is not part of the digest
}
TEST_F(IdempotencyTest, WithholdsWhateverOnlyItsAnswerShows) {
  std::set<std::string> never;
  std::set<std::string> ignored;
  for (const auto& route : table().routes()) {
    if (route.replay == Replay::kNever) never.insert(route.operation);
    if (route.replay == Replay::kIgnored) ignored.insert(route.operation);
  }
  EXPECT_EQ(never, (std::set<std::string>{
                       "account.impersonate", "account.reset_password", "admin.reset_password",
                       "bootstrap.issue", "login_link.create", "password.change",
                       "reseller.impersonate", "reseller.reset_password", "second_factor.confirm",
                       "second_factor.enrol", "second_factor.renew_backup_codes", "session.prove",
                       "token.create", "token.rotate", "ui_token.create"}));
  EXPECT_EQ(ignored, (std::set<std::string>{"bootstrap.create", "lockdown.on", "password.reset",
                                            "session.create", "session.delete", "session.redeem"}));
}

// ---- every route

TEST_F(IdempotencyTest, OfEveryChangeIsCheckedAndOfTheOthersIsNot) {
  logIn();
  std::size_t changes = 0;
  for (const auto& route : table().routes()) {
    if (*route.access == Access::kCpapi) continue;
    SCOPED_TRACE(route.operation);
    ASSERT_EQ(route.changes(), route.replay.has_value());
    if (!route.changes()) continue;
    ++changes;
    std::string path;
    for (const auto& segment : api::templateSegments(route.path))
      path += "/" + (api::parameterName(segment).empty()       ? segment
                     : api::parameterName(segment) == "domain" ? "none.example.com"
                     : api::parameterName(segment) == "token"  ? "tok_01J00000000000000000009999"
                                                               : "nothing1");
    const std::string method(api::methodName(route.method));
    const std::string body = sample(route);
    if (*route.replay == Replay::kIgnored) {
      const auto first = root(method, path, body, keyed("walk"));
      EXPECT_FALSE(isReplay(first));
      EXPECT_FALSE(isReplay(root(method, path, body, keyed("walk"))));
      continue;
    }
    const auto bad = root(method, path, body, keyed(std::string(300, 'k')));
    expectProblem(bad, 400, "bad_request");
    EXPECT_EQ(json(bad)["errors"][0]["header"], "Idempotency-Key");
    const auto first = root(method, path, body, keyed("walk"));
    const auto again = root(method, path, body, keyed("walk"));
    EXPECT_FALSE(isReplay(first));
    ASSERT_NE(first.status, 400) << first.body;
    ASSERT_LT(first.status, 500) << first.body;
    if (first.status < 300 && *route.replay == Replay::kNever)
      expectProblem(again, 409, "idempotency_reply_not_kept");
    else
      EXPECT_TRUE(isReplay(again)) << first.status << " " << again.body;
  }
  EXPECT_GT(changes, 20U);
}

}  // namespace
}  // namespace bulkhead::test
