// Putting the table together.
#include "api/http/routes/routes.h"

#include <iterator>

#include "api/http/model_json.h"

namespace bulkhead::api {
namespace {

void append(std::vector<Route>& all, std::vector<Route> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Route changeRoute(Method method,
                  std::string path,
                  std::string operation,
                  std::string scope,
                  std::string summary) {
  Route route;
  route.method = method;
  route.path = std::move(path);
  route.operation = std::move(operation);
  route.scope = std::move(scope);
  route.summary = std::move(summary);
  route.access = Access::kSession;
  route.risk = method == Method::kDelete ? Risk::kDestroy : Risk::kMutate;
  route.lane = Lane::kWorker;
  route.answer = Answer::kResource;
  route.statuses = {200};
  route.replay = Replay::kReply;
  return route;
}

Route personRoute(Method method,
                  std::string path,
                  std::string operation,
                  std::string scope,
                  std::string summary) {
  Route route = changeRoute(method, std::move(path), std::move(operation), std::move(scope),
                            std::move(summary));
  route.access = Access::kPerson;
  return route;
}

Route readRoute(
    Lane lane, std::string path, std::string operation, std::string scope, std::string summary) {
  Route route = changeRoute(Method::kGet, std::move(path), std::move(operation), std::move(scope),
                            std::move(summary));
  route.risk = Risk::kRead;
  route.replay.reset();
  route.lane = lane;
  return route;
}

Route jobRoute(Method method,
               std::string path,
               std::string operation,
               std::string scope,
               std::string summary) {
  Route route = changeRoute(method, std::move(path), std::move(operation), std::move(scope),
                            std::move(summary));
  route.answer = Answer::kJob;
  route.response = jobSchema();
  route.statuses = {202, 200};
  route.dryRun = DryRun::kYes;
  return route;
}

Result<RouteTable> makeRouteTable(const Services& services) {
  std::vector<Route> all;
  append(all, systemRoutes(services));
  append(all, bootstrapRoutes(services));
  append(all, sessionRoutes(services));
  append(all, loginLinkRoutes(services));
  append(all, passwordRoutes(services));
  append(all, secondFactorRoutes(services));
  append(all, tokenRoutes(services));
  append(all, adminRoutes(services));
  append(all, resellerRoutes(services));
  append(all, peopleBelowRoutes(services));
  append(all, planRoutes(services));
  append(all, accountRoutes(services));
  append(all, domainRoutes(services));
  append(all, databaseUserRoutes(services));
  append(all, jobRoutes(services));
  append(all, eventRoutes(services));
  append(all, auditRoutes(services));
  append(all, lockdownRoutes(services));
  append(all, uiTokenRoutes(services));
  append(all, cloudlinuxRoutes(services));
  append(all, cpapiRoutes(services));
  return RouteTable::make(std::move(all));
}

}  // namespace bulkhead::api
