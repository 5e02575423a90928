// All routes, one file a noun. Handlers translate between HTTP and the use cases, and nothing else.
#pragma once
#include <string>
#include <vector>

#include "api/http/route.h"
#include "api/usecases/panel.h"
#include "common/core/result.h"

namespace bulkhead::api {

class Authority;
class CpapiScripts;
class EventFeed;
class EventLog;
class Lockdown;
class UiTokens;

// What handlers call. Pointers may be null only when the table is printed and not served.
struct Services {
  Panel* panel = nullptr;
  People* people = nullptr;
  Authority* authority = nullptr;
  const std::string* openApi = nullptr;  // the document, filled once the table exists
  CpapiScripts* cpapi = nullptr;
  UiTokens* uiTokens = nullptr;
  EventLog* events = nullptr;
  EventFeed* eventFeed = nullptr;
  Lockdown* lockdown = nullptr;
};

std::vector<Route> systemRoutes(const Services& services);
std::vector<Route> bootstrapRoutes(const Services& services);
std::vector<Route> sessionRoutes(const Services& services);
std::vector<Route> loginLinkRoutes(const Services& services);
std::vector<Route> passwordRoutes(const Services& services);
std::vector<Route> secondFactorRoutes(const Services& services);
std::vector<Route> adminRoutes(const Services& services);
std::vector<Route> resellerRoutes(const Services& services);
std::vector<Route> peopleBelowRoutes(const Services& services);
std::vector<Route> databaseUserRoutes(const Services& services);
std::vector<Route> planRoutes(const Services& services);
std::vector<Route> accountRoutes(const Services& services);
std::vector<Route> domainRoutes(const Services& services);
std::vector<Route> jobRoutes(const Services& services);
std::vector<Route> eventRoutes(const Services& services);
std::vector<Route> auditRoutes(const Services& services);
std::vector<Route> lockdownRoutes(const Services& services);
std::vector<Route> uiTokenRoutes(const Services& services);
std::vector<Route> tokenRoutes(const Services& services);
std::vector<Route> cloudlinuxRoutes(const Services& services);
std::vector<Route> cpapiRoutes(const Services& services);

// The whole table, in the order of the documentation.
Result<RouteTable> makeRouteTable(const Services& services);

// Parts that most routes share.
Route readRoute(
    Lane lane, std::string path, std::string operation, std::string scope, std::string summary);
// For a worker, because it waits for the disk at least.
Route changeRoute(
    Method method, std::string path, std::string operation, std::string scope, std::string summary);
// The same, for people only: what it makes lets somebody in.
Route personRoute(
    Method method, std::string path, std::string operation, std::string scope, std::string summary);
// A change that a job does: 202, dry run, Prefer: wait.
Route jobRoute(
    Method method, std::string path, std::string operation, std::string scope, std::string summary);

// Whose something new is: what the body says, or else the administrator who asks ("" = the main
// one).
std::string ownerOf(const Call& call);
Field reassignField();  // of the query of a deletion

}  // namespace bulkhead::api
