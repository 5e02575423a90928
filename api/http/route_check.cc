// What a route must say before the server starts. A route that forgets its scope must not become an
// open one.
#include <algorithm>
#include <array>
#include <set>

#include "api/http/format.h"
#include "api/http/route.h"

namespace bulkhead::api {
namespace {

class Check {
 public:
  explicit Check(const Route& route)
      : route_(route), name_(std::string(methodName(route.method)) + " " + route.path) {}

  std::string faults() {
    presence();
    path();
    permission();
    shape();
    repetition();
    cli();
    return out_;
  }

 private:
  void want(bool held, const std::string& what) {
    if (!held) out_ += name_ + ": " + what + "; ";
  }

  void presence() {
    want(!route_.path.empty() && route_.path.front() == '/', "no path");
    want(checkFormat(Format::kOperation, route_.operation).ok(), "the operation is not noun.verb");
    want(!route_.summary.empty(), "no summary");
    want(route_.access.has_value(), "no access class");
    want(route_.risk.has_value(), "no risk");
    want(route_.lane.has_value(), "no lane");
    want(route_.answer.has_value(), "no kind of answer");
    want(!route_.statuses.empty(), "no success status");
    want(route_.cli.has_value(), "no word about the CLI");
    want(static_cast<bool>(route_.handler), "no handler");
  }

  void path() {
    for (const auto& segment : templateSegments(route_.path)) {
      const std::string_view name = parameterName(segment);
      const bool braces = segment.find_first_of("{}") != std::string::npos;
      if (name.empty())
        want(!segment.empty() && !braces, "bad path segment");
      else
        want(pathParameter(name) != nullptr, "unknown path parameter " + std::string(name));
    }
  }

  void permission() {
    if (!route_.access || !route_.risk) return;
    const bool cpapi = *route_.access == Access::kCpapi;
    if (*route_.access == Access::kOpen || cpapi)
      want(route_.scope.empty(), "an open route cannot ask for a scope");
    else
      want(isScope(route_.scope), "no scope, or one that does not exist");
    want(*route_.access != Access::kSession || isScopeOfTokens(route_.scope),
         "a scope of people is for routes of people");
    want(route_.proof == Proof::kNone || *route_.access == Access::kPerson,
         "a proof is asked of people");
    want(route_.path.starts_with(kCpapiPrefix) == cpapi, "the prefix belongs to that access class");
    // Scripts only read, and POST carries their arguments.
    const bool reads = route_.method == Method::kGet || cpapi;
    want(reads == (*route_.risk == Risk::kRead), "GET reads and everything else changes");
    want(route_.method != Method::kHead && route_.method != Method::kOptions,
         "the router answers this method itself");
    want((route_.lane == Lane::kScript) == cpapi, "the scripts have threads of their own");
    // A list can be long, and whatever changes something waits for the disk.
    want(route_.lane != Lane::kInline ||
             (reads && route_.answer == Answer::kResource && route_.query.empty()),
         "only the reading of one resource may run on a socket thread");
  }

  void shape() {
    if (!route_.answer) return;
    const bool takesBody = route_.method == Method::kPost || route_.method == Method::kPatch ||
                           route_.method == Method::kPut;
    want(takesBody || !route_.body, "this method takes no body");
    if (route_.body)
      want(route_.body->type() == Schema::Type::kObject && !route_.body->name().empty(),
           "the body is not a named object");
    if (route_.body) described(*route_.body);
    if (route_.response) described(*route_.response);
    for (const auto& field : route_.query)
      want(!field.schema.description().empty(),
           "query parameter " + field.name + " has no description");
    want((*route_.answer == Answer::kEmpty) != route_.response.has_value(),
         "an answer needs a schema, no answer has none");
    const auto has = [this](int status) {
      return std::find(route_.statuses.begin(), route_.statuses.end(), status) !=
             route_.statuses.end();
    };
    want((*route_.answer == Answer::kJob) == has(202), "202 is for jobs, and a job has 202");
    want((*route_.answer == Answer::kEmpty) == has(204), "204 is for empty answers");
    want(route_.dryRun == DryRun::kNo || *route_.answer == Answer::kJob,
         "only jobs can be tried dry");
  }

  void repetition() {
    if (!route_.access || !route_.risk) return;
    want(route_.changes() == route_.replay.has_value(),
         "a change says what its repetition gets, and nothing else does");
    if (!route_.replay) return;
    want(*route_.access != Access::kOpen || route_.replay == Replay::kIgnored,
         "whoever asks an open route has no keys");
    want(!route_.response || !showsSecret(*route_.response) || route_.replay != Replay::kReply,
         "an answer that shows a secret must not be kept");
  }

  // By its word, or by a name that only secrets have: who adds one may not think of the word.
  static bool showsSecret(const Schema& schema) {
    static constexpr std::array<std::string_view, 4> kSecretNames{"password", "passcode", "secret",
                                                                  "token"};
    const auto& fields = schema.fields();
    if (std::any_of(fields.begin(), fields.end(), [](const Field& field) {
          const std::string_view name = field.name;
          const bool named = std::any_of(
              kSecretNames.begin(), kSecretNames.end(), [name](std::string_view secret) {
                return name == secret || name.ends_with("_" + std::string(secret));
              });
          return named || field.schema.isShownOnce() || field.schema.isSecret() ||
                 showsSecret(field.schema);
        }))
      return true;
    return schema.type() == Schema::Type::kArray && showsSecret(schema.item());
  }

  void described(const Schema& schema) {
    for (const auto& field : schema.fields()) {
      want(!field.schema.description().empty(), "field " + field.name + " has no description");
      described(field.schema);
    }
    if (schema.type() == Schema::Type::kArray) described(schema.item());
  }

  void cli() {
    if (!route_.cli || route_.cli->words.empty()) return;
    std::set<std::string> parameters;
    for (const auto& segment : templateSegments(route_.path))
      if (!parameterName(segment).empty()) parameters.emplace(parameterName(segment));
    for (const auto& word : route_.cli->positional) {
      const bool inBody = route_.body && route_.body->field(word) != nullptr;
      const bool inPath = parameters.erase(word) > 0;
      want(inPath || inBody, "CLI word " + word + " is neither in the path nor in the body");
      if (inBody)
        want(!route_.body->field(word)->schema.isSecret(), "a secret must not be in argv");
    }
    want(parameters.empty(), "a path parameter is missing among the CLI's words");
    for (const auto& column : route_.cli->columns)
      want(route_.response && route_.response->field(column) != nullptr,
           "CLI column " + column + " is not in the answer");
    const std::string& secret = route_.cli->secret;
    want(secret.empty() || (route_.response && route_.response->field(secret) != nullptr),
         "the CLI's secret is not in the answer");
  }

  const Route& route_;
  std::string name_;
  std::string out_;
};

}  // namespace

Result<RouteTable> RouteTable::make(std::vector<Route> routes) {
  std::string faults;
  std::set<std::string> operations;
  std::set<std::string> addresses;
  for (const auto& route : routes) {
    faults += Check(route).faults();
    if (!operations.insert(route.operation).second) faults += route.operation + ": twice; ";
    // Two names for one parameter would make two routes of one address.
    std::string address(methodName(route.method));
    for (const auto& segment : templateSegments(route.path))
      address += parameterName(segment).empty() ? "/" + segment : "/{}";
    if (!addresses.insert(address).second) faults += address + ": twice; ";
  }
  if (!faults.empty()) return Error{Code::kInternal, "route table: " + faults, ""};
  return RouteTable(std::move(routes));
}

}  // namespace bulkhead::api
