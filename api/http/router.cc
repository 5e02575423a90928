// Dispatch of one request.
#include "api/http/router.h"

#include <exception>

#include "api/http/request_check.h"
#include "api/http/target.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::size_t kTokenBytesMax = 128;   // ours have 47 and 58
constexpr std::size_t kAddressBytesMax = 45;  // the longest text of an IPv6 address

// A token that is shown must hold, even for root: "act as this person" must never silently become
// "act as root".
Result<std::string_view> tokenOf(const HttpRequest& request) {
  const std::string* authorization = request.header("authorization");
  if (authorization == nullptr) return Error{Code::kUnauthenticated, "log in first", ""};
  const std::string_view value = *authorization;
  if (value.size() > kBearer.size() + kTokenBytesMax ||
      !equalsIgnoringCase(value.substr(0, kBearer.size()), kBearer))
    return Error{Code::kUnauthenticated, "send Authorization: Bearer TOKEN", ""};
  return value.substr(kBearer.size());
}

Problem denied(std::string rule, std::string detail) {
  Problem problem = problemOf(Error{Code::kPermissionDenied, std::move(detail), ""});
  problem.rule = std::move(rule);
  return problem;
}

// What an API token may not do on this route, whatever its scopes are.
std::optional<Problem> limitProblem(const TokenLimits& token, const Route& route) {
  if (token.readOnly && route.changes()) return denied("read_only", "the token may only read");
  if (token.dryRunOnly && route.changes() && route.dryRun == DryRun::kNo)
    return denied("dry_run_only", "the token may change nothing, and this cannot be tried dry");
  return std::nullopt;
}

Problem stepUp() {
  Problem problem = problemOf(HttpFault::kStepUpRequired,
                              "prove first who you are: POST /api/v1/sessions/current/proof with "
                              "your password and, if you have one, a code; then ask again");
  problem.rule = "proof";
  return problem;
}

// What keeps somebody out of this route.
std::optional<Problem> routeProblem(const Principal& principal, const Route& route) {
  if (*route.access == Access::kLocalRoot && principal.kind != Principal::Kind::kLocalRoot)
    return denied("local_root", "only root on this server may do this");
  if (*route.access == Access::kPerson && principal.token)
    return denied("person", "this needs a session; an API token will not do");
  if (*route.access == Access::kPerson && !principal.standIn.empty() &&
      route.byStandIn == ByStandIn::kRefused)
    return denied("impersonation", "this is for the person himself, not for who stands in");
  if (!principal.scopes.allows(route.scope)) {
    Problem problem = denied("scope", std::string(principal.token ? "the token" : "your session") +
                                          " lacks the scope " + route.scope);
    problem.missingScopes.push_back(route.scope);
    return problem;
  }
  if (route.extent == Extent::kPanel && !principal.reach.everything())
    return denied("reach", "this is about the whole panel, of which you reach a part");
  if (principal.token) return limitProblem(*principal.token, route);
  if (route.proof == Proof::kRecent && !principal.proved) return stepUp();
  return std::nullopt;
}

std::string allowHeader(const std::vector<Method>& methods) {
  std::string out;
  for (Method method : methods)
    out += (out.empty() ? "" : ", ") + std::string(methodName(method));
  return out;
}

// A name in the path that no object can have is simply not there.
std::optional<Problem> pathProblem(const RouteTable::Match& match) {
  for (const auto& [name, value] : match.path) {
    const PathParameter* parameter = pathParameter(name);
    if (parameter == nullptr || !checkFormat(parameter->format, value).ok())
      return problemOf(Error{Code::kNotFound, "there is no such " + name, ""});
  }
  return std::nullopt;
}

PageQuery pageOf(const Json& query) {
  PageQuery page;
  page.limit = query.value("limit", page.limit);
  page.cursor = query.value("cursor", page.cursor);
  return page;
}

const std::string* etagOf(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "ETag") return &value;
  return nullptr;
}

HttpResponse notModified(const HttpResponse& full) {
  HttpResponse response;
  response.status = 304;
  response.headers.emplace_back("ETag", *etagOf(full));
  return response;
}

}  // namespace

Router::Router(RouteTable table,
               Authenticator& authenticator,
               Borders& borders,
               Repeats& repeats,
               PeerPolicy peers,
               FaultLog fault,
               std::function<bool()> isLockedDown)
    : table_(std::move(table)),
      authenticator_(authenticator),
      borders_(borders),
      idempotency_(repeats),
      peers_(peers),
      fault_(std::move(fault)),
      isLockedDown_(std::move(isLockedDown)) {}

HttpResponse Router::handle(const HttpRequest& request) const {
  HttpResponse response;
  try {
    Answered answered = answer(request);
    if (auto* problem = std::get_if<Problem>(&answered))
      response = render(*problem, request.path, request.requestId);
    else
      response = std::get<HttpResponse>(std::move(answered));
  } catch (const std::exception& fault) {
    fault_(request.requestId, fault.what());
    response = render(problemOf(Error{Code::kInternal, "", ""}), request.path, request.requestId);
  }
  return response;
}

