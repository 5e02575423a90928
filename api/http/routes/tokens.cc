// API tokens: create, list, read, rotate, revoke; for front ends and billing modules.
#include "api/auth/api_tokens.h"
#include "api/auth/authority.h"
#include "api/auth/roles.h"
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr const char* kPath = "/api/v1/tokens";

std::vector<std::string> scopesOfTokens() {
  std::vector<std::string> names;
  for (const auto& scope : allScopes())
    if (isScopeOfTokens(scope.name)) names.emplace_back(scope.name);
  return names;
}

std::vector<Field> tokenFields() {
  return {
      required("id", Schema::text("Id, never reused.")),
      required("name", Schema::text("What it is for.", Format::kTokenName)),
      required("owner", Schema::text("The administrator for whom it acts.")),
      required("scopes", Schema::array("What it may do, as far as its owner's role gives it.",
                                       Schema::text("A scope."))),
      required("addresses", Schema::array("From where it may come; none: from everywhere.",
                                          Schema::text("A range.", Format::kAddressRange))),
      required("read_only", Schema::boolean("It may change nothing.")),
      required("dry_run_only", Schema::boolean("It may only ask what a change would do.")),
      required("created_at", timestampSchema("When it was created.")),
      required("expires_at", timestampSchema("When it ends.")),
      required("old_secret_until", timestampSchema("So long the secret before the last "
                                                   "rotation holds; null = it does not.")),
      required("used_at", timestampSchema("When it was used last, to the minute; null = never.")),
      required("used_from", Schema::text("The address from where; null = never.").nullable())};
}

Schema tokenSchema() {
  return Schema::object("Token", "An API token without its secret.", tokenFields());
}

Schema issuedSchema() {
  std::vector<Field> fields = tokenFields();
  fields.push_back(
      required("secret", Schema::text("Send it as Authorization: Bearer SECRET. It is not shown "
                                      "again.")
                             .shownOnce()));
  return Schema::object("IssuedToken", "An API token with its secret.", std::move(fields));
}

Field lifetimeField(const char* description) {
  return optional("lifetime_seconds", Schema::integer(description, ApiTokens::kLifeMinSeconds,
                                                      ApiTokens::kLifeMaxSeconds));
}

Schema newTokenSchema() {
  Field lifetime = lifetimeField("It ends after so long: a minute to a year; left out: 90 days.");
  lifetime.schema = lifetime.schema.asDefault(ApiTokens::kLifeDefaultSeconds);
  return Schema::object(
      "NewToken", "An API token to create.",
      {required("name", Schema::text("What it is for.", Format::kTokenName)),
       required("scopes", Schema::array("What it may do; each one must be its owner's, too.",
                                        Schema::choice("A scope.", scopesOfTokens()))),
       optional("owner", Schema::text("The administrator for whom it acts; left out: oneself, or "
                                      "for root the main administrator.",
                                      Format::kAdminName)),
       optional("addresses",
                Schema::array("From where it may come, as 192.0.2.0/24 or 2001:db8::/32; left out: "
                              "from everywhere.",
                              Schema::text("A range.", Format::kAddressRange))),
       std::move(lifetime), optional("read_only", Schema::boolean("It may change nothing.")),
       optional("dry_run_only", Schema::boolean("It may only ask what a change would do."))});
}

Schema rotationSchema() {
  return Schema::object(
      "TokenRotation", "How a token gets another secret.",
      {optional("overlap_seconds",
                Schema::integer("So long the secret that it has now still holds; left out: not any "
                                "more.",
                                0, ApiTokens::kOverlapMaxSeconds)
                    .asDefault(0)),
       lifetimeField("It ends so long after now; left out: when it ends already.")});
}

Json toJson(const ApiToken& token) {
  Json out = Json::object();
  out["id"] = token.id;
  out["name"] = token.name;
  out["owner"] = token.owner;
  out["scopes"] = scopesOfRole(token.ownerRole).intersection(ScopeSet::of(token.scopes)).list();
  out["addresses"] = token.addresses;
  out["read_only"] = token.readOnly;
  out["dry_run_only"] = token.dryRunOnly;
  out["created_at"] = timestamp(token.createdAt);
  out["expires_at"] = timestamp(token.expiresAt);
  out["old_secret_until"] = timestamp(token.oldUntil);
  out["used_at"] = timestamp(token.usedAt);
  out["used_from"] = token.usedFrom.empty() ? Json() : Json(token.usedFrom);
  return out;
}

Json withSecret(const IssuedToken& issued) {
  Json out = toJson(issued.token);
  out["secret"] = issued.secret;
  return out;
}

std::vector<std::string> textsOf(const Json& body, const char* field) {
  return body.value(field, std::vector<std::string>{});
}

