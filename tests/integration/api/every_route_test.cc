// What must hold for every route, whatever it does: these tests walk the table, so a new route is
// in them by being there.
#include <algorithm>
#include <functional>
#include <set>

#include "tests/integration/api/api_harness.h"
#include "tests/support/poison.h"

namespace bulkhead::test {
namespace {

using api::Access;
using api::Method;
using api::Route;

class EveryRoute : public ApiHarness {
 protected:
  static std::string method(const Route& route) {
    return std::string(api::methodName(route.method));
  }
  static bool takesBody(const Route& route) { return route.body.has_value(); }
  void forEach(const std::function<void(const Route&)>& check) {
    for (const auto& route : table().routes()) {
      if (*route.access == Access::kCpapi) continue;  // not on this socket, see below
      SCOPED_TRACE(method(route) + " " + route.path);
      check(route);
    }
  }
  static std::string bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }
};

// A JSON string of bytes as they are: what is no UTF-8 stays so.
std::string jsonText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += "\\u00" + std::string(1, "01"[c >> 4]) + "0123456789abcdef"[c & 15];
    else
      out += c;
  }
  return out + "\"";
}
std::string percentEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', "0123456789ABCDEF"[byte >> 4U], "0123456789ABCDEF"[byte & 15U]};
  }
  return out;
}
bool isPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}
// False for the little that is a name after all: names that people choose may hold visible text,
// and a person's name dots. What hides in a name is the business of its type's own test.
bool isPoisonFor(api::Format format, std::string_view text) {
  switch (format) {
    case api::Format::kPlanName:
    case api::Format::kPlanRef:
      return std::any_of(text.begin(), text.end(),
                         [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
    case api::Format::kTokenName:
      return !isPrintableAscii(text);
    case api::Format::kAdminName:
    case api::Format::kAdminRef:
    case api::Format::kResellerRef:
    case api::Format::kOwnerRef:
      return text != "a..test";
    case api::Format::kRequestId:  // never a word of a command, never a path
      return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz.-") != std::string_view::npos;
    default:
      return true;
  }
}
std::vector<std::string> poisonFor(api::Format format) {
  std::vector<std::string> out;
  for (auto& text : bulkhead::testing::poison())
    if (!text.empty() && text.size() <= 4096 && isPoisonFor(format, text))  // larger: 413, above
      out.push_back(std::move(text));
  return out;
}
const api::Schema* nameIn(const api::Schema& schema) {
  const api::Schema& inner = schema.type() == api::Schema::Type::kArray ? schema.item() : schema;
  const bool named = inner.type() == api::Schema::Type::kString && !inner.isSecret() &&
                     inner.format() != api::Format::kNone;
  return named ? &inner : nullptr;
}

TEST_F(EveryRoute, KeepsAnonymousCallersOutUnlessItIsOpen) {
  forEach([&](const Route& route) {
    const auto response = anonymous(method(route), target(route));
    if (*route.access == Access::kOpen)
      EXPECT_NE(response.status, 401);
    else
      expectProblem(response, 401, "unauthenticated");
  });
}
TEST_F(EveryRoute, KeepsWrongAndOldTokensOut) {
  logIn();
  clock_.advance(13 * 3600);
  forEach([&](const Route& route) {
    if (*route.access == Access::kOpen) return;
    for (const auto& lines : {bearer(token_), bearer(api::newToken(api::kSessionPrefix)),
                              bearer("x"), std::string("Authorization: Basic eDp4\r\n")})
      expectProblem(anonymous(method(route), target(route), "", lines), 401, "unauthenticated");
  });
}
TEST_F(EveryRoute, AsksForItsOwnScope) {
  forEach([&](const Route& route) {
    if (*route.access != Access::kSession && *route.access != Access::kPerson) return;
    std::string others;
    for (const auto& scope : api::allScopes())
      if (scope.name != route.scope) others += std::string(scope.name) + " ";
    for (const auto& token : {tokenWithScopes("jobs:nothing"), tokenWithScopes(others)}) {
      const auto refused = anonymous(method(route), target(route), "", bearer(token));
      expectProblem(refused, 403, "permission_denied");
      EXPECT_EQ(json(refused)["policy"]["missing_scopes"][0], route.scope);
    }
  });
}
TEST_F(EveryRoute, OfRootIsClosedToSessions) {
  forEach([&](const Route& route) {
    if (*route.access != Access::kLocalRoot) return;
    expectProblem(alice(method(route), target(route)), 403, "permission_denied");
  });
}
TEST_F(EveryRoute, RefusesUnknownQueryParameters) {
  forEach([&](const Route& route) {
    const auto response = root(method(route), target(route) + "?no_such_parameter=1");
    expectProblem(response, 400, "bad_request");
    EXPECT_EQ(json(response)["errors"][0]["parameter"], "no_such_parameter");
  });
}
TEST_F(EveryRoute, RefusesParametersGivenTwice) {
  forEach([&](const Route& route) {
    expectProblem(root(method(route), target(route) + "?x=1&x=1"), 400, "bad_request");
  });
}
TEST_F(EveryRoute, ThatTakesNoBodyRefusesOne) {
  forEach([&](const Route& route) {
    if (takesBody(route)) return;
    expectProblem(root(method(route), target(route), "{}"), 400, "bad_request");
  });
}
TEST_F(EveryRoute, ThatTakesABodyRefusesWhatIsNotExactlyJson) {
  forEach([&](const Route& route) {
    if (!takesBody(route)) return;
    for (const char* type :
         {"text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded"})
      expectProblem(
          root(method(route), target(route), "{}", std::string("Content-Type: ") + type + "\r\n"),
          415, "unsupported_media_type");
  });
}
TEST_F(EveryRoute, ThatTakesABodyRefusesBrokenOnes) {
  const std::string bodies[] = {"{",
                                "[]",
                                "null",
                                "1",
                                "\"x\"",
                                "{}x",
                                "{\"a\":1,\"a\":1}",
                                "{\"a\":\"\xff\"}",
                                "{\"a\":\"\xed\xa0\x80\"}",
                                "{\"no_such_field\":1}",
                                "{\"a\":\"\\u0000\"}",
                                std::string(20000, '[') + std::string(20000, ']')};
  forEach([&](const Route& route) {
    if (!takesBody(route)) return;
    for (const auto& body : bodies)
      expectProblem(root(method(route), target(route), body), 400, "bad_request");
  });
}
TEST_F(EveryRoute, ThatTakesABodyRefusesLargeOnes) {
  const std::string large = "{\"a\":\"" + std::string((1U << 20U) - 8, 'a') + "\"}";
  forEach([&](const Route& route) {
    if (!takesBody(route)) return;
    expectProblem(root(method(route), target(route), large), 413, "payload_too_large");
  });
}
TEST_F(EveryRoute, ThatTakesABodyRefusesEachFieldInAWrongType) {
  forEach([&](const Route& route) {
    if (!takesBody(route)) return;
    for (const auto& field : route.body->fields()) {
      const auto response =
          root(method(route), target(route), "{\"" + field.name + "\":{\"x\":[]}}");
      expectProblem(response, 400, "bad_request");
      EXPECT_EQ(json(response)["errors"][0]["pointer"], "/" + field.name);
    }
  });
}
// Columns and secrets of the databases: no body may set one that its form does not have.
TEST_F(EveryRoute, LetsNoBodySetWhatTheServerOwns) {
  forEach([&](const Route& route) {
    if (!takesBody(route)) return;
    for (const char* column :
         {"id", "uid", "role", "state", "password_hash", "token_hash", "admin_id", "scopes",
          "created_at", "expires_at", "revision", "plan_id", "account_id", "preview_port_number",
          "primary", "actor"}) {
      if (route.body->field(column) != nullptr) continue;
      expectProblem(root(method(route), target(route), std::string("{\"") + column + "\":1}"), 400,
                    "bad_request");
    }
  });
}
TEST_F(EveryRoute, TakesNoPoisonInAnyFieldOfABody) {
  std::size_t tried = 0;
  forEach([&](const Route& route) {
    if (!takesBody(route)) return;
    for (const auto& field : route.body->fields()) {
      const api::Schema* name = nameIn(field.schema);
      if (name == nullptr) continue;
      const bool list = name != &field.schema;
      for (const auto& text : poisonFor(name->format())) {
        SCOPED_TRACE(field.name + ": " + bulkhead::testing::shown(text));
        const std::string value = list ? "[" + jsonText(text) + "]" : jsonText(text);
        const auto refused =
            root(method(route), target(route), "{\"" + field.name + "\":" + value + "}");
        EXPECT_TRUE(refused.status == 400 || refused.status == 422) << refused.body;
        bool named = false;
        const Json errors = json(refused).value("errors", Json::array());
        for (const auto& error : errors)
          named = named || error.value("pointer", "").starts_with("/" + field.name);
        EXPECT_TRUE(named || errors.empty()) << refused.body;  // no UTF-8: no field either
        ++tried;
      }
    }
  });
  EXPECT_GT(tried, 1000U);
}
TEST_F(EveryRoute, TakesNoPoisonInAnyPlaceOfItsAddress) {
  std::size_t tried = 0;
  forEach([&](const Route& route) {
    for (const auto& segment : api::templateSegments(route.path)) {
      const auto name = api::parameterName(segment);
      if (name.empty()) continue;
      std::string path;
      for (const auto& text : poisonFor(api::pathParameter(name)->format)) {
        SCOPED_TRACE(bulkhead::testing::shown(text));
        path = route.path;
        const std::string place = "{" + std::string(name) + "}";
        path.replace(path.find(place), place.size(), percentEncoded(text));
        for (auto other = path.find('{'); other != std::string::npos; other = path.find('{'))
          path.replace(other, path.find('}') - other + 1, "nothing1");
        const int status = root(method(route), path, takesBody(route) ? "{}" : "").status;
        EXPECT_TRUE(status >= 400 && status < 500) << status << " " << path;
        ++tried;
      }
    }
    const api::Schema query = route.querySchema();
    for (const auto& field : query.fields()) {
      const api::Schema* name = nameIn(field.schema);
      if (name == nullptr) continue;
      for (const auto& text : poisonFor(name->format())) {
        SCOPED_TRACE(field.name + "=" + bulkhead::testing::shown(text));
        const int status =
            root(method(route), target(route) + "?" + field.name + "=" + percentEncoded(text))
                .status;
        EXPECT_TRUE(status >= 400 && status < 500) << status;
        ++tried;
      }
    }
  });
  EXPECT_GT(tried, 1000U);
}
TEST_F(EveryRoute, KnowsNobodyByACookie) {
  logIn();
  forEach([&](const Route& route) {
    if (*route.access == Access::kOpen) return;
    for (const char* name : {"__Host-sid", "sid", "session", "token", "Authorization"})
      expectProblem(anonymous(method(route), target(route), "",
                              "Cookie: " + std::string(name) + "=" + token_ + "\r\n"),
                    401, "unauthenticated");
  });
}
TEST_F(EveryRoute, AnswersOtherMethodsWithTheOnesItHas) {
  forEach([&](const Route& route) {
    const auto response = root("PUT", target(route));
    expectProblem(response, 405, "method_not_allowed");
    EXPECT_NE(response.header("allow").find(method(route)), std::string::npos);
  });
}
TEST_F(EveryRoute, AnswersWithTheSecurityHeadersAndTheRequestId) {
  forEach([&](const Route& route) {
    const auto response = root(method(route), target(route), "", "X-Request-Id: abc-12345\r\n");
    EXPECT_EQ(response.header("cache-control"), "no-store");
    EXPECT_EQ(response.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(response.header("content-security-policy"),
              "default-src 'none'; frame-ancestors 'none'");
    EXPECT_EQ(response.header("x-request-id"), "abc-12345");
  });
}
TEST_F(EveryRoute, TellsNothingAboutWhatIsNotThere) {
  forEach([&](const Route& route) {
    if (route.path.find('{') == std::string::npos || takesBody(route)) return;
    expectProblem(alice(method(route), target(route)), 404, "not_found");
  });
}
TEST_F(EveryRoute, AnswersAsItsSchemaSays) {
  panel_.setJobs(FakePanel::Jobs::kSucceed);
  ASSERT_EQ(root("POST", "/api/v1/plans", R"({"name":"small"})").status, 201);
  ASSERT_EQ(root("POST", "/api/v1/accounts",
                 R"({"username":"alpha","plan":"small","domain":"alpha.example.com"})")
                .status,
            202);
  const std::string job = json(root("GET", "/api/v1/jobs"))["data"][0]["id"];
  api::JobRecord told;  // the panel is a fake, whose jobs tell nothing
  told.job.id = job;
  told.job.kind = "account.create";
  ASSERT_TRUE(panelStore_->write([&](api::Tables& t) { return t.jobs().add(told); }).ok());
  logIn();  // alice is the main administrator
  ASSERT_EQ(root("POST", "/api/v1/resellers", R"({"name":"rita"})").status, 201);
  ASSERT_EQ(root("POST", "/api/v1/accounts/alpha/database-users", R"({"name":"alpha_wp"})").status,
            202);
  const Json token = makeToken(R"("name":"front end","scopes":["self:read"])");
  forEach([&](const Route& route) {
    if (route.method != Method::kGet) return;
    std::string path;
    for (const auto& segment : api::templateSegments(route.path)) {
      const auto name = api::parameterName(segment);
      path += "/" + (name.empty()         ? segment
                     : name == "job"      ? job
                     : name == "domain"   ? "alpha.example.com"
                     : name == "plan"     ? "small"
                     : name == "admin"    ? "alice"
                     : name == "reseller" ? "rita"
                     : name == "token"    ? token["id"].get<std::string>()
                                          : "alpha");
    }
    const bool bySelf = route.operation == "token.self";
    const auto response = bySelf ? byToken(token["secret"], "GET", path) : root("GET", path);
    ASSERT_EQ(response.status, 200) << response.body;
    const Json body = json(response);
    const Json items = *route.answer == api::Answer::kList ? body["data"] : Json::array({body});
    EXPECT_FALSE(items.empty());
    for (const auto& item : items)
      for (const auto& fault : api::checkValue(*route.response, item))
        ADD_FAILURE() << fault.where << ": " << fault.detail;
  });
}
TEST_F(EveryRoute, OfTheScriptsIsNotOnTheSocketOfThePanel) {
  std::size_t seen = 0;
  for (const auto& route : table().routes()) {
    if (*route.access != Access::kCpapi) continue;
    ++seen;
    for (const char* verb : {"GET", "POST", "PUT", "OPTIONS"}) {
      expectProblem(alice(verb, route.path), 404, "not_found");
      expectProblem(root(verb, route.path), 404, "not_found");
    }
  }
  EXPECT_GT(seen, 0U);
}
TEST_F(EveryRoute, RunsOnASocketThreadOnlyWhenItReadsOneThingFromMemoryOrTheStore) {
  std::set<std::string> inlined;
  forEach([&](const Route& route) {
    if (route.lane == api::Lane::kInline) inlined.insert(route.operation);
  });
  // Whoever adds to this list has looked: no write, no call of the agent, no hashing, no waiting.
  const std::set<std::string> looked{
      "account.get", "admin.get",    "document.get",   "domain.get", "health.live", "lockdown.get",
      "plan.get",    "reseller.get", "session.whoami", "token.get",  "token.self",  "version.get"};
  EXPECT_EQ(inlined, looked);
}
TEST_F(EveryRoute, HashesPasswordsWhereNobodyElseWaits) {
  forEach([&](const Route& route) {
    bool hashes = false;
    if (route.body)
      for (const auto& field : route.body->fields())
        hashes = hashes || field.name == "password" || field.name.ends_with("_password");
    if (hashes) {
      EXPECT_EQ(route.lane, api::Lane::kWaiting);
    }
  });
}
TEST_F(EveryRoute, ShowsNoSecretThatItWasGiven) {
  const std::string secret = "canary canary canary 77";
  forEach([&](const Route& route) {
    if (!takesBody(route)) return;
    Json body = Json::object();
    for (const auto& field : route.body->fields())
      if (field.schema.isSecret()) body[field.name] = secret;
    const auto response = anonymous(method(route), target(route), body.dump());
    EXPECT_EQ(response.body.find(secret), std::string::npos);
  });
}

}  // namespace
}  // namespace bulkhead::test
