// Printing the route table.
#include "api/http/openapi.h"

#include <algorithm>

#include "api/auth/roles.h"
#include "api/auth/scopes.h"
#include "api/http/model_json.h"
#include "api/http/problem.h"
#include "common/types/idempotency_key.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return out;
}

// The document is about what the gateway and root reach; the scripts have a specification of their
// own, and no client of this document could call them.
bool isPublished(const Route& route) { return route.access != Access::kCpapi; }

Json reference(const std::string& pointer) {
  return Json::object({{"$ref", "#/components/" + pointer}});
}

Json jsonContent(Json schema) {
  Json content = Json::object();
  content["application/json"] = Json::object({{"schema", std::move(schema)}});
  return content;
}

Json pathParameters(const Route& route) {
  Json list = Json::array();
  for (const auto& segment : templateSegments(route.path)) {
    const std::string_view name = parameterName(segment);
    if (name.empty()) continue;
    const PathParameter* parameter = pathParameter(name);
    Json entry = Json::object();
    entry["name"] = name;
    entry["in"] = "path";
    entry["required"] = true;
    entry["description"] = parameter->description;
    entry["schema"] = Schema::text("", parameter->format).openApi();
    list.push_back(std::move(entry));
  }
  return list;
}

Json parametersOf(const Route& route) {
  Json list = pathParameters(route);
  const Schema query = route.querySchema();
  for (const auto& field : query.fields()) {
    Json entry = Json::object();
    entry["name"] = field.name;
    entry["in"] = "query";
    entry["required"] = field.need == Need::kRequired;
    entry["description"] = field.schema.description();
    entry["schema"] = field.schema.openApi();
    list.push_back(std::move(entry));
  }
  if (route.conditional) list.push_back(reference("parameters/IfMatch"));
  if (route.answer == Answer::kJob || route.waits)
    list.push_back(reference("parameters/PreferWait"));
  if (route.streams) list.push_back(reference("parameters/LastEventId"));
  if (route.replay)
    list.push_back(reference(*route.replay == Replay::kIgnored ? "parameters/IgnoredIdempotencyKey"
                                                               : "parameters/IdempotencyKey"));
  return list;
}

Json listSchema(const Schema& item) {
  Json out = Json::object();
  out["type"] = "object";
  out["properties"]["data"] = Json::object({{"type", "array"}, {"items", item.openApi()}});
  out["properties"]["page"] = reference("schemas/Page");
  out["required"] = {"data", "page"};
  out["additionalProperties"] = false;
  return out;
}

Json bodySchema(const Route& route, int status) {
  if (route.answer == Answer::kList) return listSchema(*route.response);
  if (route.dryRun == DryRun::kYes && status == 200)
    return Json::object(
        {{"oneOf", Json::array({route.response->openApi(), previewSchema().openApi()})}});
  return route.response->openApi();
}

const char* statusText(int status) {
  switch (status) {
    case 200:
      return "Done.";
    case 201:
      return "Created.";
    case 202:
      return "Accepted; the job at Location does it.";
    case 204:
      return "Done; there is nothing to say.";
    default:
      return "Answered.";
  }
}

Json responsesOf(const Route& route) {
  Json out = Json::object();
  std::vector<int> statuses = route.statuses;
  std::sort(statuses.begin(), statuses.end());
  for (int status : statuses) {
    Json response = Json::object();
    response["description"] = statusText(status);
    if (status == 202) response["headers"]["Location"] = reference("headers/Location");
    if (route.replay == Replay::kReply)
      response["headers"]["Idempotency-Replayed"] = reference("headers/IdempotencyReplayed");
    if (route.response) response["content"] = jsonContent(bodySchema(route, status));
    if (route.streams)
      for (const char* form : {"text/event-stream", "application/x-ndjson"})
        response["content"][form] = Json::object({{"schema", route.response->openApi()}});
    out[std::to_string(status)] = std::move(response);
  }
  out["default"] = reference("responses/Problem");
  return out;
}

Json cliOf(const Route& route) {
  Json cli = Json::object();
  cli["words"] = route.cli->words;
  cli["positional"] = route.cli->positional;
  cli["columns"] = route.cli->columns;
  if (!route.cli->secret.empty()) cli["secret"] = route.cli->secret;
  if (route.cli->order == ListOrder::kNewestFirst) cli["recent"] = true;
  return cli;
}

Json rolesOf(const Route& route) {
  Json roles = Json::array();
  for (const auto role : allRoles())
    if (route.isFor(role)) roles.push_back(role);
  return roles;
}

