// Accounts and domains under another name, with all that goes by it.

#include <future>

#include <gtest/gtest.h>

#include "tests/support/panel_people_scene.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

class PanelRenamesTest : public PanelPeopleScene {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PanelRenamesTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(PanelRenamesTest, AnAccountGetsAnotherName) {
  const std::string id = panel().account("carol")->id;
  EXPECT_EQ(told(world_->finish(panel().renameAccount(actor(), "carol", "eva", {}, Mode::kDo))),
            "ok");
  // With it the agent makes the containers anew, as they were: once is enough.
  EXPECT_EQ(last(), "account.rename username=carol new=eva");
  EXPECT_EQ(panel().account("eva")->id, id);
  EXPECT_EQ(panel().account("carol").error().code, Code::kNotFound);
  EXPECT_EQ(agent().facts().count("account eva"), 1U);
  EXPECT_EQ(agent().facts().count("site c.example serve eva"), 1U);
  ASSERT_EQ(told(world_->finish(panel().purgeAccount(actor(), "eva", Mode::kDo))), "ok");
  EXPECT_TRUE(agent().facts().empty());
}

TEST_P(PanelRenamesTest, ARenameThatFailsLeavesTheOldName) {
  agent().refuse("account.rename", Code::kInternal, "broken", 1);
  EXPECT_EQ(told(world_->finish(panel().renameAccount(actor(), "carol", "eva", {}, Mode::kDo))),
            "failed");
  EXPECT_EQ(last(), "account.rename username=eva new=carol");
  EXPECT_EQ(panel().account("carol")->state, AccountState::kActive);
  EXPECT_EQ(panel().account("eva").error().code, Code::kNotFound);
  EXPECT_EQ(world_->create("eva", "e.example")->state, JobState::kSucceeded);
}

TEST_P(PanelRenamesTest, ASuspendedAccountIsRenamedAndStaysStopped) {
  ASSERT_EQ(told(world_->finish(panel().suspendAccount(actor(), "carol", Mode::kDo))), "ok");
  EXPECT_EQ(told(world_->finish(panel().renameAccount(actor(), "carol", "eva", {}, Mode::kDo))),
            "ok");
  EXPECT_EQ(last(), "account.rename username=carol new=eva");
}

TEST_P(PanelRenamesTest, RefusesANameThatAnAccountCannotHave) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  const auto rename = [&](const std::string& name, const Expected& expected = {}) {
    return told(world_->finish(panel().renameAccount(actor(), "carol", name, expected, Mode::kDo)));
  };
  EXPECT_EQ(rename("bob"), "already_exists username");
  EXPECT_EQ(rename("carol"), "invalid_argument username");
  EXPECT_EQ(rename("root"), "invalid_argument username");
  EXPECT_EQ(rename("a b"), "invalid_argument username");
  EXPECT_EQ(rename("eva", 99), "conflict ");
  EXPECT_EQ(panel().renameAccount(actor(), "nobody1", "eva", {}, Mode::kDo).error().code,
            Code::kNotFound);
  ASSERT_TRUE(world_->people().createAdministrator(actor(), {"admin2", "h", {}, {}, "carol"}).ok());
  EXPECT_EQ(rename("eva"), "conflict ");
  EXPECT_TRUE(panel().account("carol").ok());
}

TEST_P(PanelRenamesTest, ANameThatOnlyTheHostKnowsIsNotTaken) {
  agent().remember("account dave");
  EXPECT_EQ(told(world_->finish(panel().renameAccount(actor(), "carol", "dave", {}, Mode::kDo))),
            "already_exists username");
  EXPECT_EQ(panel().account("carol")->state, AccountState::kActive);
}

