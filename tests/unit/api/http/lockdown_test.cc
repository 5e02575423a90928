// While the panel is locked down: by the real table of routes.
#include <set>

#include "api/http/routes/routes.h"
#include "tests/support/router_scene.h"

namespace bulkhead::api {
namespace {

class NobodyElse final : public Authenticator {
 public:
  Result<Principal> authenticate(std::string_view) override { return unknownBearer(); }
  std::optional<Kept> keepOut(const Principal&, const std::string&) override {
    return std::nullopt;
  }
};

std::string filled(const std::string& path) {
  std::string out;
  for (const auto& segment : templateSegments(path))
    out += "/" + (parameterName(segment).empty() ? segment : "x");
  return out;
}

TEST(LockedDown, EveryRouteThatChangesIsRefusedButThoseOfComingAndGoing) {
  auto routes = makeRouteTable(Services{}).value().routes();
  std::set<std::string> handled;
  for (auto& route : routes)
    route.handler = [&handled, operation = route.operation](const Call&) -> Answered {
      handled.insert(operation);
      return HttpResponse{};
    };
  NobodyElse nobody;
  testing::SqliteUnderTest store;
  SystemClock clock;
  Repeats repeats(store.store(), clock);
  StoreBorders borders(store.store());
  bool locked = true;
  Router router(
      RouteTable::make(routes).value(), nobody, borders, repeats, PeerPolicy{0, testing::kGateway},
      [](std::string_view, std::string_view what) { ADD_FAILURE() << what; },
      [&locked] { return locked; });
  std::set<std::string> stay;
  for (const auto& route : routes) {
    HttpRequest request;  // of root, who may call all of them
    request.peer.uid = 0;
    request.method = route.method;
    request.path = filled(route.path);
    if (route.access == Access::kCpapi) request.listener = kCpapiListener;
    const auto reply = router.handle(request);
    const bool refused =
        reply.status == 503 && reply.body.find("\"locked_down\"") != std::string::npos;
    if (route.changes() && !refused) stay.insert(route.operation);
    EXPECT_FALSE(!route.changes() && refused) << route.operation;
  }
  EXPECT_EQ(stay, (std::set<std::string>{"session.create", "session.redeem", "session.delete",
                                         "session.prove", "lockdown.on"}));
  for (const auto& operation : handled)
    EXPECT_TRUE(std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
      return route.operation == operation && (!route.changes() || route.whileLockedDown);
    })) << operation;
}

TEST(LockedDown, SaysWhoEndsItAndWhenToComeAgain) {
  std::vector<Route> routes{
      testing::thingRoute(Method::kPost, "/api/v1/things", "thing.create", Access::kSession,
                          [](const Call&) -> Answered { return HttpResponse{}; })};
  NobodyElse nobody;
  testing::SqliteUnderTest store;
  SystemClock clock;
  Repeats repeats(store.store(), clock);
  StoreBorders borders(store.store());
  Router router(
      RouteTable::make(routes).value(), nobody, borders, repeats, PeerPolicy{0, testing::kGateway},
      [](std::string_view, std::string_view what) { ADD_FAILURE() << what; }, [] { return true; });
  HttpRequest request;
  request.method = Method::kPost;
  request.path = "/api/v1/things";
  request.peer.uid = testing::kGateway;
  EXPECT_EQ(router.handle(request).status, 401) << "who is nobody learns nothing";
  request.peer.uid = 0;
  const auto reply = router.handle(request);
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.body.find("bulkhead lockdown off"), std::string::npos) << reply.body;
  bool told = false;
  for (const auto& [name, value] : reply.headers)
    told = told || (name == "Retry-After" && value == "300");
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace bulkhead::api