Json operationOf(const Route& route) {
  Json out = Json::object();
  out["operationId"] = route.operation;
  out["summary"] = route.summary;
  out["tags"] = {route.operation.substr(0, route.operation.find('.'))};
  Json parameters = parametersOf(route);
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (route.body) {
    out["requestBody"]["required"] = true;
    out["requestBody"]["content"] = jsonContent(route.body->openApi());
  }
  out["responses"] = responsesOf(route);
  out["security"] = Json::array();
  if (*route.access == Access::kSession || *route.access == Access::kPerson)
    out["security"].push_back(Json::object({{"session", Json::array()}}));
  if (*route.access == Access::kSession)
    out["security"].push_back(Json::object({{"token", Json::array()}}));
  out["x-access"] = accessName(*route.access);
  if (!route.scope.empty()) out["x-scope"] = route.scope;
  if (*route.access != Access::kOpen && *route.access != Access::kCpapi) {
    out["x-extent"] = extentName(route.extent);
    out["x-roles"] = rolesOf(route);
  }
  out["x-risk"] = riskName(*route.risk);
  out["x-job"] = route.answer == Answer::kJob;
  if (route.replay) out["x-replay"] = replayName(*route.replay);
  if (route.proof == Proof::kRecent) out["x-proof"] = "recent";
  if (!route.cli->words.empty()) out["x-cli"] = cliOf(route);
  return out;
}

Schema pageSchema() {
  return Schema::object(
      "Page", "Where the list goes on.",
      {required("next_cursor",
                Schema::text("Cursor of the next page; null on the last.").nullable()),
       required("has_more", Schema::boolean("There is a next page."))});
}

Schema problemSchema() {
  std::vector<std::string> codes;
  for (const auto& [code, status] : publishedCodes())
    codes.push_back(code);
  std::vector<std::string> faults;
  for (Fault fault : {Fault::kUnknownField, Fault::kRequired, Fault::kWrongType, Fault::kOutOfRange,
                      Fault::kLength, Fault::kFormat, Fault::kChoice, Fault::kInvalid})
    faults.emplace_back(faultName(fault));
  const Schema fieldError =
      Schema::object("FieldError", "What is wrong with one value.",
                     {optional("pointer", Schema::text("JSON pointer into the body.")),
                      optional("parameter", Schema::text("Query parameter.")),
                      optional("header", Schema::text("Request header.")),
                      required("code", Schema::choice("The kind of fault.", faults)),
                      required("detail", Schema::text("For people."))});
  const Schema policy = Schema::object(
      "Policy", "Which rule denied it.",
      {required("decision", Schema::choice("Always deny.", {"deny"})),
       required("rule",
                Schema::choice("The rule.", {"peer", "local_root", "person", "scope", "address",
                                             "read_only", "dry_run_only", "proof"})),
       required("missing_scopes",
                Schema::array("Scopes that the caller lacks.", Schema::text("A scope.")))});
  return Schema::object(
      "Problem", "A refusal (RFC 9457).",
      {required("type", Schema::text("Always about:blank; code tells problems apart.")),
       required("title", Schema::text("The status in words.")),
       required("status", Schema::integer("HTTP status.", 400, 599)),
       optional("detail", Schema::text("For people.")),
       optional("instance", Schema::text("Path of the request.")),
       required("code", Schema::choice("Stable name of the reason.", codes)),
       required("request_id", Schema::text("Finds the request in logs and audit.")),
       optional("errors", Schema::array("Every value that is wrong.", fieldError)),
       optional("retryable", Schema::boolean("The same request may succeed later.")),
       optional("job_id", Schema::text("The job that failed, or is under way.")),
       optional("policy", policy)});
}

Json headerParameter(const char* name, const char* description, Json schema) {
  Json out = Json::object();
  out["name"] = name;
  out["in"] = "header";
  out["description"] = description;
  out["schema"] = std::move(schema);
  return out;
}

