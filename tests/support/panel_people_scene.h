// A panel with one account, and the changes that its owners ask for, told in one word.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {

class PanelPeopleScene : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<testing::PanelWorld>(GetParam().make());
    world_->addPlan();
    ASSERT_EQ(world_->create("carol", "c.example")->state, JobState::kSucceeded);
  }
  void TearDown() override { world_.reset(); }
  Panel& panel() { return world_->panel(); }
  testing::MockAgent& agent() { return world_->agent(); }
  static Actor actor() { return testing::PanelWorld::actor(); }
  void addReseller(const std::string& name, std::uint32_t accountsMax = 0) {
    NewReseller wanted;
    wanted.name = name;
    wanted.accountsMax = accountsMax;
    ASSERT_TRUE(world_->people().createReseller(actor(), wanted).ok());
  }
  std::string change(const AccountChange& wanted, const Expected& expected = {}) {
    return told(
        world_->finish(panel().changeAccount(actor(), "carol", wanted, expected, Mode::kDo)));
  }
  std::string alias(const std::string& name,
                    const std::string& target = "c.example",
                    const std::string& account = "carol") {
    return told(world_->finish(panel().addAlias(actor(), account, name, target, Mode::kDo)));
  }
  std::string changeDomain(const std::string& name,
                           const DomainChange& wanted,
                           const Expected& expected = {}) {
    return told(world_->finish(panel().changeDomain(actor(), name, wanted, expected, Mode::kDo)));
  }
  static DomainChange primary() { return {{}, true}; }
  static DomainChange php(const std::optional<std::string>& identifier) {
    DomainChange wanted;
    wanted.php = identifier;
    return wanted;
  }
  std::string told(const Result<Job>& job) {
    if (!job.ok()) return std::string(codeName(job.error().code)) + " " + job.error().field;
    return job->state == JobState::kSucceeded ? "ok" : "failed";
  }
  std::string last() { return agent().calls().back(); }
  std::unique_ptr<testing::PanelWorld> world_;
};

}  // namespace bulkhead::api
