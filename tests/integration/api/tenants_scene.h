// Tenants: two resellers with a user each, on a real panel behind a scripted agent, and what the
// route table says that each of them meets.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "api/auth/roles.h"
#include "api/usecases/panel_impl.h"
#include "tests/integration/api/api_harness.h"

namespace bulkhead::test {

// Remembers what was denied.
class Witness final : public api::Authenticator {
 public:
  explicit Witness(api::Authenticator& real) : real_(real) {}
  Result<api::Principal> authenticate(std::string_view token) override {
    return real_.authenticate(token);
  }
  Result<api::Principal> recognise(std::string_view token) override {
    return real_.recognise(token);
  }
  std::optional<api::Kept> keepOut(const api::Principal& who, const std::string& from) override {
    return real_.keepOut(who, from);
  }
  void noteDenial(const api::Denial& denial) override {
    const std::lock_guard lock(mutex_);
    last_ = denial;
  }
  std::optional<api::Denial> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(last_, std::nullopt);
  }

 private:
  api::Authenticator& real_;
  std::mutex mutex_;
  std::optional<api::Denial> last_;
};

enum class Where { kOwn, kForeign };
struct Caller {
  std::string actor;  // how denials name it begins so
  std::string secret;
  std::string role;
  Where where = Where::kOwn;
  bool apiToken = false;
  bool standsIn = false;
};

class Tenants : public ApiHarness {
 protected:
  void SetUp() override {
    ApiHarness::SetUp();
    ASSERT_TRUE(runner_->start().ok());
    logIn();
    for (const char* reseller : {"rita", "rolf"}) {
      make("/api/v1/resellers", {{"name", reseller}, {"password", kPassword}});
      make("/api/v1/plans", {{"name", std::string(reseller) + "s"}, {"owner", reseller}});
    }
    for (const auto& [user, reseller] : {std::pair{"carol", "rita"}, std::pair{"dora", "rolf"}}) {
      const std::string name = user;
      clock_.advance(1);  // jobs of one moment come in any order
      make("/api/v1/accounts", {{"username", name},
                                {"plan", std::string(reseller) + "s"},
                                {"domain", name + ".example.com"},
                                {"owner", reseller},
                                {"password", kPassword}});
      make("/api/v1/accounts/" + name + "/database-users", {{"name", name + "_wp"}});
      job_[name] = json(root("GET", "/api/v1/jobs"))["data"][0]["id"];
    }
    for (const char* name : {"rita", "rolf", "carol", "dora"}) {
      session_[name] = sessionOf(name);
      const Json made = tokenOf(name);
      tokenId_[name] = made["id"];
      apiToken_[name] = made["secret"];
    }
  }
  void TearDown() override {
    runner_->stop();
    ApiHarness::TearDown();
    real_.reset();
    witness_.reset();
  }
  api::Panel& servedPanel() override {
    if (!real_) real_ = api::makePanel(*panelStore_, agent_, *runner_, *owners_, clock_);
    return *real_;
  }
  api::Authenticator& authenticator() override {
    if (!witness_) witness_ = std::make_unique<Witness>(*authority_);
    return *witness_;
  }
  api::JobRunner::Options runnerOptions() override {
    api::JobRunner::Options options;
    options.pace = {std::chrono::milliseconds(1), std::chrono::milliseconds(5),
                    std::chrono::milliseconds(20), std::chrono::milliseconds(50)};
    return options;
  }