Lane Router::laneOf(const HttpRequest& request) const {
  // Whatever it asks for: no user's program takes a thread from the panel, nor the network one from
  // the scripts.
  if (request.listener == kCpapiListener) return Lane::kScript;
  const auto segments = pathSegments(request.path);
  const Route* route = segments.ok() ? table_.find(request.method, *segments).route : nullptr;
  const Lane lane = route == nullptr || route->lane == Lane::kScript ? Lane::kWorker : *route->lane;
  return lane == Lane::kWorker && asksToWait(request) ? Lane::kWaiting : lane;
}

Answered Router::answer(const HttpRequest& request) const {
  const bool scripts = request.listener == kCpapiListener;
  if (!scripts && request.peer.uid != peers_.root &&
      (!peers_.gateway || request.peer.uid != *peers_.gateway))
    return denied("peer", "this socket serves the gateway and root only");
  // Two faces that know nothing of each other: no user's program reaches the panel's routes, and
  // nothing from the network the scripts.
  if (request.path.starts_with(kCpapiPrefix) != scripts)
    return problemOf(Error{Code::kNotFound, "there is no such address", ""});
  auto segments = pathSegments(request.path);
  if (!segments.ok()) return problemOf(HttpFault::kBadRequest, segments.error().message);
  const RouteTable::Match match = table_.find(request.method, *segments);
  if (match.allowed.empty())
    return problemOf(Error{Code::kNotFound, "there is no such address", ""});
  if (request.method == Method::kOptions) {
    HttpResponse options;  // no CORS: the panel's own pages are of the same origin
    options.status = 204;
    options.headers.emplace_back("Allow", allowHeader(match.allowed));
    return options;
  }
  if (match.route == nullptr) {
    Problem problem =
        problemOf(HttpFault::kMethodNotAllowed, "this address does not know the method");
    problem.headers.emplace_back("Allow", allowHeader(match.allowed));
    return problem;
  }
  auto identity = identify(request, *match.route);
  if (auto* problem = std::get_if<Problem>(&identity)) return std::move(*problem);
  if (match.route->changes() && !match.route->whileLockedDown && isLockedDown_())
    return lockedDownProblem();
  const Principal& principal = std::get<Principal>(identity);
  Answered answered = admitted(request, match, principal);
  // Whoever meets nothing where others may have something: looked for, guessed, or just lost.
  if (const auto* problem = std::get_if<Problem>(&answered);
      problem != nullptr && problem->status == statusOf(Code::kNotFound) &&
      principal.reach.kind != Reach::Kind::kNothing && !principal.reach.everything())
    authenticator_.noteDenial(Denial{principal.actor, "reach", match.route->operation,
                                     addressOf(request), request.requestId});
  return answered;
}

std::variant<Principal, Problem> Router::identify(const HttpRequest& request,
                                                  const Route& route) const {
  if (*route.access == Access::kOpen || *route.access == Access::kCpapi) return Principal{};
  auto found = bearerOf(request);
  if (std::holds_alternative<Problem>(found)) return found;
  if (auto problem = routeProblem(std::get<Principal>(found), route)) {
    noteDenial(std::get<Principal>(found), *problem, route, request);
    return std::move(*problem);
  }
  return found;
}

std::variant<Principal, Problem> Router::bearerOf(const HttpRequest& request) const {
  const std::string* authorization = request.header("authorization");
  if (authorization == nullptr && request.peer.uid == peers_.root) return localRoot();
  const auto token = tokenOf(request);
  if (!token.ok()) return problemOf(token.error());
  auto found = authenticator_.authenticate(*token);
  if (!found.ok()) return problemOf(found.error());
  if (found->token)
    if (auto problem = tokenProblem(request, *found)) return std::move(*problem);
  return std::move(found).value();
}

Result<Principal> Router::recognised(const HttpRequest& request) const {
  if (request.header("authorization") == nullptr && request.peer.uid == peers_.root)
    return localRoot();
  TRY_ASSIGN(const std::string_view token, tokenOf(request));
  return authenticator_.recognise(token);
}

std::function<bool()> Router::standingOf(const HttpRequest& request,
                                         const RouteTable::Match& match) const {
  HttpRequest kept;
  kept.peer = request.peer;
  if (const std::string* authorization = request.header("authorization"))
    kept.headers.emplace_back("authorization", *authorization);
  return [this, kept = std::move(kept), match] {
    const auto principal = recognised(kept);
    // A store that is away for a moment says nothing about anybody.
    if (!principal.ok()) return isRetryable(principal.error().code);
    return !routeProblem(*principal, *match.route) && !beyondPath(match, *principal);
  };
}

void Router::noteDenial(const Principal& principal,
                        const Problem& problem,
                        const Route& route,
                        const HttpRequest& request) const {
  authenticator_.noteDenial(Denial{principal.actor, problem.rule, route.operation,
                                   addressOf(request), request.requestId});
}

