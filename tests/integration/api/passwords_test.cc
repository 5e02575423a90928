// Passwords over the socket: what is asked, what ends, and that no secret comes back.
#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {
namespace {

class Passwords : public ApiHarness {
 protected:
  static inline const std::string kNew = "walnut tractor violin";
  void SetUp() override {
    ApiHarness::SetUp();
    logIn();  // alice, the main administrator
    ASSERT_EQ(
        alice("POST", "/api/v1/admins", R"({"username":"bobby","password":")" + kPassword + "\"}")
            .status,
        201);
  }
  ClientResponse logInAs(const std::string& name, const std::string& password) {
    return anonymous("POST", "/api/v1/sessions",
                     Json({{"username", name}, {"password", password}}).dump());
  }
  ClientResponse with(const std::string& token,
                      std::string_view method,
                      std::string_view target,
                      const std::string& body = "") {
    return anonymous(method, target, body, "Authorization: Bearer " + token + "\r\n");
  }
  static std::string change(const std::string& current, const std::string& wanted) {
    return Json({{"current_password", current}, {"new_password", wanted}}).dump();
  }
};

TEST_F(Passwords, AreChangedByTheirOwnersAndTheSessionGoesOnUnderAnotherToken) {
  const std::string before = json(logInAs("bobby", kPassword))["token"];
  const auto changed = with(before, "POST", "/api/v1/password", change(kPassword, kNew));
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json(changed)["sessions_ended"], 1);
  EXPECT_EQ(json(changed)["tokens_ended"], 0);
  expectProblem(with(before, "GET", "/api/v1/whoami"), 401, "unauthenticated");
  EXPECT_EQ(with(json(changed)["token"], "GET", "/api/v1/whoami").status, 200);
  expectProblem(logInAs("bobby", kPassword), 401, "unauthenticated");
  EXPECT_EQ(logInAs("bobby", kNew).status, 201);
}
TEST_F(Passwords, AreNotChangedWithoutTheCurrentOne) {
  const std::string token = json(logInAs("bobby", kPassword))["token"];
  const auto wrong = with(token, "POST", "/api/v1/password", change("canary-wrong-one", kNew));
  expectProblem(wrong, 403, "permission_denied");
  EXPECT_EQ(json(wrong)["errors"][0]["pointer"], "/current_password");
  EXPECT_EQ(wrong.body.find("canary"), std::string::npos);
  const auto weak = with(token, "POST", "/api/v1/password", change(kPassword, "Password2024!"));
  expectProblem(weak, 422, "invalid_argument");
  EXPECT_EQ(json(weak)["errors"][0]["pointer"], "/new_password");
  EXPECT_EQ(weak.body.find("2024"), std::string::npos);
  expectProblem(root("POST", "/api/v1/password", change(kPassword, kNew)), 409, "conflict");
}
TEST_F(Passwords, AreResetByACodeOfTheMainAdministrator) {
  const auto issued = alice("POST", "/api/v1/admins/bobby/actions/reset-password");
  ASSERT_EQ(issued.status, 201) << issued.body;
  const std::string token = json(issued)["token"];
  EXPECT_EQ(json(issued)["path"], "/login#reset=" + token);
  const std::string body = Json({{"token", token}, {"new_password", kNew}}).dump();
  EXPECT_EQ(anonymous("POST", "/api/v1/password-resets", body).status, 204);
  expectProblem(anonymous("POST", "/api/v1/password-resets", body), 401, "unauthenticated");
  EXPECT_EQ(logInAs("bobby", kNew).status, 201);
}
TEST_F(Passwords, AreNotResetByWhoeverLikes) {
  const std::string bobby = json(logInAs("bobby", kPassword))["token"];
  expectProblem(with(bobby, "POST", "/api/v1/admins/alice/actions/reset-password"), 403,
                "permission_denied");
  expectProblem(alice("POST", "/api/v1/admins/alice/actions/reset-password"), 403,
                "permission_denied");
  EXPECT_EQ(root("POST", "/api/v1/admins/alice/actions/reset-password").status, 201);
}
TEST_F(Passwords, OfDisabledAdministratorsOpenNothing) {
  const std::string bobby = json(logInAs("bobby", kPassword))["token"];
  const auto disabled = alice("POST", "/api/v1/admins/bobby/actions/disable");
  ASSERT_EQ(disabled.status, 200) << disabled.body;
  EXPECT_EQ(json(disabled)["state"], "disabled");
  expectProblem(with(bobby, "GET", "/api/v1/whoami"), 401, "unauthenticated");
  const auto refused = logInAs("bobby", kPassword);
  Json known = json(refused);
  Json unknown = json(logInAs("nobody1", kPassword));
  EXPECT_EQ(refused.status, 401);
  for (Json* body : {&known, &unknown})
    body->erase("request_id");
  EXPECT_EQ(known, unknown);
  EXPECT_EQ(json(alice("POST", "/api/v1/admins/bobby/actions/enable"))["state"], "active");
  EXPECT_EQ(logInAs("bobby", kPassword).status, 201);
  expectProblem(alice("POST", "/api/v1/admins/alice/actions/disable"), 409, "conflict");
  expectProblem(root("POST", "/api/v1/admins/root/actions/disable"), 404, "not_found");
}

}  // namespace
}  // namespace bulkhead::test
