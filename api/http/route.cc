// Look-up in the route table, and the words of its attributes.
#include "api/http/route.h"

#include <algorithm>
#include <array>

#include "api/auth/roles.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::array kPathParameters{
    PathParameter{"account", Format::kAccountRef, "Id or username of a hosting account."},
    PathParameter{"domain", Format::kDomainRef, "Id or name of a domain."},
    PathParameter{"plan", Format::kPlanRef, "Id or name of a plan."},
    PathParameter{"admin", Format::kAdminRef, "Id or name of an administrator."},
    PathParameter{"reseller", Format::kResellerRef, "Id or name of a reseller."},
    PathParameter{"database_user", Format::kDatabaseUser, "Name of a database user."},
    PathParameter{"job", Format::kJobId, "Id of a job."},
    PathParameter{"token", Format::kTokenId, "Id of an API token."},
};

constexpr std::int64_t kPageLimitMax = 200;  // bounds the size of an answer to some 100 KiB
constexpr std::int64_t kPageLimitDefault = 50;

std::string memberText(const Json& object, std::string_view name) {
  if (!object.is_object()) return "";
  const auto found = object.find(std::string(name));
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace

std::string_view accessName(Access access) {
  switch (access) {
    case Access::kOpen:
      return "open";
    case Access::kSession:
      return "session";
    case Access::kPerson:
      return "person";
    case Access::kLocalRoot:
      return "local_root";
    case Access::kCpapi:
      return "cpapi";
  }
  return "";
}

std::string_view extentName(Extent extent) {
  switch (extent) {
    case Extent::kPanel:
      return "panel";
    case Extent::kReach:
      return "reach";
    case Extent::kSelf:
      return "self";
  }
  return "";
}

std::string_view riskName(Risk risk) {
  switch (risk) {
    case Risk::kRead:
      return "read";
    case Risk::kMutate:
      return "mutate";
    case Risk::kDestroy:
      return "destroy";
  }
  return "";
}

std::string_view answerName(Answer answer) {
  switch (answer) {
    case Answer::kResource:
      return "resource";
    case Answer::kList:
      return "list";
    case Answer::kJob:
      return "job";
    case Answer::kEmpty:
      return "empty";
  }
  return "";
}

std::string_view replayName(Replay replay) {
  switch (replay) {
    case Replay::kReply:
      return "reply";
    case Replay::kNever:
      return "never";
    case Replay::kIgnored:
      return "ignored";
  }
  return "";
}

const std::string& Call::pathValue(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : path)
    if (key == name) return value;
  return kNone;
}

std::string Call::text(std::string_view field) const { return memberText(body, field); }
std::string Call::queryText(std::string_view name) const { return memberText(query, name); }

bool Route::isFor(std::string_view role) const {
  if (access == Access::kOpen) return true;
  if (access != Access::kSession && access != Access::kPerson) return false;
  if (extent == Extent::kPanel && reachOfRole(role) != Reach::Kind::kEverything) return false;
  return scopesOfRole(role).allows(scope);
}

Schema Route::querySchema() const {
  std::vector<Field> fields = query;
  if (answer == Answer::kList) {
    fields.push_back(
        optional("limit", Schema::integer("How many entries a page has at most.", 1, kPageLimitMax)
                              .asDefault(kPageLimitDefault)));
    fields.push_back(
        optional("cursor", Schema::text("next_cursor of the page before.", Format::kCursor)));
  }
  if (dryRun == DryRun::kYes)
    fields.push_back(
        optional("dry_run", Schema::boolean("Answer with what would be done, and do nothing.")));
  return Schema::object("", "", std::move(fields));
}

const PathParameter* pathParameter(std::string_view name) {
  const auto* found = std::find_if(kPathParameters.begin(), kPathParameters.end(),
                                   [name](const PathParameter& p) { return p.name == name; });
  return found == kPathParameters.end() ? nullptr : found;
}

std::vector<std::string> templateSegments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty() && path.front() == '/') {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

std::string_view parameterName(std::string_view segment) {
  const bool isParameter = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
  return isParameter ? segment.substr(1, segment.size() - 2) : std::string_view{};
}

RouteTable::RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (const auto& route : routes_) {
    Template wanted{{}, {}, 0, route.querySchema()};
    for (auto& segment : templateSegments(route.path)) {
      wanted.names.emplace_back(parameterName(segment));
      const bool literal = wanted.names.back().empty();
      if (literal) ++wanted.literals;
      wanted.segments.push_back(literal ? std::move(segment) : std::string());
    }
    const std::size_t length = wanted.segments.size();
    if (byLength_.size() <= length) byLength_.resize(length + 1);
    byLength_[length].push_back(templates_.size());
    templates_.push_back(std::move(wanted));
  }
}

bool RouteTable::fits(std::size_t route, const std::vector<std::string>& segments) const {
  const auto& wanted = templates_[route].segments;
  return std::equal(wanted.begin(), wanted.end(), segments.begin(), segments.end(),
                    [](const auto& w, const auto& given) { return w.empty() || w == given; });
}

std::vector<std::size_t> RouteTable::bestFits(const std::vector<std::string>& segments) const {
  std::vector<std::size_t> best;
  if (segments.size() >= byLength_.size()) return best;
  for (const std::size_t i : byLength_[segments.size()]) {
    if (!fits(i, segments)) continue;
    if (!best.empty() && templates_[i].literals < templates_[best.front()].literals) continue;
    if (!best.empty() && templates_[i].literals > templates_[best.front()].literals) best.clear();
    best.push_back(i);
  }
  return best;
}

RouteTable::Match RouteTable::find(Method method, const std::vector<std::string>& segments) const {
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  const auto best = bestFits(segments);
  Match match;
  if (best.empty()) return match;
  for (const std::size_t i : best) {
    match.allowed.push_back(routes_[i].method);
    if (routes_[i].method == Method::kGet) match.allowed.push_back(Method::kHead);
    if (routes_[i].method != wanted) continue;
    match.route = &routes_[i];
    match.query = &templates_[i].query;
    for (std::size_t s = 0; s < segments.size(); ++s) {
      const std::string& name = templates_[i].names[s];
      if (!name.empty()) match.path.emplace_back(name, segments[s]);
    }
  }
  match.allowed.push_back(Method::kOptions);
  return match;
}

}  // namespace bulkhead::api