  void make(const std::string& path, const Json& body) {
    const auto made = root("POST", path, body.is_null() ? "" : body.dump(), "Prefer: wait=20\r\n");
    ASSERT_TRUE(made.status == 200 || made.status == 201) << path << " " << made.body;
  }
  std::string sessionOf(const std::string& name) {
    const auto login =
        anonymous("POST", "/api/v1/sessions",
                  Json::object({{"username", name}, {"password", kPassword}}).dump());
    EXPECT_EQ(login.status, 201) << login.body;
    return json(login).value("token", "");
  }
  // With every scope that the role gives to tokens.
  Json tokenOf(const std::string& name) {
    const std::string role = name[0] == 'r' ? "reseller" : "user";
    Json scopes = Json::array();
    for (const auto& scope : api::scopesOfRole(role).list())
      if (api::isScopeOfTokens(scope)) scopes.push_back(scope);
    const auto made = by(session_[name], "POST", "/api/v1/tokens",
                         Json::object({{"name", "front end"}, {"scopes", scopes}}).dump());
    EXPECT_EQ(made.status, 201) << made.body;
    return json(made);
  }
  ClientResponse by(const std::string& secret,
                    std::string_view method,
                    std::string_view target,
                    std::string_view body = "") {
    return send(As::kGateway, method, target, body, "Authorization: Bearer " + secret + "\r\n");
  }
  static std::string method(const api::Route& route) {
    return std::string(api::methodName(route.method));
  }
  // For administrators and whoever is below them.
  void forEach(const std::function<void(const api::Route&)>& check) {
    std::size_t seen = 0;
    for (const auto& route : table().routes()) {
      if (*route.access == api::Access::kOpen || *route.access == api::Access::kCpapi) continue;
      SCOPED_TRACE(method(route) + " " + route.path);
      check(route);
      ++seen;
    }
    EXPECT_GT(seen, 50U);
  }
  static bool namesSomething(const api::Route& route) {
    return route.path.find('{') != std::string::npos;
  }
  // What is rita's and carol's; of tokens those of `tokensOf`.
  std::string addressOf(const api::Route& route, const std::string& tokensOf) {
    std::string path;
    for (const auto& segment : api::templateSegments(route.path)) {
      const std::string name(api::parameterName(segment));
      path += "/" + (name.empty()              ? segment
                     : name == "account"       ? "carol"
                     : name == "domain"        ? "carol.example.com"
                     : name == "database_user" ? "carol_wp"
                     : name == "plan"          ? "ritas"
                     : name == "reseller"      ? "rita"
                     : name == "admin"         ? "alice"
                     : name == "job"           ? job_["carol"]
                     : name == "token"         ? tokenId_[tokensOf]
                                               : "unknown_" + name);
    }
    EXPECT_EQ(path.find("unknown_"), std::string::npos) << "say what is carol's of " << path;
    return path;
  }
  void expectDenied(const ClientResponse& response,
                    const Caller& caller,
                    const api::Route& route,
                    int status,
                    const std::set<std::string>& rules) {
    expectProblem(response, status, status == 404 ? "not_found" : "permission_denied");
    const auto denial = witness_->take();
    ASSERT_TRUE(denial.has_value()) << "no record of it";
    EXPECT_TRUE(denial->actor.starts_with(caller.actor)) << denial->actor;
    EXPECT_EQ(denial->operation, route.operation);
    EXPECT_TRUE(rules.count(denial->rule)) << denial->rule;
    if (status == 403) {
      EXPECT_EQ(json(response)["policy"]["rule"], denial->rule);
    }
  }
  // Asks with a parameter that no route has: whoever is let in is refused for that, before anything
  // is done.
  void expectWhatTheTableSays(const Caller& caller, const api::Route& route) {
    SCOPED_TRACE(caller.actor + (caller.apiToken ? " by token" : ""));
    (void)witness_->take();
    const std::string mine = caller.actor.substr(caller.actor.rfind(':') + 1);
    const std::string path = addressOf(route, caller.where == Where::kOwn ? mine : "carol");
    const bool ownThings = route.extent == api::Extent::kSelf && namesSomething(route);
    const auto response =
        by(caller.secret, method(route),
           path + (ownThings && caller.where == Where::kForeign ? "" : "?no_such_parameter=1"),
           ownThings && route.body ? "{}" : "");
    if (*route.access == api::Access::kLocalRoot)
      return expectDenied(response, caller, route, 403, {"local_root"});
    if (*route.access == api::Access::kPerson && caller.apiToken)
      return expectDenied(response, caller, route, 403, {"person"});
    if (*route.access == api::Access::kPerson && caller.standsIn &&
        route.byStandIn == api::ByStandIn::kRefused)
      return expectDenied(response, caller, route, 403, {"impersonation"});
    if (!route.isFor(caller.role))
      return expectDenied(response, caller, route, 403, {"scope", "reach"});
    if (caller.where == Where::kForeign && namesSomething(route))
      return expectDenied(response, caller, route, 404, {"reach"});
    expectProblem(response, 400, "bad_request");
    EXPECT_FALSE(witness_->take().has_value());
  }

  std::map<std::string, std::string> session_, apiToken_, tokenId_, job_;
  std::unique_ptr<api::Panel> real_;
  std::unique_ptr<Witness> witness_;
};

}  // namespace bulkhead::test