TEST_P(PanelRenamesTest, ADomainGetsAnotherNameWithItsSettings) {
  EXPECT_EQ(changeDomain("c.example", php("alt-php83")), "ok");
  const std::string id = panel().domain("c.example")->id;
  const auto rename = [&](const std::string& name, bool below = false) {
    return told(
        world_->finish(panel().renameDomain(actor(), "C.example", {name, below}, {}, Mode::kDo)));
  };
  EXPECT_EQ(rename("New.example"), "ok");
  EXPECT_EQ(last(), "site.rename username=carol domain=c.example new=new.example");
  const auto renamed = panel().domain("new.example");
  ASSERT_TRUE(renamed.ok());
  EXPECT_EQ(renamed->id, id);
  EXPECT_EQ(renamed->php, "alt-php83");
  EXPECT_TRUE(renamed->primary);
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 1U);
  EXPECT_EQ(agent().facts().count("site new.example serve carol"), 1U);
}

TEST_P(PanelRenamesTest, SubdomainsAndAliasesMoveAlong) {
  ASSERT_EQ(told(world_->finish(panel().addDomain(actor(), "carol", "s.c.example", Mode::kDo))),
            "ok");
  EXPECT_EQ(alias("www.c.example"), "ok");
  EXPECT_EQ(told(world_->finish(
                panel().renameDomain(actor(), "c.example", {"n.example", true}, {}, Mode::kDo))),
            "ok");
  EXPECT_EQ(last(), "site.apply username=carol domain=n.example alias=www.n.example");
  for (const char* name : {"n.example", "s.n.example", "www.n.example"})
    EXPECT_EQ(panel().domain(name)->state, DomainState::kActive) << name;
  EXPECT_EQ(panel().domain("www.n.example")->targetName, "n.example");
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 3U);
}

TEST_P(PanelRenamesTest, ADomainsRenameThatFailsLeavesTheOldNames) {
  ASSERT_EQ(told(world_->finish(panel().addDomain(actor(), "carol", "s.c.example", Mode::kDo))),
            "ok");
  EXPECT_EQ(alias("www.c.example"), "ok");
  agent().refuse("site.apply username=carol domain=n.example", Code::kInternal, "broken", 1);
  EXPECT_EQ(told(world_->finish(
                panel().renameDomain(actor(), "c.example", {"n.example", true}, {}, Mode::kDo))),
            "failed");
  for (const char* name : {"c.example", "s.c.example", "www.c.example"})
    EXPECT_EQ(panel().domain(name)->state, DomainState::kActive) << name;
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 3U);
  EXPECT_EQ(agent().facts().count("site c.example serve carol"), 1U);
  EXPECT_EQ(agent().facts().count("site s.c.example serve carol"), 1U);
}

TEST_P(PanelRenamesTest, ANewNamePassesTheRulesOfANewDomain) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  EXPECT_EQ(alias("d.example"), "ok");
  const auto rename = [&](const std::string& of, const std::string& name,
                          const Expected& expected = {}) {
    return told(
        world_->finish(panel().renameDomain(actor(), of, {name, false}, expected, Mode::kDo)));
  };
  EXPECT_EQ(rename("c.example", "b.example"), "conflict name");
  EXPECT_EQ(rename("c.example", "x.b.example"), "conflict name");
  EXPECT_EQ(rename("c.example", "d.example"), "already_exists name");
  EXPECT_EQ(rename("c.example", "C.example"), "invalid_argument name");
  EXPECT_EQ(rename("c.example", "*.example"), "invalid_argument domain");
  EXPECT_EQ(rename("d.example", "e.example"), "conflict ");
  EXPECT_EQ(rename("c.example", "e.example", 99), "conflict ");
  EXPECT_EQ(rename("none.example", "e.example"), "not_found ");
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 2U);
}

TEST_P(PanelRenamesTest, NobodyElseGetsANameThatIsOnItsWay) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  agent().beforeCall = [released](const std::string& call) {
    if (call.starts_with("account.rename") || call.starts_with("site.rename")) released.wait();
  };
  const auto first = panel().renameAccount(actor(), "carol", "eva", {}, Mode::kDo);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(
      panel().createAccount(actor(), {"eva", "basic", "e.example", false}, Mode::kDo).error().code,
      Code::kAlreadyExists);
  EXPECT_EQ(panel().renameDomain(actor(), "c.example", {"n.example"}, {}, Mode::kDo).error().code,
            Code::kConflict);  // one at a time
  release.set_value();
  EXPECT_EQ(told(world_->finish(first)), "ok");
}

}  // namespace
}  // namespace bulkhead::api