Answered create(ApiTokens& tokens, const Call& call) {
  NewApiToken wanted;
  wanted.name = call.text("name");
  wanted.owner = call.text("owner");
  wanted.scopes = textsOf(call.body, "scopes");
  wanted.addresses = textsOf(call.body, "addresses");
  wanted.lifeSeconds = call.body.value("lifetime_seconds", ApiTokens::kLifeDefaultSeconds);
  wanted.readOnly = call.body.value("read_only", false);
  wanted.dryRunOnly = call.body.value("dry_run_only", false);
  return replyOr(
      tokens.create(call.principal, wanted, call.http.requestId), [](const IssuedToken& issued) {
        return createdReply(withSecret(issued), std::string(kPath) + "/" + issued.token.id);
      });
}

Answered rotate(ApiTokens& tokens, const Call& call) {
  std::optional<std::int64_t> life;
  if (call.body.contains("lifetime_seconds"))
    life = call.body["lifetime_seconds"].get<std::int64_t>();
  return replyOr(
      tokens.rotate(call.principal, call.pathValue("token"),
                    call.body.value("overlap_seconds", std::int64_t{0}), life, call.http.requestId),
      [](const IssuedToken& issued) { return resourceReply(200, withSecret(issued)); });
}

Answered list(ApiTokens& tokens, const Call& call) {
  const auto page = tokens.list(call.principal, call.page);
  if (!page.ok()) return problemOf(page.error());
  Json items = Json::array();
  for (const auto& token : page->items)
    items.push_back(toJson(token));
  return listReply(call, std::move(items), page->nextCursor);
}

HttpResponse shown(const ApiToken& token) { return resourceReply(200, toJson(token)); }

// Those that read.
void addReads(std::vector<Route>& routes, Authority* authority) {
  const std::vector<std::string> columns{"id",         "name",    "owner",
                                         "expires_at", "used_at", "used_from"};
  Route all = readRoute(Lane::kWorker, kPath, "token.list", "tokens:read",
                        "Lists one's own API tokens, the oldest first; the main administrator sees "
                        "everybody's.");
  all.extent = Extent::kSelf;
  all.answer = Answer::kList;
  all.response = tokenSchema();
  all.cli = Cli{"token list", {}, columns};
  all.handler = [authority](const Call& call) { return list(authority->tokens(), call); };
  routes.push_back(std::move(all));

  Route self = readRoute(Lane::kInline, std::string(kPath) + "/self", "token.self", "self:read",
                         "Reads the API token that the request carries.");
  self.extent = Extent::kSelf;
  self.response = tokenSchema();
  self.cli = Cli{"token self", {}, columns};
  self.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->tokens().self(call.principal), shown);
  };
  routes.push_back(std::move(self));

  Route get = readRoute(Lane::kInline, std::string(kPath) + "/{token}", "token.get", "tokens:read",
                        "Reads one API token.");
  get.extent = Extent::kSelf;
  get.response = tokenSchema();
  get.cli = Cli{"token get", {"token"}, columns};
  get.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->tokens().find(call.principal, call.pathValue("token")), shown);
  };
  routes.push_back(std::move(get));
}

}  // namespace

std::vector<Route> tokenRoutes(const Services& services) {
  Authority* authority = services.authority;
  std::vector<Route> routes;

  Route made = personRoute(Method::kPost, kPath, "token.create", "tokens:write",
                           "Creates an API token for oneself; root on the server may name any "
                           "administrator.");
  made.extent = Extent::kSelf;
  made.body = newTokenSchema();
  made.response = issuedSchema();
  made.statuses = {201};
  made.replay = Replay::kNever;
  made.proof = Proof::kRecent;
  made.cli = Cli{"token create", {"name"}, {"id", "name", "secret"}};
  made.cli->secret = "secret";
  made.handler = [authority](const Call& call) { return create(authority->tokens(), call); };
  routes.push_back(std::move(made));

  addReads(routes, authority);

  Route rotation =
      personRoute(Method::kPost, std::string(kPath) + "/{token}/actions/rotate", "token.rotate",
                  "tokens:write", "Gives an API token another secret.");
  rotation.extent = Extent::kSelf;
  rotation.body = rotationSchema();
  rotation.response = issuedSchema();
  rotation.replay = Replay::kNever;
  rotation.proof = Proof::kRecent;
  rotation.cli = Cli{"token rotate", {"token"}, {"id", "name", "secret"}};
  rotation.cli->secret = "secret";
  rotation.handler = [authority](const Call& call) { return rotate(authority->tokens(), call); };
  routes.push_back(std::move(rotation));

  Route removal = personRoute(Method::kDelete, std::string(kPath) + "/{token}", "token.revoke",
                              "tokens:write", "Ends an API token at once.");
  removal.extent = Extent::kSelf;
  removal.answer = Answer::kEmpty;
  removal.statuses = {204};
  removal.cli = Cli{"token revoke", {"token"}, {}};
  removal.handler = [authority](const Call& call) -> Answered {
    return replyOr(
        authority->tokens().revoke(call.principal, call.pathValue("token"), call.http.requestId),
        [](Ok) { return emptyReply(); });
  };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
