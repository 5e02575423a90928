// The route table: the one list from which the router, authentication, scopes, the OpenAPI
// document, the CLI and the tests come.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/auth/caller.h"
#include "api/http/handler_pool.h"
#include "api/http/message.h"
#include "api/http/problem.h"
#include "api/http/schema.h"
#include "api/usecases/panel.h"
#include "common/core/json.h"

namespace bulkhead::api {

// kOpen: anybody who reaches the socket. kSession: a session's or an API token, or root on the Unix
// socket. kPerson: the same without API tokens, because what the route makes lets somebody in.
// kLocalRoot: only root there. kCpapi: any user of this host, on the socket of the control panel
// interface and nowhere else; the handler decides by the peer's uid.
enum class Access { kOpen, kSession, kPerson, kLocalRoot, kCpapi };

// The listener that has those routes, and no others; their paths begin so.
inline constexpr std::string_view kCpapiListener = "cpapi";
inline constexpr std::string_view kCpapiPrefix = "/cpapi/";
// kRecent: within the last minutes whoever asks showed the password, and the code of the second
// factor if there is one. For what changes who gets in; of routes of people only, because a token
// cannot prove anything.
enum class Proof { kNone, kRecent };
// How wide a route reaches, and so for whom it is. kPanel: about the panel as a whole, only for
// whoever reaches everything; what does not say is this. kReach: about what its path, query and
// body name, or a list; of all these the caller meets what he reaches. kSelf: about the caller
// himself.
enum class Extent { kPanel, kReach, kSelf };
// Whether a route of people is also for somebody who stands in for one. What lets people in is not.
enum class ByStandIn { kRefused, kAllowed };
enum class Risk { kRead, kMutate, kDestroy };
// kJob answers 202 with a job, or waits for it when asked by Prefer: wait. kList takes limit and
// cursor.
enum class Answer { kResource, kList, kJob, kEmpty };
enum class DryRun { kNo, kYes };
// What a repetition gets that carries the Idempotency-Key of a change that was made. kReply: the
// same answer. kNever: a refusal, because the answer shows a secret and is not kept. kIgnored: the
// key is not looked at, because nobody in particular asks, or the change ends the asking session.
enum class Replay { kReply, kNever, kIgnored };

std::string_view accessName(Access access);
std::string_view extentName(Extent extent);
std::string_view riskName(Risk risk);
std::string_view answerName(Answer answer);
std::string_view replayName(Replay replay);

// One request that passed every check of the router. Valid during the handler's call only.
struct Call {
  const HttpRequest& http;
  const Principal& principal;  // on open routes of nobody in particular: actor ""
  const Json& body;            // checked against the route's schema; null without one
  const Json& query;           // checked, values have their types
  const std::vector<std::pair<std::string, std::string>>& path;
  Actor actor;
  std::string clientAddress;  // as the gateway saw it; "local" for root
  Mode mode = Mode::kDo;
  PageQuery page;
  std::chrono::seconds wait{0};
  // Of routes that stream: whether the caller would still be let in. Any thread, any time later.
  std::function<bool()> standing = {};

  const std::string& pathValue(std::string_view name) const;  // of a parameter of the route's path
  std::string text(std::string_view field) const;             // of the body; "" when absent
  std::string queryText(std::string_view name) const;         // "" when absent
};

using Answered = std::variant<HttpResponse, Problem>;
using RouteHandler = std::function<Answered(const Call&)>;

// kNewestFirst: a list that grows for ever, of which people want to see the beginning.
enum class ListOrder { kNatural, kNewestFirst };

// How `bulkhead` offers a route.
struct Cli {
  std::string words;  // "account create"; "" keeps the route out of the CLI
  std::vector<std::string>
      positional;  // path parameters and body fields, in order; the other body fields are options
  std::vector<std::string> columns;  // fields of the answer that a table shows
  ListOrder order = ListOrder::kNatural;
  std::string secret = {};  // the field of the answer that is shown once; it stands alone on stdout
};

struct Route {
  Method method = Method::kGet;
  std::string path;       // "/api/v1/accounts/{account}"
  std::string operation;  // "account.get"
  std::string summary;
  std::optional<Access> access;
  Extent extent = Extent::kPanel;
  std::string scope;  // exactly for kSession, kPerson and kLocalRoot
  std::optional<Risk> risk;
  // Which threads run it. kInline only for what reads one thing from memory or the local store: it
  // must not write, ask the agent, hash a password or wait, because it holds up a socket thread.
  std::optional<Lane> lane;
  std::optional<Schema> body;
  std::vector<Field> query;        // limit, cursor and dry_run come by themselves
  std::optional<Schema> response;  // of one resource; lists wrap it, jobs are jobs
  std::optional<Answer> answer;
  std::vector<int> statuses;  // of success
  DryRun dryRun = DryRun::kNo;
  Proof proof = Proof::kNone;
  ByStandIn byStandIn = ByStandIn::kRefused;  // only routes of people ask
  bool whileLockedDown = false;  // a change that a locked panel still makes: coming and going
  bool conditional = false;      // honours If-Match
  bool waits = false;            // honours Prefer: wait without being a job itself
  bool streams = false;          // also answers as a stream of events, by Accept
  std::optional<Replay> replay;  // exactly of what changes something
  std::optional<Cli> cli;
  RouteHandler handler;

  // Whether somebody of that role may ask for it at all; what it reaches then is another matter.
  bool isFor(std::string_view role) const;
  bool changes() const { return risk && *risk != Risk::kRead; }
  Schema querySchema() const;  // with what comes by itself
};

// A parameter of a path; the template names it, this list says what it is.
struct PathParameter {
  std::string_view name;
  Format format;
  std::string_view description;
};
const PathParameter* pathParameter(std::string_view name);  // nullptr for an unknown name

class RouteTable {
 public:
  // Refuses (kInternal) a table in which any route lacks an attribute or contradicts another one;
  // the message names each fault.
  static Result<RouteTable> make(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;   // nullptr: no such path, or not this method
    const Schema* query = nullptr;  // of the route
    std::vector<std::pair<std::string, std::string>> path;
    std::vector<Method> allowed;  // of the path; empty: no such path
  };
  // HEAD finds the route of GET. Literal segments win over parameters.
  Match find(Method method, const std::vector<std::string>& segments) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  // A route's path in the form that requests are compared with; one for each of routes_.
  struct Template {
    std::vector<std::string> segments;  // "" = a parameter
    std::vector<std::string> names;     // of the parameters; "" = a literal
    std::size_t literals = 0;           // more literal wins
    Schema query;
  };
  explicit RouteTable(std::vector<Route> routes);
  bool fits(std::size_t route, const std::vector<std::string>& segments) const;
  // The routes of the most literal template that fits: all of them belong to one path.
  std::vector<std::size_t> bestFits(const std::vector<std::string>& segments) const;

  std::vector<Route> routes_;
  std::vector<Template> templates_;
  std::vector<std::vector<std::size_t>> byLength_;  // routes with so many segments
};

// "/api/v1/{a}" -> {"api", "v1", "{a}"}
std::vector<std::string> templateSegments(std::string_view path);
// "{a}" -> "a"; "" for a literal.
std::string_view parameterName(std::string_view segment);

}  // namespace bulkhead::api
