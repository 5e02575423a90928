// Who may do what, made from the route table: each route asked by its own reseller and user, by
// another reseller and another one's user, with sessions, API tokens and in somebody's place. A new
// route is in here by being in the table.
#include "tests/integration/api/tenants_scene.h"

namespace bulkhead::test {
namespace {

using api::Extent;
using api::Format;
using api::Route;

TEST_F(Tenants, MeetEachRouteAsTheTableSays) {
  const std::vector<Caller> callers{
      {"reseller:rita", session_["rita"], "reseller"},
      {"user:carol", session_["carol"], "user"},
      {"reseller:rolf", session_["rolf"], "reseller", Where::kForeign},
      {"user:dora", session_["dora"], "user", Where::kForeign},
  };
  forEach([&](const Route& route) {
    for (const auto& caller : callers)
      expectWhatTheTableSays(caller, route);
  });
}
TEST_F(Tenants, MeetEachRouteByAnApiTokenAsTheTableSays) {
  const std::vector<Caller> callers{
      {"reseller:rita", apiToken_["rita"], "reseller", Where::kOwn, true},
      {"user:carol", apiToken_["carol"], "user", Where::kOwn, true},
      {"reseller:rolf", apiToken_["rolf"], "reseller", Where::kForeign, true},
      {"user:dora", apiToken_["dora"], "user", Where::kForeign, true},
  };
  forEach([&](const Route& route) {
    clock_.advance(1);  // of requests a second a token has only so many
    for (const auto& caller : callers)
      expectWhatTheTableSays(caller, route);
  });
}
TEST_F(Tenants, MeetEachRouteInSomebodysPlaceAsTheTableSays) {
  const auto standIn = [&](const std::string& session, const std::string& path) {
    const auto made = by(session, "POST", path + "/actions/impersonate");
    EXPECT_EQ(made.status, 201) << made.body;
    return json(made).value("token", "");
  };
  const std::string admin = standIn(token_, "/api/v1/accounts/carol");
  const std::string reseller = standIn(session_["rita"], "/api/v1/accounts/carol");
  const std::string foreign = standIn(session_["rolf"], "/api/v1/accounts/dora");
  const std::string asRita = standIn(token_, "/api/v1/resellers/rita");
  EXPECT_EQ(json(by(admin, "GET", "/api/v1/whoami"))["impersonated_by"], "admin:alice");
  EXPECT_TRUE(json(by(session_["carol"], "GET", "/api/v1/whoami"))["impersonated_by"].is_null());
  forEach([&](const Route& route) {
    expectWhatTheTableSays({"admin:alice/as:user:carol", admin, "user", Where::kOwn, false, true},
                           route);
    expectWhatTheTableSays(
        {"reseller:rita/as:user:carol", reseller, "user", Where::kOwn, false, true}, route);
    expectWhatTheTableSays(
        {"reseller:rolf/as:user:dora", foreign, "user", Where::kForeign, false, true}, route);
    expectWhatTheTableSays(
        {"admin:alice/as:reseller:rita", asRita, "reseller", Where::kOwn, false, true}, route);
  });
  EXPECT_EQ(by(admin, "DELETE", "/api/v1/sessions/current").status, 204);
  EXPECT_EQ(by(token_, "DELETE", "/api/v1/sessions/current").status, 204);
  EXPECT_EQ(by(asRita, "GET", "/api/v1/whoami").status, 401);
}
TEST_F(Tenants, MeetNoRouteWithoutItsScope) {
  const auto narrowed = [&](const std::string& id, const std::string& scopes) {
    const std::string token = api::newToken(api::kSessionPrefix);
    const std::int64_t now = clock_.nowMicros();
    api::Session session{"ses_" + token,
                         api::hashSecret(token),
                         id,
                         scopes,
                         now,
                         now,
                         now + api::Authority::kSessionLifeMicros};
    EXPECT_TRUE(store_->addSession(session, api::Authority::kSessionIdleMicros).ok());
    return token;
  };
  const std::string carol = json(root("GET", "/api/v1/accounts/carol"))["id"];
  forEach([&](const Route& route) {
    std::string others = "jobs:nothing ";
    for (const auto& scope : api::allScopes())
      if (scope.name != route.scope) others += std::string(scope.name) + " ";
    const auto response = by(narrowed(carol, others), method(route), addressOf(route, "carol"), "");
    expectProblem(response, 403, "permission_denied");
    EXPECT_TRUE(witness_->take().has_value());
  });
}
TEST_F(Tenants, MeetNothingWhenTheirTimeIsOver) {
  clock_.advance(13 * 3600);
  forEach([&](const Route& route) {
    for (const char* name : {"rita", "carol"})
      expectProblem(by(session_[name], method(route), addressOf(route, name)), 401,
                    "unauthenticated");
  });
}
TEST_F(Tenants, MeetNothingWhileTheirAccountIsSuspended) {
  ASSERT_EQ(
      root("POST", "/api/v1/accounts/carol/actions/suspend", "", "Prefer: wait=20\r\n").status,
      200);
  forEach([&](const Route& route) {
    for (const auto& secret : {session_["carol"], apiToken_["carol"]})
      expectProblem(by(secret, method(route), addressOf(route, "carol")), 401, "unauthenticated");
  });
  ASSERT_EQ(
      root("POST", "/api/v1/accounts/carol/actions/unsuspend", "", "Prefer: wait=20\r\n").status,
      200);
  for (const auto& secret : {session_["carol"], apiToken_["carol"]})
    EXPECT_EQ(by(secret, "GET", "/api/v1/whoami").status, 401);
  EXPECT_NE(sessionOf("carol"), "");
}
TEST_F(Tenants, ReadNothingOfOthersInAnyList) {
  std::size_t lists = 0;
  forEach([&](const Route& route) {
    if (route.answer != api::Answer::kList || namesSomething(route)) return;
    for (const auto& [name, strangers] :
         std::map<std::string, std::vector<std::string>>{{"rita", {"rolf", "dora"}},
                                                         {"carol", {"rolf", "dora"}},
                                                         {"rolf", {"rita", "carol"}},
                                                         {"dora", {"rita", "carol"}}}) {
      if (!route.isFor(name[0] == 'r' ? "reseller" : "user")) continue;
      const auto page = by(session_[name], "GET", route.path);
      ASSERT_EQ(page.status, 200) << page.body;
      EXPECT_FALSE(json(page)["data"].empty()) << name;
      for (const auto& stranger : strangers)
        EXPECT_EQ(page.body.find(stranger), std::string::npos) << name << ": " << page.body;
      ++lists;
    }
  });
  EXPECT_GE(lists, 14U);
}

// ---- what a body or a query names

std::string sampleOf(Format format) {
  switch (format) {
    case Format::kUsername:
      return "erin";
    case Format::kDomain:
      return "erin.example.com";
    case Format::kPlanRef:
      return "ritas";
    case Format::kDatabaseUser:
      return "carol_shop";
    default:
      return "carol";
  }
}
// Something of rolf's, and something of the kind that nobody has.
std::optional<std::pair<std::string, std::string>> strangeOf(Format format,
                                                             const std::string& strangersJob) {
  switch (format) {
    case Format::kAccountRef:
      return std::pair{"dora", "nothing1"};
    case Format::kDomainRef:
      return std::pair{"dora.example.com", "none.example.com"};
    case Format::kPlanRef:
      return std::pair{"rolfs", "none"};
    case Format::kResellerRef:
    case Format::kOwnerRef:
      return std::pair{"rolf", "nobody"};
    case Format::kAdminRef:
      return std::pair{"alice", "nobody"};
    case Format::kJobId:
      return std::pair{strangersJob, "job_01J00000000000000000009999"};
    default:
      return std::nullopt;
  }
}
TEST_F(Tenants, NameNothingOfOthersInAnyFieldOrParameter) {
  std::size_t tried = 0;
  const auto expectSame = [&](const Caller& caller, const Route& route,
                              const std::function<ClientResponse(const std::string&)>& ask,
                              const std::pair<std::string, std::string>& strange) {
    (void)witness_->take();
    Json beyond, nothing;
    for (const auto& [value, body] :
         {std::pair{strange.first, &beyond}, {strange.second, &nothing}}) {
      SCOPED_TRACE(value);
      const auto response = ask(value);
      expectDenied(response, caller, route, 404, {"reach"});
      *body = json(response);
      body->erase("request_id");
    }
    EXPECT_EQ(beyond, nothing);
    ++tried;
  };
  forEach([&](const Route& route) {
    for (const auto& [name, role] : {std::pair{"rita", "reseller"}, {"carol", "user"}}) {
      if (!route.isFor(role) || route.extent != Extent::kReach) continue;
      const Caller caller{std::string(role) + ":" + name, session_[name], role};
      const std::string path = addressOf(route, name);
      for (const auto& field : route.query)
        if (const auto strange = strangeOf(field.schema.format(), job_["dora"]))
          expectSame(
              caller, route,
              [&](const std::string& value) {
                return by(caller.secret, method(route), path + "?" + field.name + "=" + value);
              },
              *strange);
      if (!route.body) continue;
      Json valid = Json::object();
      for (const auto& field : route.body->fields())
        if (field.need == api::Need::kRequired) valid[field.name] = sampleOf(field.schema.format());
      for (const auto& field : route.body->fields())
        if (const auto strange = strangeOf(field.schema.format(), job_["dora"]))
          expectSame(
              caller, route,
              [&](const std::string& value) {
                Json body = valid;
                body[field.name] = value;
                return by(caller.secret, method(route), path, body.dump());
              },
              *strange);
    }
  });
  EXPECT_GE(tried, 8U);
}

// ---- a few of them to the end

TEST_F(Tenants, DoTheirWork) {
  const auto wait = [&](const std::string& secret, const char* verb, const std::string& path,
                        const Json& body) {
    return send(As::kGateway, verb, path, body.is_null() ? "" : body.dump(),
                "Authorization: Bearer " + secret + "\r\nPrefer: wait=20\r\n")
        .status;
  };
  const std::string rita = session_["rita"];
  const std::string carol = session_["carol"];
  EXPECT_EQ(wait(rita, "POST", "/api/v1/accounts",
                 {{"username", "cecil"}, {"plan", "ritas"}, {"domain", "cecil.example.com"}}),
            201);
  EXPECT_EQ(json(by(rita, "GET", "/api/v1/accounts/cecil"))["owner"], "rita");
  EXPECT_EQ(wait(rita, "POST", "/api/v1/accounts/cecil/actions/suspend", Json()), 200);
  EXPECT_EQ(wait(carol, "POST", "/api/v1/accounts/carol/domains", {{"name", "more.example.com"}}),
            201);
  EXPECT_EQ(wait(carol, "POST", "/api/v1/accounts/carol/database-users", {{"name", "carol_shop"}}),
            200);
  EXPECT_EQ(wait(carol, "DELETE", "/api/v1/domains/more.example.com", Json()), 200);
  const auto code = by(rita, "POST", "/api/v1/accounts/carol/actions/reset-password");
  ASSERT_EQ(code.status, 201) << code.body;
  EXPECT_EQ(anonymous("POST", "/api/v1/password-resets",
                      Json::object({{"token", json(code)["token"]},
                                    {"new_password", "another long password"}})
                          .dump())
                .status,
            204);
  EXPECT_EQ(by(carol, "GET", "/api/v1/whoami").status, 401);
}
TEST_F(Tenants, LoseWhatIsGivenToSomebodyElse) {
  const std::string rita = session_["rita"];
  ASSERT_EQ(by(rita, "GET", "/api/v1/accounts/carol").status, 200);
  ASSERT_EQ(
      root("PATCH", "/api/v1/accounts/carol", R"({"owner":"rolf"})", "Prefer: wait=20\r\n").status,
      200);
  expectProblem(by(rita, "GET", "/api/v1/accounts/carol"), 404, "not_found");
  EXPECT_EQ(by(session_["rolf"], "GET", "/api/v1/accounts/carol").status, 200);
  EXPECT_EQ(by(session_["carol"], "GET", "/api/v1/accounts/carol").status, 200);
}
TEST_F(Tenants, AreKeptOutAndLetInAgain) {
  ASSERT_EQ(json(alice("POST", "/api/v1/resellers/rita/actions/disable"))["state"], "disabled");
  EXPECT_EQ(by(session_["rita"], "GET", "/api/v1/whoami").status, 401);
  EXPECT_EQ(by(apiToken_["rita"], "GET", "/api/v1/whoami").status, 401);
  EXPECT_EQ(by(session_["carol"], "GET", "/api/v1/whoami").status, 200);
  ASSERT_EQ(json(alice("POST", "/api/v1/resellers/rita/actions/enable"))["state"], "active");
  EXPECT_EQ(by(session_["rita"], "GET", "/api/v1/whoami").status, 401);
  EXPECT_NE(sessionOf("rita"), "");
}

}  // namespace
}  // namespace bulkhead::test
