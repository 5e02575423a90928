// What the router lets an API token do, whatever its scopes are.
#include <gtest/gtest.h>

#include "api/http/router.h"
#include "tests/support/store_kinds.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr uid_t kGateway = 4001;

// "session", and "api-..." whose rest says what the token is like.
class TokenList final : public Authenticator {
 public:
  Result<Principal> authenticate(std::string_view token) override {
    Principal principal;
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

Schema thing() {
  return Schema::object("Thing", "A thing.",
                        {required("name", Schema::text("Name.", Format::kUsername))});
}

Route route(Method method, std::string path, std::string operation, Access access) {
  Route out;
  out.method = method;
  out.path = std::move(path);
  out.operation = std::move(operation);
  out.summary = "Does it.";
  out.access = access;
  const bool reads = method == Method::kGet;
  out.scope = reads ? "accounts:read" : "accounts:write";
  out.risk = reads ? Risk::kRead : Risk::kMutate;
  out.lane = Lane::kWorker;
  out.response = thing();
  out.answer = Answer::kResource;
  out.statuses = {200};
  out.cli = Cli{};
  if (!reads) out.replay = Replay::kReply;
  out.handler = [](const Call& call) -> Answered {
    HttpResponse response;
    response.body = call.mode == Mode::kDryRun ? R"({"dry":true})" : R"({"dry":false})";
    return response;
  };
  return out;
}

std::vector<Route> routes() {
  std::vector<Route> list;
  list.push_back(route(Method::kGet, "/a/{account}", "thing.get", Access::kSession));
  list.push_back(route(Method::kPost, "/same", "thing.change", Access::kSession));
  list.push_back(route(Method::kPost, "/person", "thing.person", Access::kPerson));
  list.push_back(route(Method::kPost, "/a", "thing.create", Access::kSession));
  list.back().body = thing();
  list.back().answer = Answer::kJob;
  list.back().statuses = {202};
  list.back().dryRun = DryRun::kYes;
  return list;
}

class RouterTokensTest : public ::testing::Test {
 protected:
  HttpRequest request(Method method, std::string path, const std::string& token) {
    HttpRequest out;
    out.method = method;
    out.path = std::move(path);
    out.peer.uid = kGateway;
    out.requestId = "req-1";
    if (!token.empty()) out.headers.emplace_back("authorization", "Bearer " + token);
    return out;
  }
  HttpRequest post(const std::string& token) {
    HttpRequest out = request(Method::kPost, "/a", token);
    out.headers.emplace_back("content-type", "application/json");
    out.body = R"({"name":"bob"})";
    return out;
  }
  HttpResponse send(const HttpRequest& out) { return router_.handle(out); }
  static Json body(const HttpResponse& response) { return Json::parse(response.body); }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return "";
  }
  // "" for what is let in, else status and rule.
  std::string told(const HttpRequest& out) {
    const HttpResponse response = send(out);
    if (response.status == 200) return "";
    const Json policy = body(response).value("policy", Json::object());
    return std::to_string(response.status) + " " + policy.value("rule", "");
  }

  TokenList tokens_;
  testing::SqliteUnderTest store_;
  SystemClock clock_;
  Repeats repeats_{store_.store(), clock_};
  Router router_{RouteTable::make(routes()).value(), tokens_, repeats_, PeerPolicy{0, kGateway},
                 [](std::string_view, std::string_view what) { ADD_FAILURE() << what; }};
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
