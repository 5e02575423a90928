// A panel with a plan, and short words for the people in it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {

class PeopleScene : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<testing::PanelWorld>(GetParam().make());
    world_->addPlan();
  }
  void TearDown() override { world_.reset(); }
  People& people() { return world_->people(); }
  Panel& panel() { return world_->panel(); }
  static Actor actor() { return testing::PanelWorld::actor(); }
  static NewReseller named(const std::string& name) {
    NewReseller wanted;
    wanted.name = name;
    return wanted;
  }
  Reseller addReseller(const std::string& name, std::uint32_t accountsMax = 0) {
    NewReseller wanted = named(name);
    wanted.accountsMax = accountsMax;
    return people().createReseller(actor(), wanted).value();
  }
  Administrator addAdmin(const std::string& name, const std::optional<std::string>& unixUser = {}) {
    NewAdministrator wanted;
    wanted.name = name;
    wanted.passwordHash = "hash";
    wanted.unixUser = unixUser;
    return people().createAdministrator(actor(), wanted).value();
  }
  Result<Job> addAccount(const std::string& name, const std::string& owner) {
    NewAccount wanted{name, "basic", name + ".example", false};
    wanted.owner = owner;
    return world_->finish(panel().createAccount(actor(), wanted, Mode::kDo));
  }
  // "code field" of a refusal, "ok" otherwise.
  template <typename T>
  static std::string told(const Result<T>& result) {
    return result.ok() ? "ok"
                       : std::string(codeName(result.error().code)) + " " + result.error().field;
  }
  std::vector<std::string> kindsOfJobs() {
    std::vector<std::string> kinds;
    const auto page = panel().jobs({});
    for (const auto& job : page->items)
      kinds.push_back(job.kind);
    return kinds;
  }
  std::unique_ptr<testing::PanelWorld> world_;
};

}  // namespace bulkhead::api
