// A route that lacks an attribute, or contradicts itself, keeps the server from starting.
#include "api/http/route.h"

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

Route complete() {
  Route route;
  route.method = Method::kPost;
  route.path = "/api/v1/accounts/{account}/domains";
  route.operation = "domain.create";
  route.summary = "Adds a domain.";
  route.access = Access::kSession;
  route.scope = "domains:write";
  route.risk = Risk::kMutate;
  route.lane = Lane::kWorker;
  route.body = Schema::object("NewDomain", "A domain to add.",
                              {required("name", Schema::text("Its name.", Format::kDomain))});
  route.response = Schema::object("Job", "A job.", {required("id", Schema::text("Its id."))});
  route.answer = Answer::kJob;
  route.statuses = {202};
  route.dryRun = DryRun::kYes;
  route.replay = Replay::kReply;
  route.cli = Cli{"domain create", {"account", "name"}, {"id"}};
  route.handler = [](const Call&) -> Answered { return HttpResponse{}; };
  return route;
}

std::string faultsOf(Route route) {
  std::vector<Route> routes;
  routes.push_back(std::move(route));
  const auto table = RouteTable::make(std::move(routes));
  return table.ok() ? "" : table.error().message;
}

template <typename Change>
std::string faultsAfter(Change change) {
  Route route = complete();
  change(route);
  return faultsOf(std::move(route));
}

TEST(RouteTable, AcceptsACompleteRoute) { EXPECT_EQ(faultsOf(complete()), ""); }

TEST(RouteTable, RefusesARouteThatLacksAnAttribute) {
  EXPECT_NE(faultsAfter([](Route& r) { r.path.clear(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.operation.clear(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.operation = "addDomain"; }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.summary.clear(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.access.reset(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.scope.clear(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.risk.reset(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.lane.reset(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.response.reset(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.answer.reset(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.statuses.clear(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.cli.reset(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.replay.reset(); }), "");
  EXPECT_NE(faultsAfter([](Route& r) { r.handler = nullptr; }), "");
}

TEST(RouteTable, RefusesAScopeThatNobodyCouldHave) {
  EXPECT_NE(faultsAfter([](Route& r) { r.scope = "domains:everything"; }), "");
}
TEST(RouteTable, KeepsAScopeOfPeopleOnRoutesOfPeople) {
  EXPECT_NE(faultsAfter([](Route& r) { r.scope = "tokens:write"; }), "");
  EXPECT_EQ(faultsAfter([](Route& r) {
              r.scope = "tokens:write";
              r.access = Access::kPerson;
            }),
            "");
}
TEST(RouteTable, AsksPeopleOnlyForAProof) {
  EXPECT_NE(faultsAfter([](Route& r) { r.proof = Proof::kRecent; }), "");
  EXPECT_EQ(faultsAfter([](Route& r) {
              r.proof = Proof::kRecent;
              r.access = Access::kPerson;
            }),
            "");
}
TEST(RouteTable, RefusesASecretOfTheCliThatTheAnswerDoesNotHave) {
  EXPECT_NE(faultsAfter([](Route& r) { r.cli->secret = "secret"; }), "");
  EXPECT_EQ(faultsAfter([](Route& r) { r.cli->secret = "id"; }), "");
}
TEST(RouteTable, RefusesAnOpenRouteWithAScope) {
  EXPECT_NE(faultsAfter([](Route& r) { r.access = Access::kOpen; }), "");
}
TEST(RouteTable, RefusesAGetThatChangesSomething) {
  EXPECT_NE(faultsAfter([](Route& r) {
              r.method = Method::kGet;
              r.body.reset();
            }),
            "");
}
TEST(RouteTable, RefusesAPostThatClaimsToRead) {
  EXPECT_NE(faultsAfter([](Route& r) { r.risk = Risk::kRead; }), "");
}
TEST(RouteTable, RefusesABodyWhereTheMethodHasNone) {
  EXPECT_NE(faultsAfter([](Route& r) { r.method = Method::kDelete; }), "");
}
TEST(RouteTable, RefusesAPathParameterThatNobodyDescribed) {
  EXPECT_NE(faultsAfter([](Route& r) {
              r.path = "/x/{thing}";
              r.cli = Cli{"a b", {"thing", "name"}, {}};
            }),
            "");
}
TEST(RouteTable, RefusesAFieldWithoutDescription) {
  EXPECT_NE(faultsAfter([](Route& r) {
              r.body = Schema::object("NewDomain", "x", {required("name", Schema::text(""))});
            }),
            "");
}
TEST(RouteTable, RefusesAJobWithout202) {
  EXPECT_NE(faultsAfter([](Route& r) { r.statuses = {200}; }), "");
}
TEST(RouteTable, RefusesADryRunOfWhatIsNoJob) {
  EXPECT_NE(faultsAfter([](Route& r) {
              r.answer = Answer::kResource;
              r.statuses = {200};
            }),
            "");
}
TEST(RouteTable, RefusesACliThatForgetsAPathParameter) {
  EXPECT_NE(faultsAfter([](Route& r) { r.cli = Cli{"domain create", {"name"}, {}}; }), "");
}
TEST(RouteTable, RefusesASecretOnTheCommandLine) {
  EXPECT_NE(faultsAfter([](Route& r) {
              r.body = Schema::object("NewDomain", "x",
                                      {required("name", Schema::text("A secret.").secret())});
            }),
            "");
}

TEST(RouteTable, RefusesToKeepAnAnswerThatShowsASecret) {
  const auto answering = [](Field field) {
    return [field](Route& r) {
      r.answer = Answer::kResource;
      r.dryRun = DryRun::kNo;
      r.statuses = {201};
      r.response = Schema::object("Thing", "x", {required("id", Schema::text("Id.")), field});
    };
  };
  const auto fault = [&](Field field) { return faultsAfter(answering(std::move(field))); };
  EXPECT_EQ(fault(required("name", Schema::text("Name."))), "");
  EXPECT_NE(fault(required("link", Schema::text("Link.").shownOnce())).find("must not be kept"),
            std::string::npos);
  for (const char* name : {"token", "password", "secret", "api_token"})
    EXPECT_NE(fault(required(name, Schema::text("x"))).find("must not be kept"), std::string::npos);
  const Schema list =
      Schema::array("Them.", Schema::object("", "One.", {required("token", Schema::text("x"))}));
  EXPECT_NE(fault(required("all", list)).find("must not be kept"), std::string::npos);
  EXPECT_EQ(faultsAfter([&](Route& r) {
              answering(required("token", Schema::text("x")))(r);
              r.replay = Replay::kNever;
            }),
            "");
}
TEST(RouteTable, RefusesAnOpenRouteThatKnowsKeys) {
  const auto open = [](Replay replay) {
    return [replay](Route& r) {
      r.access = Access::kOpen;
      r.scope.clear();
      r.replay = replay;
    };
  };
  EXPECT_EQ(faultsAfter(open(Replay::kIgnored)), "");
  EXPECT_NE(faultsAfter(open(Replay::kReply)), "");
  EXPECT_NE(faultsAfter(open(Replay::kNever)), "");
}

TEST(RouteTable, RefusesTheSameAddressTwice) {
  std::vector<Route> routes;
  routes.push_back(complete());
  routes.push_back(complete());
  routes.back().operation = "domain.again";
  EXPECT_FALSE(RouteTable::make(std::move(routes)).ok());
}

}  // namespace
}  // namespace bulkhead::api
