// PanelWorld: a whole panel on a store under test and a scripted agent, with everything wired as in
// the real process but fast.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "api/jobs/runner.h"
#include "api/usecases/panel_impl.h"
#include "api/usecases/people.h"
#include "common/core/clock.h"
#include "tests/support/fake_admins.h"
#include "tests/support/mock_agent.h"
#include "tests/support/store_kinds.h"

namespace bulkhead::testing {

// The time of the machine, and as much later as the test likes.
class LaterClock final : public Clock {
 public:
  std::int64_t nowMicros() const override { return real_.nowMicros() + later_; }
  void advance(std::chrono::microseconds by) { later_ += by.count(); }

 private:
  SystemClock real_;
  std::atomic<std::int64_t> later_ = 0;
};

class PanelWorld {
 public:
  explicit PanelWorld(std::unique_ptr<StoreUnderTest> under) : under_(std::move(under)) { start(); }
  ~PanelWorld() { runner_->stop(); }
  PanelWorld(const PanelWorld&) = delete;
  PanelWorld& operator=(const PanelWorld&) = delete;

  api::Panel& panel() { return *panel_; }
  api::Store& store() { return under_->store(); }
  api::People& people() { return *people_; }
  FakeAdmins& admins() { return admins_; }
  MockAgent& agent() { return agent_; }
  api::JobRunner& runner() { return *runner_; }
  LaterClock& clock() { return clock_; }
  // As after a restart of the API: what was only in memory is gone.
  void restart() {
    runner_->stop();
    under_->reopen();
    start();
  }

  static api::Actor actor() { return {"admin:alice", "01REQUEST", "00-trace"}; }
  static api::PlanLimits limits() { return {200, 512ULL << 20U, 300, 1ULL << 30U, 50000, 3}; }
  std::string addPlan(const std::string& name = "basic") {
    return panel_->createPlan(actor(), name, limits()).value().id;
  }
  // The job of a change, after it has ended (or 10 s).
  Result<api::Job> finish(const Result<api::JobOrPreview>& started) {
    if (!started.ok()) return started.error();
    return panel_->waitForJob(std::get<api::Job>(*started).id, std::chrono::seconds(10));
  }
  std::atomic<bool> lockedDown = false;
  Result<api::Job> create(const std::string& username,
                          const std::string& domain,
                          bool previewPort = false) {
    return finish(
        panel_->createAccount(actor(), {username, "basic", domain, previewPort}, api::Mode::kDo));
  }

 private:
  void start() {
    api::JobRunner::Options options;
    options.pace = {std::chrono::milliseconds(5),
                    std::chrono::milliseconds(20),
                    std::chrono::milliseconds(150),
                    std::chrono::milliseconds(400),
                    std::chrono::milliseconds(20),
                    std::chrono::milliseconds(60),
                    4,
                    4,
                    std::chrono::milliseconds(5)};
    panel_.reset();
    people_.reset();
    owners_ = std::make_unique<api::Owners>(admins_);
    options.surroundings.worksAnAdministratorAs = [this](const std::string& unixUser) {
      return owners_->worksAnAdministratorAs(unixUser);
    };
    options.surroundings.isLockedDown = [this] { return lockedDown.load(); };
    runner_ = std::make_unique<api::JobRunner>(under_->store(), agent_, clock_, options);
    (void)runner_->start();  // ignoring: a store that cannot be read fails the test that uses it
    panel_ = api::makePanel(under_->store(), agent_, *runner_, *owners_, clock_);
    people_ = api::makePeople(under_->store(), *owners_, *runner_, clock_);
  }

  std::unique_ptr<StoreUnderTest> under_;
  MockAgent agent_;
  LaterClock clock_;
  std::unique_ptr<api::JobRunner> runner_;
  FakeAdmins admins_;
  std::unique_ptr<api::Owners> owners_;
  std::unique_ptr<api::Panel> panel_;
  std::unique_ptr<api::People> people_;
};

}  // namespace bulkhead::testing
