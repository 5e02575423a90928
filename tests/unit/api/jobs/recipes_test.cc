#include "api/jobs/recipes.h"

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

std::vector<std::string> stepsOf(const JobRecord& record) {
  std::vector<std::string> steps;
  for (std::size_t i = 0; i < record.job.steps.size(); ++i)
    steps.push_back(record.job.steps[i].name +
                    (record.extras[i].subject.empty() ? "" : " " + record.extras[i].subject));
  return steps;
}
Account account(std::uint16_t port) {
  Account a;
  a.id = "acc_1";
  a.username = "alice";
  a.previewPort = port;
  return a;
}
const Actor kActor{"admin:a", "01REQ", "00-t"};

TEST(Recipes, CreationOpensAPortOnlyWhenAskedFor) {
  using Steps = std::vector<std::string>;
  const Steps base = {"account.create", "quota.set", "engine.ensure", "service.apply",
                      "site.apply a.example"};
  EXPECT_EQ(stepsOf(makeJob(kAccountCreate, account(0), {"a.example"}, kActor, 1)), base);
  Steps withPort = base;
  withPort.emplace_back("firewall.open");
  EXPECT_EQ(stepsOf(makeJob(kAccountCreate, account(40000), {"a.example"}, kActor, 1)), withPort);
}

TEST(Recipes, WholeAccountsTakeEveryDomainAlong) {
  EXPECT_EQ(stepsOf(makeJob(kAccountSuspend, account(0), {"a.example", "b.example"}, kActor, 1)),
            (std::vector<std::string>{"site.apply a.example", "site.apply b.example",
                                      "account.suspend"}));
  EXPECT_EQ(
      stepsOf(makeJob(kAccountDelete, account(40000), {"a.example"}, kActor, 1)),
      (std::vector<std::string>{"site.apply a.example", "firewall.close", "account.suspend"}));
  EXPECT_EQ(stepsOf(makeJob(kAccountPurge, account(40000), {"a.example"}, kActor, 1)),
            (std::vector<std::string>{"site.remove a.example", "firewall.close", "engine.remove",
                                      "account.delete"}));
}

TEST(Recipes, WhatWasSuspendedBeforeItWasDeletedIsRestoredSo) {
  Account deleted = account(40000);
  EXPECT_EQ(stepsOf(makeJob(kAccountRestore, deleted, {"a.example"}, kActor, 1)),
            (std::vector<std::string>{"account.unsuspend", "engine.ensure", "service.apply",
                                      "site.apply a.example", "firewall.open"}));
  deleted.wasSuspended = true;
  EXPECT_EQ(stepsOf(makeJob(kAccountRestore, deleted, {"a.example"}, kActor, 1)),
            (std::vector<std::string>{"account.suspend", "firewall.open"}));
}

TEST(Recipes, AJobCarriesWhoAskedAndStartsQueued) {
  const JobRecord record = makeJob(kDomainCreate, account(0), {"a.example"}, kActor, 77);
  EXPECT_EQ(record.job.state, JobState::kQueued);
  EXPECT_EQ(record.job.actor, "admin:a");
  EXPECT_EQ(record.requestId, "01REQ");
  EXPECT_EQ(record.traceparent, "00-t");
  EXPECT_EQ(record.username, "alice");
  EXPECT_EQ(record.job.createdAt, 77);
  EXPECT_EQ(record.job.id.substr(0, 4), "job_");
}

TEST(Recipes, ParametersComeFromDesiredState) {
  const Account alice = account(40001);
  const PlanLimits limits{150, 1 << 29, 99, 1 << 30, 5000, 2};
  const std::string domain = "a.example";
  const JobDetails none;
  const std::vector<Domain> domains;
  const std::string noDomain;
  const StepInput input{alice, limits, domain, none, domains, noDomain};
  const Recipe* recipe = findRecipe(kAccountCreate);
  const auto request = [&](const char* step) {
    return describe(findStep(*recipe, step)->perform(input));
  };
  EXPECT_EQ(request("account.create"),
            "account.create username=alice cpu=150 memory=536870912 tasks=99");
  EXPECT_EQ(request("quota.set"), "quota.set username=alice disk=1073741824 inodes=5000");
  EXPECT_EQ(request("service.apply"), "service.apply username=alice service=web port=40001");
  EXPECT_EQ(request("site.apply"), "site.apply username=alice domain=a.example");
  EXPECT_EQ(request("firewall.open"), "firewall.open username=alice port=40001");
}

TEST(Recipes, AnUnknownKindIsNoRecipe) {
  EXPECT_EQ(findRecipe("account.explode"), nullptr);
  EXPECT_EQ(findStep(*findRecipe(kAccountCreate), "account.explode"), nullptr);
}

}  // namespace
}  // namespace bulkhead::api