std::optional<Problem> Router::tokenProblem(const HttpRequest& request,
                                            const Principal& principal) const {
  const auto kept = authenticator_.keepOut(principal, addressOf(request));
  // A browser adds cookies by itself: who sends both does not know in whose name he asks.
  if (!kept && request.header("cookie") != nullptr)
    return problemOf(HttpFault::kBadRequest, "an API token comes without cookies");
  if (!kept) return std::nullopt;
  if (kept->why == Kept::Why::kAddress)
    return denied("address", "the token is not for use from this address");
  Problem problem = problemOf(HttpFault::kRateLimited, "too many requests of this token");
  problem.retryAfterSeconds = kept->retryAfterSeconds;
  return problem;
}

std::string Router::addressOf(const HttpRequest& request) const {
  // Only the gateway's word counts, and only its own: the last entry.
  if (!peers_.gateway || request.peer.uid != *peers_.gateway) return "local";
  const std::string* forwarded = request.header("x-forwarded-for");
  if (forwarded == nullptr) return "unknown";
  std::string_view last = *forwarded;
  if (const std::size_t comma = last.rfind(','); comma != std::string_view::npos)
    last = last.substr(comma + 1);
  while (!last.empty() && last.front() == ' ')
    last.remove_prefix(1);
  const bool clean = last.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos;
  return clean && !last.empty() && last.size() <= kAddressBytesMax ? std::string(last) : "unknown";
}

Answered Router::admitted(const HttpRequest& request,
                          const RouteTable::Match& match,
                          const Principal& principal) const {
  const Route& route = *match.route;
  if (auto problem = pathProblem(match)) return std::move(*problem);
  if (auto problem = beyondPath(match, principal)) return std::move(*problem);
  auto query = readQuery(*match.query, request);
  if (auto* problem = std::get_if<Problem>(&query)) return std::move(*problem);
  const bool dryRun = std::get<Json>(query).value("dry_run", false);
  if (principal.token && principal.token->dryRunOnly && route.changes() && !dryRun) {
    Problem problem = denied("dry_run_only", "the token may change nothing; ask with dry_run=true");
    noteDenial(principal, problem, route, request);
    return problem;
  }
  auto body = readBody(route.body ? &*route.body : nullptr, request);
  if (auto* problem = std::get_if<Problem>(&body)) return std::move(*problem);

  const Json& parameters = std::get<Json>(query);
  if (auto problem = beyondFields(route, parameters, std::get<Json>(body), principal))
    return std::move(*problem);
  Call call{request,
            principal,
            std::get<Json>(body),
            parameters,
            match.path,
            Actor{principal.actor, request.requestId, traceparentOf(request)},
            addressOf(request),
            Mode::kDo,
            {},
            std::chrono::seconds{0}};
  if (dryRun) call.mode = Mode::kDryRun;
  call.actor.reach = principal.reach;
  if (route.answer == Answer::kList) call.page = pageOf(parameters);
  call.page.within = principal.reach;
  if (route.streams) call.standing = standingOf(request, match);
  call.wait = preferredWait(request);  // handlers that have nothing to wait for ignore it

  if (route.changes())
    return idempotency_.once(route, call,
                             [&](const std::string& path) { return readInstead(call, path); });
  Answered answered = route.handler(call);
  if (const auto* response = std::get_if<HttpResponse>(&answered);
      response != nullptr && route.method == Method::kGet) {
    const std::string* etag = etagOf(*response);
    if (etag != nullptr && noneMatchNames(request, *etag)) return notModified(*response);
  }
  return answered;
}

std::optional<Problem> Router::beyondPath(const RouteTable::Match& match,
                                          const Principal& principal) const {
  if (match.route->extent != Extent::kReach || principal.reach.everything()) return std::nullopt;
  for (const auto& [name, value] : match.path)
    if (const auto what = namedBy(pathParameter(name)->format))
      if (const auto within = borders_.check(principal.reach, *what, value); !within.ok())
        return problemOf(within.error());
  return std::nullopt;
}

std::optional<Problem> Router::beyondFields(const Route& route,
                                            const Json& query,
                                            const Json& body,
                                            const Principal& principal) const {
  if (route.extent != Extent::kReach || principal.reach.everything()) return std::nullopt;
  std::vector<Naming> named = namingsIn(route.querySchema(), query);
  if (route.body)
    for (auto& naming : namingsIn(*route.body, body))
      named.push_back(std::move(naming));
  for (const auto& naming : named) {
    const auto within = borders_.check(principal.reach, naming.what, naming.value);
    if (!within.ok())
      return problemOf(Error{within.error().code, within.error().message, naming.field});
  }
  return std::nullopt;
}

Answered Router::readInstead(const Call& call, const std::string& path) const {
  const auto segments = pathSegments(path);
  const auto match = segments.ok() ? table_.find(Method::kGet, *segments) : RouteTable::Match{};
  if (match.route == nullptr)
    return problemOf(Error{Code::kNotFound, "there is no such address", ""});
  const Json nothing = Json::object();
  const Call reading{call.http,  call.principal,     nothing,   nothing, match.path,
                     call.actor, call.clientAddress, Mode::kDo, {},      std::chrono::seconds{0}};
  return match.route->handler(reading);
}

}  // namespace bulkhead::api
