// What a repetition finds after the panel died in the middle of the first request: either nothing
// was done, and it is done now, or all of it was, and the answer says what. Never both.
#include <random>
#include <set>
#include <thread>

#include "tests/support/child.h"
#include "tests/support/keyed_life.h"
#include "tests/support/points.h"

namespace bulkhead::api {
namespace {

using testing::inChild;
using testing::KeyedLife;
using Cut = KeyedLife::Cut;

Json json(const HttpResponse& response) {
  return response.body.empty() ? Json() : Json::parse(response.body);
}
std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}
bool isReplay(const HttpResponse& response) {
  return header(response, "Idempotency-Replayed") == "true";
}

struct Step {
  std::string operation;
  Method method;
  std::string path;
  std::string body;
};

// Every change that knows its repetition, in an order in which each of them succeeds.
const std::vector<Step>& steps() {
  static const std::vector<Step> kSteps{
      {"plan.create", Method::kPost, "/plans", R"({"name":"basic"})"},
      {"plan.update", Method::kPatch, "/plans/basic", R"({"tasks":128})"},
      {"reseller.create", Method::kPost, "/resellers", R"({"name":"rita"})"},
      {"reseller.update", Method::kPatch, "/resellers/rita", R"({"name":"ruth"})"},
      {"admin.create", Method::kPost, "/admins",
       R"({"username":"bobby","password":"correct horse battery"})"},
      {"admin.update", Method::kPatch, "/admins/bobby", R"({"email":"b@example.com"})"},
      {"account.create", Method::kPost, "/accounts",
       R"({"username":"alpha","plan":"basic","domain":"alpha.example.com"})"},
      {"account.update", Method::kPatch, "/accounts/alpha", R"({"email":"a@example.com"})"},
      {"account.restored", Method::kPost, "/accounts/alpha/actions/restored", ""},
      {"cloudlinux.publish", Method::kPost, "/cloudlinux/publications", ""},
      {"domain.create", Method::kPost, "/accounts/alpha/domains", R"({"name":"b.example.com"})"},
      {"domain.update", Method::kPatch, "/domains/b.example.com", R"({"primary":true})"},
      {"domain.rename", Method::kPost, "/domains/b.example.com/actions/rename",
       R"({"name":"c.example.com"})"},
      {"domain.delete", Method::kDelete, "/domains/alpha.example.com", ""},
      {"database_user.create", Method::kPost, "/accounts/alpha/database-users",
       R"({"name":"alpha_wp"})"},
      {"database_user.delete", Method::kDelete, "/accounts/alpha/database-users/alpha_wp", ""},
      {"account.suspend", Method::kPost, "/accounts/alpha/actions/suspend", ""},
      {"account.unsuspend", Method::kPost, "/accounts/alpha/actions/unsuspend", ""},
      {"account.rename", Method::kPost, "/accounts/alpha/actions/rename",
       R"({"username":"omega"})"},
      {"account.delete", Method::kDelete, "/accounts/omega", ""},
      {"account.restore", Method::kPost, "/accounts/omega/actions/restore", ""},
      {"account.purge", Method::kPost, "/accounts/omega/actions/purge", ""},
      {"plan.delete", Method::kDelete, "/plans/basic", ""},
      {"reseller.delete", Method::kDelete, "/resellers/ruth", ""},
      {"admin.delete", Method::kDelete, "/admins/bobby", ""},
  };
  return kSteps;
}

class IdempotencyCrashTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override { restart(); }
  void restart() {
    life_.reset();
    life_ = std::make_unique<KeyedLife>(directory_.path(), *place_);
  }
  void end() { life_.reset(); }  // before a child is forked
  void makeMain() {
    const auto code = life_->authority().newBootstrapCode();
    ASSERT_TRUE(code.ok());
    ASSERT_TRUE(std::holds_alternative<Person>(
        life_->authority().bootstrap(code->secret, "alice", "correct horse battery", "local")));
  }
  HttpResponse send(const Step& step, Cut cut = Cut::kNone) {
    return life_->send(step.method, "/api/v1" + step.path, step.body, "key of " + step.operation,
                       cut);
  }
  void expectTheSame(const Step& step, const HttpResponse& first, const HttpResponse& again) {
    // Two databases, and a number that nobody keeps: what was done there cannot be told.
    if (step.operation.starts_with("admin.") || step.operation == "cloudlinux.publish") {
      EXPECT_EQ(again.status, 409) << again.body;
      EXPECT_EQ(json(again)["code"], "idempotency_reply_not_kept");
      return;
    }
    EXPECT_TRUE(isReplay(again)) << again.body;
    EXPECT_EQ(again.status, first.status) << again.body;
    EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    EXPECT_EQ(header(again, "ETag"), header(first, "ETag"));
    if (first.status == 202)  // the job has gone on
      EXPECT_EQ(json(again)["id"], json(first)["id"]);
    else
      EXPECT_EQ(json(again), json(first));
  }
  testing::TempDir directory_;
  const std::unique_ptr<testing::StorePlace> place_ = GetParam().place();
  std::unique_ptr<KeyedLife> life_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         IdempotencyCrashTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(IdempotencyCrashTest, WalksEveryChangeThatKnowsItsRepetition) {
  std::set<std::string> walked;
  for (const auto& step : steps())
    walked.insert(step.operation);
  std::set<std::string> wanted;
  for (const auto& route : life_->routes().routes())
    if (route.replay == Replay::kReply) wanted.insert(route.operation);
  // In the other database; twice or once, it is gone or so.
  for (const char* plain :
       {"token.revoke", "admin.disable", "admin.enable", "second_factor.disable",
        "second_factor.remove", "account.reset_second_factor", "reseller.reset_second_factor",
        "reseller.disable", "reseller.enable"})
    wanted.erase(plain);
  EXPECT_EQ(walked, wanted);
}
TEST_P(IdempotencyCrashTest, DoesEveryChangeOnceHoweverItIsCutOff) {
  makeMain();
  for (const auto& step : steps()) {
    SCOPED_TRACE(step.operation);
    const std::size_t before = life_->jobsOf("");
    const auto none = send(step, Cut::kBefore);
    EXPECT_EQ(none.status, 503) << none.body;
    EXPECT_EQ(life_->jobsOf(""), before);
    restart();
    const auto first = send(step, Cut::kAfter);
    ASSERT_LT(first.status, 300) << first.body;
    EXPECT_FALSE(isReplay(first));
    const std::size_t made = life_->jobsOf("");
    restart();
    expectTheSame(step, first, send(step));
    expectTheSame(step, first, send(step));
    EXPECT_EQ(life_->jobsOf(""), made);
    life_->finishJobs();
  }
}
TEST_P(IdempotencyCrashTest, GivesEveryAnswerAgainAfterARestart) {
  makeMain();
  for (const auto& step : steps()) {
    SCOPED_TRACE(step.operation);
    const auto first = send(step);
    ASSERT_LT(first.status, 300) << first.body;
    life_->finishJobs();
    restart();
    const auto again = send(step);
    EXPECT_TRUE(isReplay(again)) << again.body;
    EXPECT_EQ(again.status, first.status);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    EXPECT_EQ(header(again, "ETag"), header(first, "ETag"));
  }
}
TEST_P(IdempotencyCrashTest, SaysThatWhatItMadeIsGoneSince) {
  const Step& create = steps().front();
  ASSERT_EQ(send(create, Cut::kAfter).status, 201);
  ASSERT_EQ(life_->send(Method::kDelete, "/api/v1/plans/basic").status, 204);
  const auto again = send(create);
  EXPECT_EQ(again.status, 409) << again.body;
  EXPECT_EQ(json(again)["code"], "idempotency_reply_not_kept");
}
TEST_P(IdempotencyCrashTest, GivesAnAdministratorsRefusalAgain) {
  makeMain();
  const Step create{"admin.create", Method::kPost, "/admins",
                    R"({"username":"alice","password":"correct horse battery"})"};
  const auto refused = send(create);
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(json(refused)["code"], "already_exists");
  EXPECT_TRUE(isReplay(send(create)));
}
TEST_P(IdempotencyCrashTest, MakesOneAccountOfFiftyRequestsAtOnce) {
  constexpr int kAtOnce = 50;
  ASSERT_EQ(send(steps().front()).status, 201);
  const Step& create = *std::find_if(steps().begin(), steps().end(), [](const Step& step) {
    return step.operation == "account.create";
  });
  std::atomic<int> made = 0;
  std::atomic<int> told = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i)
    threads.emplace_back([&] {
      const auto response = send(create);
      if (response.status == 202 && !isReplay(response)) ++made;
      if (isReplay(response) || json(response).value("code", "") == "busy") ++told;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(told, kAtOnce - 1);
  EXPECT_EQ(life_->jobsOf("account.create"), 1U);
}
TEST_P(IdempotencyCrashTest, DoesAChangeOnceWhenTheProcessIsKilledBeforeOrAfterIt) {
  const Step create{"account.create", Method::kPost, "/accounts",
                    R"({"username":"alpha","plan":"basic","domain":"alpha.example.com"})"};
  ASSERT_EQ(send(steps().front()).status, 201);
  end();
  const auto die = [&](Cut cut) {
    const int status = inChild([&] {
      restart();
      (void)send(create, cut);
    });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    testing::notePoints();
  };
  die(Cut::kKillBefore);
  die(Cut::kKillAfter);
  EXPECT_EQ(inChild([&] {
              restart();
              const auto again = send(create);
              EXPECT_TRUE(isReplay(again)) << again.body;
              EXPECT_EQ(again.status, 202) << again.body;
              EXPECT_EQ(life_->jobsOf("account.create"), 1U);
              life_->finishJobs();
              end();
            }),
            0);
}
TEST_P(IdempotencyCrashTest, ThirtyKillsAtRandomInstantsMakeNothingTwice) {
  std::mt19937 random(7);  // the instants differ anyway: the machine is not that regular
  ASSERT_EQ(send(steps().front()).status, 201);
  end();
  for (int round = 0; round < 30; ++round) {
    const std::string name = "user" + std::to_string(round);
    const Step create{
        name, Method::kPost, "/accounts",
        R"({"username":")" + name + R"(","plan":"basic","domain":")" + name + R"(.example.com"})"};
    const auto lifeTime =
        std::chrono::microseconds(std::uniform_int_distribution<int>(1000, 60000)(random));
    (void)inChild(
        [&] {
          restart();
          (void)send(create);
          ::pause();
        },
        lifeTime);
    EXPECT_EQ(inChild([&] {
                restart();
                const auto again = send(create);
                EXPECT_EQ(again.status, 202) << again.body;  // never "already exists"
                EXPECT_EQ(life_->jobsOf("account.create"), static_cast<std::size_t>(round) + 1);
                end();
              }),
              0)
        << "in round " << round;
  }
}

}  // namespace
}  // namespace bulkhead::api