void addHeaders(Json& out) {
  const Json text = Json::object({{"type", "string"}});
  Json& parameters = out["parameters"];
  parameters["PreferWait"] = headerParameter(
      "Prefer", "wait=N: answer when the job has ended, or after N seconds (at most 50).", text);
  parameters["IfMatch"] =
      headerParameter("If-Match",
                      "The ETag that was read: 412 when somebody else was faster. Left out: "
                      "whatever it is by now.",
                      text);
  parameters["LastEventId"] = headerParameter(
      "Last-Event-ID",
      "The id after which a stream (Accept: text/event-stream or application/x-ndjson) goes on. "
      "410 when something after it is not kept any more.",
      text);
  Json key = text;
  key["minLength"] = 1;
  key["maxLength"] = kIdempotencyKeyBytesMax;
  key["pattern"] = "^[ -~]+$";
  parameters["IdempotencyKey"] = headerParameter(
      "Idempotency-Key",
      "Any text that is new for each change. The same request with the same key is done once and "
      "answered alike for 48 hours; while it runs a repetition is 409 busy, and another request "
      "with that key is 422.",
      key);
  parameters["IgnoredIdempotencyKey"] =
      headerParameter("Idempotency-Key", "May be sent, and is not looked at here.", text);
  Json& headers = out["headers"];
  headers["Location"] = Json::object({{"description", "Address of the job."}, {"schema", text}});
  headers["IdempotencyReplayed"] = Json::object(
      {{"description", "true: an answer that was given before, nothing was done this time."},
       {"schema", {{"type", "string"}, {"enum", {"true"}}}}});
}

Json components(const RouteTable& table) {
  const Schema page = pageSchema();
  const Schema problem = problemSchema();
  const Schema preview = previewSchema();
  std::vector<const Schema*> named;
  for (const auto& route : table.routes()) {
    if (!isPublished(route)) continue;
    if (route.body) route.body->collectNamed(named);
    if (route.response) route.response->collectNamed(named);
  }
  for (const Schema* more : {&page, &problem, &preview})
    more->collectNamed(named);
  std::sort(named.begin(), named.end(),
            [](const Schema* a, const Schema* b) { return a->name() < b->name(); });
  Json out = Json::object();
  for (const Schema* schema : named)
    out["schemas"][schema->name()] = schema->openApiDefinition();
  addHeaders(out);
  Json& response = out["responses"]["Problem"];
  response["description"] = "Refused.";
  response["headers"]["Idempotency-Replayed"] = reference("headers/IdempotencyReplayed");
  response["content"]["application/problem+json"]["schema"] = reference("schemas/Problem");
  Json& scheme = out["securitySchemes"]["session"];
  scheme["type"] = "http";
  scheme["scheme"] = "bearer";
  scheme["description"] = "Token of a session. Root on the server needs none on the Unix socket.";
  Json& token = out["securitySchemes"]["token"];
  token["type"] = "http";
  token["scheme"] = "bearer";
  token["description"] =
      "API token (bhk_live_...) of POST /api/v1/tokens: for front ends and billing modules. It has "
      "the scopes that it was made with, as far as its owner's role gives them. Never in an "
      "address, and never beside a cookie.";
  return out;
}

}  // namespace

std::string openApiDocument(const RouteTable& table) {
  Json out = Json::object();
  out["openapi"] = "3.1.0";
  out["info"]["title"] = "Bulkhead";
  out["info"]["version"] = BULKHEAD_VERSION;
  out["info"]["description"] =
      "Control plane of a hosting server. Refusals are RFC 9457 problems; a problem's code never "
      "changes its meaning.";
  out["info"]["license"] = Json::object({{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}});
  out["servers"] = Json::array({Json::object({{"url", "/"}, {"description", "This server."}})});
  for (const auto& route : table.routes())
    if (isPublished(route))
      out["paths"][route.path][lower(methodName(route.method))] = operationOf(route);
  out["components"] = components(table);
  Json scopes = Json::object();
  for (const auto& scope : allScopes())
    scopes[std::string(scope.name)] = scope.meaning;
  out["x-scopes"] = std::move(scopes);
  return prettyJson(out) + "\n";
}

std::string routeList(const RouteTable& table) {
  Json out = Json::array();
  for (const auto& route : table.routes()) {
    Json entry = Json::object();
    entry["operation"] = route.operation;
    entry["method"] = methodName(route.method);
    entry["path"] = route.path;
    entry["access"] = accessName(*route.access);
    entry["scope"] = route.scope;
    entry["risk"] = riskName(*route.risk);
    entry["answer"] = answerName(*route.answer);
    entry["statuses"] = route.statuses;
    entry["dry_run"] = route.dryRun == DryRun::kYes;
    if (route.replay) entry["replay"] = replayName(*route.replay);
    entry["proof"] = route.proof == Proof::kRecent;
    entry["cli"] = cliOf(route);
    out.push_back(std::move(entry));
  }
  return prettyJson(out) + "\n";
}

}  // namespace bulkhead::api
