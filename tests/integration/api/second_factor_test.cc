// Second factors and proofs over the socket: who is asked what, in which words, and what is written
// down about it.
#include <fstream>
#include <set>
#include <sstream>

#include "api/auth/totp.h"
#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {
namespace {

using api::Proof;

class SecondFactor : public ApiHarness {
 protected:
  void SetUp() override {
    ApiHarness::SetUp();
    logIn();  // alice, the main administrator
  }
  ClientResponse logInWith(const std::string& code, const std::string& password = kPassword) {
    Json body = {{"username", "alice"}, {"password", password}};
    if (!code.empty()) body["code"] = code;
    return anonymous("POST", "/api/v1/sessions", body.dump());
  }
  ClientResponse with(const std::string& token,
                      std::string_view method,
                      std::string_view target,
                      const std::string& body = "") {
    return anonymous(method, target, body, "Authorization: Bearer " + token + "\r\n");
  }
  static Json proof(const std::string& code = "") {
    Json body = {{"password", kPassword}};
    if (!code.empty()) body["code"] = code;
    return body;
  }
  // The app: knows what the enrolment showed.
  void enrol() {
    const auto made = alice("POST", "/api/v1/second-factor");
    ASSERT_EQ(made.status, 201) << made.body;
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned buffer = 0;
    unsigned bits = 0;
    for (const char c : json(made)["secret"].get<std::string>()) {
      buffer = (buffer << 5U) | static_cast<unsigned>(kAlphabet.find(c));
      bits += 5;
      if (bits < 8) continue;
      bits -= 8;
      seed_ += static_cast<char>((buffer >> bits) & 255U);
    }
    const auto confirmed =
        alice("POST", "/api/v1/second-factor/actions/confirm", Json({{"code", code()}}).dump());
    ASSERT_EQ(confirmed.status, 200) << confirmed.body;
    backup_ = json(confirmed)["backup_codes"].get<std::vector<std::string>>();
    clock_.advance(60);
  }
  std::string code() { return api::totpCode(seed_, api::totpStep(clock_.nowMicros())); }
  std::string wrongCode() {
    const std::int64_t now = api::totpStep(clock_.nowMicros());
    std::string guess = "100000";
    for (std::int64_t step = now - 1; step <= now + 1; ++step)
      if (guess == api::totpCode(seed_, step)) guess = "100001";
    return guess;
  }
  std::string seed_;
  std::vector<std::string> backup_;
};

TEST_F(SecondFactor, LivesAndDies) {
  EXPECT_EQ(json(alice("GET", "/api/v1/second-factor"))["enabled"], false);
  enrol();
  const Json state = json(alice("GET", "/api/v1/second-factor"));
  EXPECT_EQ(state["enabled"], true);
  EXPECT_EQ(state["backup_codes_left"], 10);
  expectProblem(alice("POST", "/api/v1/second-factor"), 409, "conflict");
  expectProblem(logInWith(""), 401, "second_factor_required");
  EXPECT_EQ(logInWith(code()).status, 201);
  EXPECT_EQ(logInWith(backup_[0]).status, 201);
  EXPECT_EQ(alice("DELETE", "/api/v1/second-factor").status, 204);
  EXPECT_EQ(logInWith("").status, 201);
  expectProblem(alice("DELETE", "/api/v1/second-factor"), 409, "conflict");
}
TEST_F(SecondFactor, RefusesAWrongCodeInTheWordsOfAWrongPassword) {
  enrol();
  std::set<std::string> bodies;
  for (const auto& response : {logInWith(wrongCode()), logInWith("", "not the password"),
                               logInWith(code(), "not the password")}) {
    EXPECT_EQ(response.status, 401);
    Json body = json(response);
    body.erase("request_id");
    bodies.insert(body.dump());
  }
  EXPECT_EQ(bodies.size(), 1U);
}
TEST_F(SecondFactor, IsAskedOfALinkWhichStaysUntilTheCodeIsRight) {
  enrol();
  const std::string link = json(alice("POST", "/api/v1/login-links", "{}"))["token"];
  expectProblem(anonymous("POST", "/api/v1/sessions/link", Json({{"token", link}}).dump()), 401,
                "second_factor_required");
  EXPECT_EQ(
      anonymous("POST", "/api/v1/sessions/link", Json({{"token", link}, {"code", code()}}).dump())
          .status,
      201);
}
TEST_F(SecondFactor, IsTakenAwayByRoot) {
  enrol();
  expectProblem(alice("DELETE", "/api/v1/admins/alice/second-factor"), 403, "permission_denied");
  EXPECT_EQ(root("DELETE", "/api/v1/admins/alice/second-factor").status, 204);
  EXPECT_EQ(logInWith("").status, 201);
}

TEST_F(SecondFactor, ADangerousActAsksForAProofAndSaysWhatToDoNext) {
  clock_.advance(5 * 60);
  const auto refused = alice("POST", "/api/v1/second-factor");
  expectProblem(refused, 403, "step_up_required");
  EXPECT_EQ(json(refused)["policy"]["rule"], "proof");
  EXPECT_NE(json(refused)["detail"].get<std::string>().find("/api/v1/sessions/current/proof"),
            std::string::npos);
  const auto wrong =
      alice("POST", "/api/v1/sessions/current/proof", R"({"password":"not the password"})");
  expectProblem(wrong, 403, "permission_denied");
  const auto proved = alice("POST", "/api/v1/sessions/current/proof", proof().dump());
  ASSERT_EQ(proved.status, 200) << proved.body;
  expectProblem(alice("GET", "/api/v1/whoami"), 401, "unauthenticated");  // by the token of before
  EXPECT_EQ(with(json(proved)["token"], "POST", "/api/v1/second-factor").status, 201);
}
TEST_F(SecondFactor, AProofAsksForTheCodeOfWhoeverHasOne) {
  enrol();
  expectProblem(alice("POST", "/api/v1/sessions/current/proof", proof().dump()), 401,
                "second_factor_required");
  expectProblem(alice("POST", "/api/v1/sessions/current/proof", proof(wrongCode()).dump()), 403,
                "permission_denied");
  EXPECT_EQ(alice("POST", "/api/v1/sessions/current/proof", proof(code()).dump()).status, 200);
}
TEST_F(SecondFactor, EveryRouteThatAsksForAProofIsOnThisList) {
  clock_.advance(5 * 60);
  std::set<std::string> asking;
  for (const auto& route : table().routes()) {
    if (route.proof != Proof::kRecent) continue;
    SCOPED_TRACE(route.operation);
    asking.insert(route.operation);
    expectProblem(alice(api::methodName(route.method), target(route)), 403, "step_up_required");
    EXPECT_NE(root(api::methodName(route.method), target(route)).status, 403);
  }
  // Whoever takes one off has looked: it gives nobody a way in, and takes none away.
  EXPECT_EQ(asking, (std::set<std::string>{"account.impersonate",
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
                                           "second_factor.confirm",
                                           "second_factor.disable",
                                           "second_factor.enrol",
                                           "second_factor.remove",
                                           "second_factor.renew_backup_codes",
                                           "token.create",
                                           "token.rotate"}));
}

TEST_F(SecondFactor, RefusalsAreWrittenDownAndSecretsAreNot) {
  enrol();
  ::testing::internal::CaptureStderr();
  std::string shown;
  const auto note = [&](const ClientResponse& response) { shown += response.body; };
  note(logInWith("", "canary-of-a-password"));
  note(logInWith(wrongCode()));
  note(anonymous("POST", "/api/v1/sessions",
                 R"({"username":"canary-of-a-name","password":"canary-of-a-password"})"));
  note(alice("POST", "/api/v1/sessions/current/proof", R"({"password":"canary-of-a-password"})"));
  note(
      alice("POST", "/api/v1/password",
            R"({"current_password":"canary-of-a-password","new_password":"canary-of-a-new-one"})"));
  note(anonymous("POST", "/api/v1/password-resets",
                 R"({"token":"canary-of-a-token","new_password":"canary-of-a-new-one"})"));
  note(with(tokenWithScopes("plans:read"), "GET", "/api/v1/accounts"));
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const char* line :
       {"reason=\"wrong_password\" person=\"alice\"", "reason=\"wrong_code\" person=\"alice\"",
        "reason=\"unknown_name\" person=\"\"", "refused a wrong current password",
        "rule=\"scope\" actor=\"admin:alice\" operation=\"account.list\""})
    EXPECT_NE(log.find(line), std::string::npos) << line << "\n" << log;
  std::string disk;
  for (const auto& file : std::filesystem::directory_iterator(directory())) {
    std::ifstream stream(file.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << stream.rdbuf();
    disk += bytes.str();
  }
  for (const std::string& secret :
       {std::string("canary"), code(), wrongCode(), backup_[0], seed_, api::base32Of(seed_)}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << log;
    EXPECT_EQ(shown.find(secret), std::string::npos) << shown;
    if (secret.size() > 6) {
      EXPECT_EQ(disk.find(secret), std::string::npos);
    }
  }
}
TEST_F(SecondFactor, WhoIsRefusedAgainAndAgainFillsNoJournal) {
  const std::string token = tokenWithScopes("plans:read");
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 50; ++i)
    (void)with(token, "GET", "/api/v1/accounts");
  const std::string log = ::testing::internal::GetCapturedStderr();
  std::size_t lines = 0;
  for (std::size_t at = log.find("denied"); at != std::string::npos;
       at = log.find("denied", at + 1))
    ++lines;
  EXPECT_EQ(lines, 10U);
}

}  // namespace
}  // namespace bulkhead::test
