// The documents in the tree are what the route table prints, and the table keeps the project's
// rules.
#include "api/http/openapi.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "api/http/routes/routes.h"
#include "tests/paths.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

RouteTable table() {
  auto made = makeRouteTable(Services{});
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
  return std::move(made).value();
}

Json document() { return Json::parse(openApiDocument(table())); }

// Every "$ref" below this value.
void collectReferences(const Json& value, std::set<std::string>& into) {
  if (value.is_object() && value.contains("$ref")) into.insert(value["$ref"].get<std::string>());
  if (value.is_structured())
    for (const auto& member : value)
      collectReferences(member, into);
}

TEST(OpenApi, IsWhatTheTreeHolds) {
  std::ifstream file(std::string(BULKHEAD_SOURCE_DIR) + "/docs/openapi.json");
  std::stringstream held;
  held << file.rdbuf();
  EXPECT_EQ(held.str(), openApiDocument(table()))
      << "run: bulkhead-api --print-openapi > docs/openapi.json";
}

TEST(OpenApi, HasAnEntryForEachReference) {
  const Json whole = document();
  std::set<std::string> references;
  collectReferences(whole, references);
  EXPECT_FALSE(references.empty());
  for (const auto& reference : references)
    EXPECT_TRUE(whole.contains(Json::json_pointer(reference.substr(1)))) << reference;
}

TEST(OpenApi, NamesAccessScopeRiskAndJobOfEachOperation) {
  const Json whole = document();
  std::size_t count = 0;
  for (const auto& [path, methods] : whole["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      ++count;
      EXPECT_TRUE(operation.contains("x-access") && operation.contains("x-risk") &&
                  operation.contains("x-job"))
          << path;
      EXPECT_EQ(operation.contains("x-scope"), operation["x-access"] != "open") << path;
      EXPECT_EQ(operation["responses"].contains("202"), operation["x-job"].get<bool>()) << path;
      EXPECT_TRUE(operation["responses"].contains("default")) << path;
    }
  }
  const RouteTable routes = table();
  EXPECT_EQ(count, static_cast<std::size_t>(std::count_if(
                       routes.routes().begin(), routes.routes().end(),
                       [](const Route& route) { return *route.access != Access::kCpapi; })));
}

TEST(OpenApi, SaysOfEachChangeWhatItsRepetitionGets) {
  const Json whole = document();
  std::size_t changes = 0;
  for (const auto& [path, methods] : whole["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      SCOPED_TRACE(method + " " + path);
      const std::string all = operation.value("parameters", Json::array()).dump();
      const bool takesKey = all.find("IdempotencyKey") != std::string::npos;
      EXPECT_EQ(takesKey, method != "get");
      EXPECT_EQ(operation.contains("x-replay"), method != "get");
      if (method == "get") continue;
      ++changes;
      for (const auto& [status, response] : operation["responses"].items()) {
        if (status == "default") continue;
        EXPECT_EQ(response.value("headers", Json::object()).contains("Idempotency-Replayed"),
                  operation["x-replay"] == "reply");
      }
    }
  }
  EXPECT_GT(changes, 20U);
  EXPECT_TRUE(
      whole["components"]["responses"]["Problem"]["headers"].contains("Idempotency-Replayed"));
}

TEST(OpenApi, LeavesTheScriptsOut) {
  const Json whole = document();
  for (const auto& [path, methods] : whole["paths"].items())
    EXPECT_EQ(path.find("cpapi"), std::string::npos) << path;
  std::size_t scripts = 0;
  const RouteTable routes = table();
  for (const auto& route : routes.routes())
    if (*route.access == Access::kCpapi) ++scripts;
  EXPECT_EQ(scripts, 9U);
}

TEST(Routes, OpenNothingButHealthAndTheWaysIn) {
  std::set<std::string> open;
  const RouteTable routes = table();
  for (const auto& route : routes.routes())
    if (*route.access == Access::kOpen) open.insert(route.operation);
  EXPECT_EQ(open, (std::set<std::string>{"health.live", "health.ready", "bootstrap.create",
                                         "password.reset", "session.create", "session.redeem"}));
}

TEST(TableOfRoutes, MarksEverySecretThatABodyTakes) {
  const RouteTable routes = table();
  for (const auto& route : routes.routes()) {
    if (!route.body) continue;
    for (const auto& field : route.body->fields()) {
      const bool named = field.name == "password" || field.name == "token" ||
                         field.name == "code" || field.name.ends_with("_password");
      EXPECT_EQ(field.schema.isSecret(), named) << route.operation << " " << field.name;
    }
  }
}

TEST(TableOfRoutes, GivesEachCommandItsOwnWords) {
  std::set<std::string> words;
  const RouteTable routes = table();
  for (const auto& route : routes.routes()) {
    const std::string& own = route.cli->words;
    EXPECT_TRUE(own.empty() || words.insert(own).second) << own;
  }
  EXPECT_TRUE(words.count("account create") == 1 && words.count("plan create") == 1);
}

}  // namespace
}  // namespace bulkhead::api
