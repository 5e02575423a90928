// The router refuses by default: each kind of refusal has its test here; handlers see checked
// values only.
#include "api/http/router.h"

#include <stdexcept>

#include "tests/support/router_scene.h"

namespace bulkhead::api {
namespace {

using testing::jobOf;
using testing::kGateway;
using testing::RouterScene;
using testing::thing;
using testing::thingRoute;
constexpr uid_t kStranger = 4002;

class TokenList final : public Authenticator {
 public:
  Result<Principal> authenticate(std::string_view token) override {
    Principal principal;
    principal.reach = Reach{};
    principal.actor = "admin:alice";
    if (token == "all") principal.scopes = ScopeSet::everything();
    if (token == "all" || token == "none") return principal;
    return unknownBearer();
  }
  std::optional<Kept> keepOut(const Principal&, const std::string&) override {
    ADD_FAILURE() << "there are no API tokens here";
    return std::nullopt;
  }
};

Answered echo(const Call& call) {
  HttpResponse response;
  Json seen = Json::object();
  seen["actor"] = call.actor.name;
  seen["trace"] = call.actor.traceparent;
  seen["path"] = call.pathValue("account");
  seen["name"] = call.text("name");
  seen["dry"] = call.mode == Mode::kDryRun;
  seen["limit"] = call.page.limit;
  seen["cursor"] = call.page.cursor;
  seen["wait"] = call.wait.count();
  seen["address"] = call.clientAddress;
  response.body = printJson(seen);
  response.headers.emplace_back("ETag", "\"r1\"");
  return response;
}

Route route(Method method, std::string path, std::string operation, Access access) {
  return thingRoute(method, std::move(path), std::move(operation), access, echo);
}

std::vector<Route> routes() {
  std::vector<Route> list;
  list.push_back(route(Method::kGet, "/open", "thing.open", Access::kOpen));
  list.push_back(route(Method::kGet, "/a/{account}", "thing.get", Access::kSession));
  list.push_back(route(Method::kGet, "/a/current", "thing.current", Access::kSession));
  list.push_back(route(Method::kPost, "/root", "thing.root", Access::kLocalRoot));
  list.push_back(route(Method::kGet, "/a", "thing.list", Access::kSession));
  list.back().answer = Answer::kList;
  list.back().lane = Lane::kWorker;
  list.push_back(jobOf(route(Method::kPost, "/a", "thing.create", Access::kSession)));
  list.push_back(route(Method::kGet, "/fault", "thing.fault", Access::kOpen));
  list.back().handler = [](const Call&) -> Answered { throw std::runtime_error("secret detail"); };
  return list;
}

class RouterTest : public RouterScene<TokenList> {
 protected:
  RouterTest() : RouterScene(routes()) {}
  void refused(const HttpRequest& out, int status, const std::string& code) {
    const HttpResponse response = send(out);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.contentType, "application/problem+json");
    EXPECT_EQ(body(response)["code"], code);
    EXPECT_EQ(body(response)["request_id"], "req-1");
  }
};

TEST_F(RouterTest, AnswersAKnownCaller) {
  const HttpResponse response = send(request(Method::kGet, "/a/alice"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body(response)["path"], "alice");
  EXPECT_EQ(body(response)["actor"], "admin:alice");
}

TEST_F(RouterTest, PrefersALiteralSegmentToAParameter) {
  EXPECT_EQ(body(send(request(Method::kGet, "/a/current")))["path"], "");
}

TEST_F(RouterTest, RefusesAPeerThatIsNeitherGatewayNorRoot) {
  auto out = request(Method::kGet, "/open");
  out.peer.uid = kStranger;
  refused(out, 403, "permission_denied");
}

TEST_F(RouterTest, RefusesAnonymousCallers) {
  refused(request(Method::kGet, "/a/alice", ""), 401, "unauthenticated");
  EXPECT_EQ(header(send(request(Method::kGet, "/a/alice", "")), "WWW-Authenticate"),
            "Bearer realm=\"bulkhead\"");
}
TEST_F(RouterTest, RefusesAWrongToken) {
  refused(request(Method::kGet, "/a/alice", "wrong"), 401, "unauthenticated");
}
TEST_F(RouterTest, RefusesATokenOfAnAbsurdLength) {
  refused(request(Method::kGet, "/a/alice", std::string(5000, 'a')), 401, "unauthenticated");
}
TEST_F(RouterTest, RefusesAnotherSchemeThanBearer) {
  auto out = request(Method::kGet, "/a/alice", "");
  out.headers.emplace_back("authorization", "Basic YWxpY2U6eA==");
  refused(out, 401, "unauthenticated");
}
TEST_F(RouterTest, RefusesRootWithAWrongTokenInsteadOfActingAsRoot) {
  auto out = request(Method::kGet, "/a/alice", "wrong");
  out.peer.uid = 0;
  refused(out, 401, "unauthenticated");
}
TEST_F(RouterTest, SaysWhichScopeIsMissing) {
  refused(request(Method::kGet, "/a/alice", "none"), 403, "permission_denied");
  const Json policy = body(send(request(Method::kGet, "/a/alice", "none")))["policy"];
  EXPECT_EQ(policy["rule"], "scope");
  EXPECT_EQ(policy["missing_scopes"], Json::array({"accounts:read"}));
}
TEST_F(RouterTest, KeepsRootsRoutesFromSessions) {
  refused(request(Method::kPost, "/root"), 403, "permission_denied");
}
TEST_F(RouterTest, LetsRootInByItsUid) {
  auto out = request(Method::kPost, "/root", "");
  out.peer.uid = 0;
  EXPECT_EQ(body(send(out))["actor"], "local:root");
}
TEST_F(RouterTest, TellsNobodyFromRootOnOpenRoutes) {
  EXPECT_EQ(body(send(request(Method::kGet, "/open", "")))["actor"], "");
}

TEST_F(RouterTest, RefusesUnknownAddresses) {
  refused(request(Method::kGet, "/nothing"), 404, "not_found");
}
TEST_F(RouterTest, RefusesANameThatNoAccountCanHave) {
  refused(request(Method::kGet, "/a/UPPER"), 404, "not_found");
}
TEST_F(RouterTest, RefusesTricksInThePath) {
  for (const char* path :
       {"//a", "/a/", "/a/..", "/a/%2e%2e", "/a%2falice", "/a/al%00ice", "/a/%zz"})
    refused(request(Method::kGet, path), 400, "bad_request");
}
TEST_F(RouterTest, NamesTheMethodsThatAnAddressHas) {
  refused(request(Method::kDelete, "/a"), 405, "method_not_allowed");
  EXPECT_EQ(header(send(request(Method::kDelete, "/a")), "Allow"), "GET, HEAD, POST, OPTIONS");
}
TEST_F(RouterTest, AnswersHeadAsGet) {
  EXPECT_EQ(send(request(Method::kHead, "/a/alice")).status, 200);
}
TEST_F(RouterTest, AnswersOptionsWithTheMethodsAndNoCors) {
  const HttpResponse response = send(request(Method::kOptions, "/a", ""));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(header(response, "Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "");
}
TEST_F(RouterTest, IgnoresMethodOverrides) {
  auto out = request(Method::kGet, "/a");
  out.headers.emplace_back("x-http-method-override", "POST");
  EXPECT_EQ(body(send(out))["name"], "");
}

TEST_F(RouterTest, RefusesUnknownQueryParameters) {
  auto out = request(Method::kGet, "/a");
  out.query = {{"lmit", "5"}};
  refused(out, 400, "bad_request");
  EXPECT_EQ(body(send(out))["errors"][0]["parameter"], "lmit");
}
TEST_F(RouterTest, RefusesDuplicateQueryParameters) {
  auto out = request(Method::kGet, "/a");
  out.query = {{"limit", "5"}, {"limit", "6"}};
  refused(out, 400, "bad_request");
}
TEST_F(RouterTest, RefusesPageLimitsOutOfRange) {
  for (const char* limit : {"0", "201", "-1", "x", "5x", "99999999999999999999", ""}) {
    auto out = request(Method::kGet, "/a");
    out.query = {{"limit", limit}};
    refused(out, 400, "bad_request");
  }
}
TEST_F(RouterTest, ReadsPages) {
  auto out = request(Method::kGet, "/a");
  out.query = {{"limit", "7"}, {"cursor", "abc"}};
  EXPECT_EQ(body(send(out))["limit"], 7);
  EXPECT_EQ(body(send(out))["cursor"], "abc");
  EXPECT_EQ(body(send(request(Method::kGet, "/a")))["limit"], 50);
}
TEST_F(RouterTest, ReadsDryRun) {
  auto out = post("/a", R"({"name":"bob"})");
  EXPECT_EQ(body(send(out))["dry"], false);
  out.query = {{"dry_run", "true"}};
  EXPECT_EQ(body(send(out))["dry"], true);
  out.query = {{"dry_run", "yes"}};
  refused(out, 400, "bad_request");
}

TEST_F(RouterTest, AcceptsExactlyJson) {
  for (const char* type : {"text/plain", "application/json; charset=utf-8", "application/jsonx",
                           "multipart/form-data"}) {
    auto out = request(Method::kPost, "/a");
    out.body = R"({"name":"bob"})";
    out.headers.emplace_back("content-type", type);
    refused(out, 415, "unsupported_media_type");
  }
  auto out = request(Method::kPost, "/a");
  out.body = R"({"name":"bob"})";
  refused(out, 415, "unsupported_media_type");
}
TEST_F(RouterTest, RefusesCompressedBodies) {
  auto out = post("/a", R"({"name":"bob"})");
  out.headers.emplace_back("content-encoding", "gzip");
  refused(out, 415, "unsupported_media_type");
}
TEST_F(RouterTest, RefusesMalformedJson) {
  for (const char* text :
       {"", "{", "[1,]", "{\"name\":\"bob\"} x", "{\"name\":\"bob\",\"name\":\"eve\"}", "NaN",
        "{\"name\":\"\xff\"}", "{\"name\":\"a\\u0000b\"}", "// c\n{}"})
    refused(post("/a", text), 400, "bad_request");
}
TEST_F(RouterTest, RefusesDeepJson) {
  refused(post("/a", std::string(5000, '[') + std::string(5000, ']')), 400, "bad_request");
}
TEST_F(RouterTest, RefusesLargeBodies) {
  refused(post("/a", R"({"name":")" + std::string(kJsonBodyBytesMax, 'a') + "\"}"), 413,
          "payload_too_large");
}
TEST_F(RouterTest, TellsFaultsOfShapeFromFaultsOfValues) {
  refused(post("/a", R"({"name":"bob","role":"root"})"), 400, "bad_request");
  refused(post("/a", R"({"name":"ROOT"})"), 422, "invalid_argument");
  EXPECT_EQ(body(send(post("/a", R"({"name":"ROOT"})")))["errors"][0]["pointer"], "/name");
}
TEST_F(RouterTest, RefusesABodyWhereNoneIsTaken) {
  auto out = request(Method::kGet, "/a");
  out.body = "{}";
  refused(out, 400, "bad_request");
}

TEST_F(RouterTest, ShowsNothingOfAnException) {
  refused(request(Method::kGet, "/fault"), 500, "internal");
  EXPECT_EQ(faults_, "secret detail");
  EXPECT_EQ(send(request(Method::kGet, "/fault")).body.find("secret"), std::string::npos);
}

TEST_F(RouterTest, AnswersAnUnchangedResourceWithItsTagAlone) {
  for (const char* tag : {"\"r1\"", "W/\"r1\"", "\"x\", \"r1\"", "*"}) {
    auto out = request(Method::kGet, "/a/alice");
    out.headers.emplace_back("if-none-match", tag);
    EXPECT_EQ(send(out).status, 304) << tag;
    EXPECT_EQ(send(out).body, "");
    EXPECT_EQ(header(send(out), "ETag"), "\"r1\"");
  }
  auto out = request(Method::kGet, "/a/alice");
  out.headers.emplace_back("if-none-match", "\"r2\"");
  EXPECT_EQ(send(out).status, 200);
}

TEST_F(RouterTest, BoundsHowLongACallerCanWait) {
  auto out = post("/a", R"({"name":"bob"})");
  EXPECT_FALSE(asksToWait(out));
  out.headers.emplace_back("prefer", "respond-async, wait=9");
  EXPECT_EQ(body(send(out))["wait"], 9);
  out.headers.back().second = "wait=999999";
  EXPECT_EQ(body(send(out))["wait"], kWaitMax.count());
  for (const char* odd : {"wait=-1", "wait=", "wait=1x", "waits=3", "wait=99999999999"}) {
    out.headers.back().second = odd;
    EXPECT_FALSE(asksToWait(out)) << odd;
  }
}

TEST_F(RouterTest, SendsARequestToTheLaneOfItsRoute) {
  EXPECT_EQ(router_.laneOf(request(Method::kGet, "/a/alice")), Lane::kInline);
  EXPECT_EQ(router_.laneOf(request(Method::kHead, "/a/%61lice")), Lane::kInline);
  EXPECT_EQ(router_.laneOf(post("/a", "{}")), Lane::kWorker);
  for (const char* nowhere : {"/none", "/a//b", "/a/%zz"})
    EXPECT_EQ(router_.laneOf(request(Method::kGet, nowhere)), Lane::kWorker) << nowhere;
}
TEST_F(RouterTest, GivesAUsersProgramNoThreadOfThePanelWhateverItAsksFor) {
  for (auto asked : {request(Method::kGet, "/a/alice"), post("/a", "{}")}) {
    asked.listener = kCpapiListener;
    asked.headers.emplace_back("prefer", "wait=9");
    EXPECT_EQ(router_.laneOf(asked), Lane::kScript);
  }
}
TEST_F(RouterTest, LetsOnlyTheWorkersRoutesWait) {
  auto change = post("/a", "{}");
  change.headers.emplace_back("prefer", "wait=9");
  EXPECT_EQ(router_.laneOf(change), Lane::kWaiting);
  auto read = request(Method::kGet, "/a/alice");
  read.headers.emplace_back("prefer", "wait=9");
  EXPECT_EQ(router_.laneOf(read), Lane::kInline);
}

TEST_F(RouterTest, TakesOnlyWellFormedTraceparents) {
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  auto out = request(Method::kGet, "/a/alice");
  out.headers.emplace_back("traceparent", good);
  EXPECT_EQ(body(send(out))["trace"], good);
  for (const std::string& bad :
       {good + "x", "01" + good.substr(2),
        std::string("00-") + std::string(32, '0') + good.substr(35), std::string(55, '-'),
        std::string("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")}) {
    out.headers.back().second = bad;
    EXPECT_EQ(body(send(out))["trace"], "") << bad;
  }
}

TEST_F(RouterTest, BelievesTheGatewayAboutAddressesAndNobodyElse) {
  auto out = request(Method::kGet, "/open", "");
  out.headers.emplace_back("x-forwarded-for", "203.0.113.9, 198.51.100.7");
  EXPECT_EQ(body(send(out))["address"], "198.51.100.7");
  out.peer.uid = 0;
  EXPECT_EQ(body(send(out))["address"], "local");
  out.peer.uid = kGateway;
  for (const char* odd : {"", "evil\"}", "127.0.0.1, ", "x"}) {
    out.headers.back().second = odd;
    EXPECT_EQ(body(send(out))["address"], "unknown") << odd;
  }
}

TEST(Problem, HasAStatusForEachPublishedCode) {
  for (const auto& [code, status] : publishedCodes()) {
    EXPECT_FALSE(code.empty());
    EXPECT_GE(status, 400) << code;
    EXPECT_NE(reasonPhrase(status), "Unknown") << code;
  }
}

TEST(Problem, NeverShowsTheWordsOfAnInternalFault) {
  const auto response =
      render(problemOf(Error{Code::kInternal, "disk layout", "secret"}), "/x", "r");
  EXPECT_EQ(response.body.find("disk layout"), std::string::npos);
  EXPECT_EQ(response.body.find("errors"), std::string::npos);
}

TEST(Problem, TellsWhenToTryAgain) {
  const auto response =
      render(problemOf(Error{Code::kUnavailable, "the agent is down", ""}), "/x", "r");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.front().first, "Retry-After");
  EXPECT_EQ(Json::parse(response.body)["retryable"], true);
}

}  // namespace
}  // namespace bulkhead::api
