// What the router lets an API token do, whatever its scopes are.
#include "tests/support/router_scene.h"

namespace bulkhead::api {
namespace {

using testing::jobOf;
using testing::RouterScene;
using testing::thingRoute;

// "session", and "api-..." whose rest says what the token is like.
class TokenList final : public Authenticator {
 public:
  Result<Principal> authenticate(std::string_view token) override {
    Principal principal;
    principal.reach = Reach{};
    principal.actor = "admin:alice";
    if (token != "api-none") principal.scopes = ScopeSet::everything();
    if (token == "session") return principal;
    auto limits = std::make_shared<TokenLimits>();
    limits->id = token;
    limits->readOnly = token == "api-reads";
    limits->dryRunOnly = token == "api-tries";
    principal.token = limits;
    return principal;
  }
  std::optional<Kept> keepOut(const Principal& principal, const std::string& address) override {
    seen_.push_back(principal.token->id + " " + address);
    if (address == "203.0.113.9") return Kept{Kept::Why::kAddress, 0};
    if (address == "203.0.113.8") return Kept{Kept::Why::kRate, 7};
    return std::nullopt;
  }
  std::vector<std::string> seen_;
};

Answered saysWhetherDry(const Call& call) {
  HttpResponse response;
  response.body = call.mode == Mode::kDryRun ? R"({"dry":true})" : R"({"dry":false})";
  return response;
}

Route route(Method method, std::string path, std::string operation, Access access) {
  return thingRoute(method, std::move(path), std::move(operation), access, saysWhetherDry);
}

std::vector<Route> routes() {
  std::vector<Route> list;
  list.push_back(route(Method::kGet, "/a/{account}", "thing.get", Access::kSession));
  list.push_back(route(Method::kPost, "/same", "thing.change", Access::kSession));
  list.push_back(route(Method::kPost, "/person", "thing.person", Access::kPerson));
  list.push_back(jobOf(route(Method::kPost, "/a", "thing.create", Access::kSession)));
  return list;
}

class RouterTokensTest : public RouterScene<TokenList> {
 protected:
  RouterTokensTest() : RouterScene(routes()) {}
  void TearDown() override { EXPECT_EQ(faults_, ""); }
  HttpRequest post(const std::string& token) {
    return RouterScene::post("/a", R"({"name":"bob"})", token);
  }
  // "" for what is let in, else status and rule.
  std::string told(const HttpRequest& out) {
    const HttpResponse response = send(out);
    if (response.status == 200) return "";
    const Json policy = body(response).value("policy", Json::object());
    return std::to_string(response.status) + " " + policy.value("rule", "");
  }
};

TEST_F(RouterTokensTest, LetsSessionsAndRootDoWhatIsForPeople) {
  EXPECT_EQ(told(request(Method::kPost, "/person", "session")), "");
  auto out = request(Method::kPost, "/person", "");
  out.peer.uid = 0;
  EXPECT_EQ(told(out), "");
}
TEST_F(RouterTokensTest, KeepsApiTokensFromWhatIsForPeople) {
  EXPECT_EQ(told(request(Method::kPost, "/person", "api-all")), "403 person");
}
TEST_F(RouterTokensTest, LetsAnApiTokenInWithItsScopes) {
  EXPECT_EQ(told(request(Method::kGet, "/a/alice", "api-all")), "");
  EXPECT_EQ(told(post("api-all")), "");
  const auto out = request(Method::kGet, "/a/alice", "api-none");
  EXPECT_EQ(told(out), "403 scope");
  EXPECT_EQ(body(send(out))["policy"]["missing_scopes"], Json::array({"accounts:read"}));
}
TEST_F(RouterTokensTest, LetsATokenThatOnlyReadsChangeNothing) {
  EXPECT_EQ(told(request(Method::kGet, "/a/alice", "api-reads")), "");
  auto out = post("api-reads");
  EXPECT_EQ(told(out), "403 read_only");
  out.query = {{"dry_run", "true"}};
  EXPECT_EQ(told(out), "403 read_only");
}
TEST_F(RouterTokensTest, LetsATokenThatOnlyTriesDryChangeNothing) {
  EXPECT_EQ(told(request(Method::kGet, "/a/alice", "api-tries")), "");
  auto out = post("api-tries");
  EXPECT_EQ(told(out), "403 dry_run_only");
  out.query = {{"dry_run", "false"}};
  EXPECT_EQ(told(out), "403 dry_run_only");
  out.query = {{"dry_run", "true"}, {"dry_run", "false"}};
  EXPECT_EQ(told(out), "400 ");
  out.query = {{"dry_run", "true"}};
  EXPECT_EQ(body(send(out))["dry"], true);
  EXPECT_EQ(told(request(Method::kPost, "/same", "api-tries")), "403 dry_run_only");
}
TEST_F(RouterTokensTest, AsksWhetherAnApiTokenMayComeFromThatAddressNow) {
  auto out = request(Method::kGet, "/a/alice", "api-all");
  out.headers.emplace_back("x-forwarded-for", "10.0.0.1, 192.0.2.1");
  EXPECT_EQ(told(out), "");
  EXPECT_EQ(tokens_.seen_, std::vector<std::string>{"api-all 192.0.2.1"});
  out.headers.back().second = "203.0.113.9";
  EXPECT_EQ(told(out), "403 address");
  out.headers.back().second = "203.0.113.8";
  EXPECT_EQ(told(out), "429 ");
  EXPECT_EQ(header(send(out), "Retry-After"), "7");
}
TEST_F(RouterTokensTest, DoesNotAskForSessionsAndRoot) {
  EXPECT_EQ(told(request(Method::kGet, "/a/alice", "session")), "");
  auto out = request(Method::kGet, "/a/alice", "");
  out.peer.uid = 0;
  EXPECT_EQ(told(out), "");
  EXPECT_TRUE(tokens_.seen_.empty());
}
TEST_F(RouterTokensTest, RefusesAnApiTokenBesideACookie) {
  auto out = request(Method::kGet, "/a/alice", "api-all");
  out.headers.emplace_back("cookie", "__Host-sid=x");
  EXPECT_EQ(told(out), "400 ");
  EXPECT_FALSE(tokens_.seen_.empty()) << "it is counted, and its address looked at, first";
}

}  // namespace
}  // namespace bulkhead::api
