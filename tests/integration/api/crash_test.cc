// kill -9 of the panel at every boundary of a step, and at random instants: after the next start
// each job ends, and each account is either wholly there or wholly gone. The agent's machine is a
// directory of facts that outlives the killed process.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "api/usecases/panel_impl.h"
#include "tests/support/child.h"
#include "tests/support/fake_admins.h"
#include "tests/support/mock_agent.h"
#include "tests/support/points.h"
#include "tests/support/store_kinds.h"

namespace bulkhead::api {
namespace {

using testing::inChild;
using testing::MockAgent;
const Actor kActor{"admin:a", "01REQ", ""};

// One life of the panel process, on files that stay.
struct Life {
  Life(const std::string& directory, testing::StorePlace& place)
      : agent(directory + "/host"), store(place.open()) {
    JobRunner::Options options;
    options.pace = {std::chrono::milliseconds(1), std::chrono::milliseconds(5),
                    std::chrono::milliseconds(20), std::chrono::milliseconds(50)};
    runner = std::make_unique<JobRunner>(*store, agent, clock, options);
    panel = makePanel(*store, agent, *runner, owners, clock);
  }
  void finishAll() {
    const auto page = panel->jobs({"", 200});
    for (const auto& job : page->items)
      (void)panel->waitForJob(job.id, std::chrono::seconds(10));
  }
  MockAgent agent;
  testing::FakeAdmins admins;
  Owners owners{admins};
  SystemClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<JobRunner> runner;
  std::unique_ptr<Panel> panel;
};

// What must hold after everything has come to rest.
void expectWholeOrGone(Life& life) {
  std::set<std::string> expected;
  const auto accounts = life.panel->accounts({"", 200});
  for (const auto& account : accounts->items) {
    const std::string& name = account.username;
    EXPECT_EQ(account.state, AccountState::kActive) << name;
    EXPECT_NE(account.uid, 0U) << name;
    for (const char* what : {"account ", "engine ", "service ", "quota "})
      expected.insert(what + name);
    const auto domains = life.panel->domains(name, {});
    for (const auto& domain : domains->items) {
      EXPECT_EQ(domain.state, DomainState::kActive) << domain.name;
      expected.insert("site " + domain.name + " serve " + name);
    }
  }
  EXPECT_EQ(life.agent.facts(), expected);
  const auto jobs = life.panel->jobs({"", 200});
  for (const auto& job : jobs->items)
    EXPECT_TRUE(job.state == JobState::kSucceeded || job.state == JobState::kRolledBack)
        << job.id << " " << job.kind << " " << static_cast<int>(job.state);
}

class CrashTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void prepare() {
    directory_ = std::make_unique<testing::TempDir>();
    place_ = GetParam().place();
    std::filesystem::create_directory(path() + "/host");
  }
  const std::string& path() const { return directory_->path(); }
  // The next life: everything unfinished is picked up, ends, and is consistent.
  void resume(const std::string& where) {
    const int status = inChild([&] {
      Life life(path(), *place_);
      ASSERT_TRUE(life.runner->start().ok());
      life.finishAll();
      expectWholeOrGone(life);
      life.runner->stop();
    });
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "killed " << where;
  }
  // Kills itself at the n-th moment (before the call of a step, after it, and so on); false when
  // there were fewer moments.
  bool dieAtMoment(int moment, const std::function<void(Life&)>& work) {
    const int status = inChild([&] {
      Life life(path(), *place_);
      std::atomic<int> moments = 0;
      const auto tick = [&](const std::string&) {
        if (moments++ == moment) ::kill(::getpid(), SIGKILL);
      };
      ASSERT_TRUE(life.runner->start().ok());
      life.agent.beforeCall = tick;
      life.agent.afterCall = tick;
      work(life);
      life.finishAll();
      life.runner->stop();
    });
    const bool died = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    testing::notePoints(died ? 1 : 0);
    return died;
  }
  std::unique_ptr<testing::TempDir> directory_;
  std::unique_ptr<testing::StorePlace> place_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         CrashTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

void createAlice(Life& life) {
  ASSERT_TRUE(life.panel->createPlan(kActor, "basic", {}).ok());
  auto made = life.panel->createAccount(kActor, {"alice", "basic", "a.example", false}, Mode::kDo);
  ASSERT_TRUE(made.ok());
}

TEST_P(CrashTest, CreationSurvivesAKillAtEveryBoundary) {
  int moment = 0;
  while (true) {
    prepare();
    if (!dieAtMoment(moment, createAlice)) break;
    resume("at moment " + std::to_string(moment++));
  }
  EXPECT_EQ(moment, 10);  // before and after each of five steps
}

TEST_P(CrashTest, UndoingSurvivesAKillAtEveryBoundary) {
  int moment = 0;
  while (true) {
    prepare();
    const bool died = dieAtMoment(moment, [](Life& life) {
      life.agent.refuse("site.apply", Code::kInternal);
      createAlice(life);
    });
    if (!died) break;
    // The next life's agent does not refuse: a step that had been refused may succeed now, an undo
    // goes on.
    resume("at moment " + std::to_string(moment++));
  }
  EXPECT_GE(moment, 15);
}

TEST_P(CrashTest, DeletionSurvivesAKillAtEveryBoundary) {
  int moment = 0;
  while (true) {
    prepare();
    ASSERT_EQ(inChild([&] {
                Life life(path(), *place_);
                ASSERT_TRUE(life.runner->start().ok());
                createAlice(life);
                life.finishAll();
                life.runner->stop();
              }),
              0);
    const bool died = dieAtMoment(moment, [](Life& life) {
      ASSERT_TRUE(life.panel->purgeAccount(kActor, "alice", Mode::kDo).ok());
    });
    if (!died) break;
    resume("at moment " + std::to_string(moment++));
  }
  EXPECT_EQ(moment, 6);
}

TEST_P(CrashTest, FortyKillsAtRandomInstantsLoseNothing) {
  std::mt19937 random(7);  // the instants differ anyway: the machine is not that regular
  prepare();
  ASSERT_EQ(inChild([&] {
              Life life(path(), *place_);
              ASSERT_TRUE(life.panel->createPlan(kActor, "basic", {}).ok());
            }),
            0);
  for (int round = 0; round < 40; ++round) {
    const auto lifeTime =
        std::chrono::microseconds(std::uniform_int_distribution<int>(3000, 60000)(random));
    const int status = inChild(
        [&] {
          Life life(path(), *place_);
          life.agent.beforeCall = [](const std::string&) {
            std::this_thread::sleep_for(std::chrono::microseconds(500));
          };
          (void)life.runner->start();
          for (int i = 0;; ++i) {
            const std::string name = "u" + std::to_string(round) + "x" + std::to_string(i);
            auto made = life.panel->createAccount(kActor, {name, "basic", name + ".example", false},
                                                  Mode::kDo);
            if (i % 3 == 0 && made.ok()) {
              (void)life.panel->waitForJob(std::get<Job>(*made).id, std::chrono::seconds(1));
              (void)life.panel->purgeAccount(kActor, name, Mode::kDo);
            }
          }
        },
        lifeTime);
    ASSERT_TRUE(WIFSIGNALED(status));
    if (round % 8 == 7) resume("in round " + std::to_string(round));
  }
}

}  // namespace
}  // namespace bulkhead::api
