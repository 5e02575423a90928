// What a second request with the same key finds, at each point at which the first one can have
// ended.
#include "api/usecases/repeats.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/store_kinds.h"

namespace bulkhead::api {
namespace {

using Found = Repeats::Found;
using Ending = Repeats::Ending;
constexpr std::int64_t kHour = 3600;

class RepeatsTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    under_ = GetParam().make();
    restart();
  }
  // What was only in memory is gone.
  void restart() {
    repeats_.reset();
    under_->reopen();
    repeats_ = std::make_unique<Repeats>(under_->store(), clock_);
  }
  Repeats::Begun begin(const std::string& id = "k1", const std::string& request = "this") {
    auto begun = repeats_->begin({id, "adm_a", request});
    EXPECT_TRUE(begun.ok());
    return begun.ok() ? *begun : Repeats::Begun{Found::kOther};
  }
  Found found(const std::string& request = "this") { return begin("k1", request).found; }
  void end(Ending ending, const KeptReply& reply = {}) {
    EXPECT_TRUE(repeats_->end("k1", ending, reply).ok());
    repeats_->leave("k1");
  }
  void done(const std::string& reference) {
    const Actor actor{"admin:a", "01REQ", "", "k1"};
    EXPECT_TRUE(
        under_->store().write([&](Tables& t) { return noteDone(t, actor, reference); }).ok());
  }
  void begun() {
    const Actor actor{"admin:a", "01REQ", "", "k1"};
    EXPECT_TRUE(under_->store().write([&](Tables& t) { return noteBegun(t, actor); }).ok());
  }
  test::ManualClock clock_;
  std::unique_ptr<testing::StoreUnderTest> under_;
  std::unique_ptr<Repeats> repeats_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         RepeatsTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(RepeatsTest, FindsTheFirstRunningUntilItLeaves) {
  EXPECT_EQ(found(), Found::kNew);
  EXPECT_EQ(begin().reference, "");
  EXPECT_EQ(found(), Found::kRunning);
  done("job_1");
  EXPECT_EQ(found(), Found::kRunning);
  EXPECT_EQ(begin().reference, "job_1");
}
TEST_P(RepeatsTest, FindsAnotherRequestWhileItRunsAndAfter) {
  EXPECT_EQ(found(), Found::kNew);
  EXPECT_EQ(found("that"), Found::kOther);
  end(Ending::kFinal, {200, "", "", "x"});
  EXPECT_EQ(found("that"), Found::kOther);
  restart();
  EXPECT_EQ(found("that"), Found::kOther);
}
TEST_P(RepeatsTest, FindsTheReplyAlsoAfterARestart) {
  const KeptReply reply{201, "/x/1", "\"r1\"", "{}"};
  EXPECT_EQ(found(), Found::kNew);
  end(Ending::kFinal, reply);
  EXPECT_EQ(begin().reply, reply);
  restart();
  EXPECT_EQ(found(), Found::kAnswered);
  EXPECT_EQ(begin().reply, reply);
}
TEST_P(RepeatsTest, FindsNoSecret) {
  EXPECT_EQ(found(), Found::kNew);
  end(Ending::kSecret, {201, "/x/1", "", "the secret"});
  EXPECT_EQ(found(), Found::kWithheld);
  const auto key =
      under_->store().read([](const Tables& t) { return t.requestKeys().find("k1"); }).value();
  EXPECT_EQ(key->reply.body, "");
}
TEST_P(RepeatsTest, RunsAgainWhatFailedAndLeftNothing) {
  EXPECT_EQ(found(), Found::kNew);
  end(Ending::kFailed);
  EXPECT_EQ(found("that"), Found::kNew);
}
TEST_P(RepeatsTest, NeverRunsAgainWhatWasDoneBeforeItFailed) {
  EXPECT_EQ(found(), Found::kNew);
  done("pln_1");
  end(Ending::kFailed);
  EXPECT_EQ(found(), Found::kDone);
  EXPECT_EQ(begin().reference, "pln_1");
}
TEST_P(RepeatsTest, RunsAgainWhatWasTakenBack) {
  EXPECT_EQ(found(), Found::kNew);
  done("job_1");
  end(Ending::kUndone);
  EXPECT_EQ(found(), Found::kNew);
}
TEST_P(RepeatsTest, RunsAgainWhatACrashKeptFromHappening) {
  EXPECT_EQ(found(), Found::kNew);
  restart();
  EXPECT_EQ(found(), Found::kNew);
  EXPECT_EQ(found(), Found::kRunning);
}
TEST_P(RepeatsTest, KnowsWhatWasDoneBeforeACrash) {
  EXPECT_EQ(found(), Found::kNew);
  done("job_1");
  restart();
  EXPECT_EQ(found(), Found::kDone);
  EXPECT_EQ(begin().reference, "job_1");
}
TEST_P(RepeatsTest, SaysWhenACrashLeftItOpen) {
  EXPECT_EQ(found(), Found::kNew);
  begun();
  restart();
  EXPECT_EQ(found(), Found::kUnclear);
}
TEST_P(RepeatsTest, KeepsNoReplyThatIsTooLarge) {
  const KeptReply large{200, "", "", std::string(kReplyBytesMax + 1, 'x')};
  EXPECT_EQ(found(), Found::kNew);
  end(Ending::kFinal, large);
  EXPECT_EQ(found(), Found::kNew);
  done("job_1");
  end(Ending::kFinal, large);
  EXPECT_EQ(found(), Found::kDone);
}
TEST_P(RepeatsTest, ForgetsAfterTwoDays) {
  EXPECT_EQ(found(), Found::kNew);
  end(Ending::kFinal, {200, "", "", "x"});
  clock_.advance(48 * kHour - 1);
  EXPECT_EQ(found(), Found::kAnswered);
  clock_.advance(1);
  EXPECT_EQ(found("that"), Found::kNew);
}
TEST_P(RepeatsTest, TakesOldKeysAwayAsNewOnesCome) {
  for (std::uint32_t i = 0; i < 2 * kKeysForgottenAtOnce; ++i) {
    const std::string id = "old" + std::to_string(i);
    EXPECT_EQ(begin(id).found, Found::kNew);
    repeats_->leave(id);
  }
  clock_.advance(49 * kHour);
  const auto count = [&] {
    return under_->store()
        .read([](const Tables& t) { return t.requestKeys().countOf("adm_a"); })
        .value();
  };
  EXPECT_EQ(begin("new1").found, Found::kNew);
  EXPECT_EQ(count(), kKeysForgottenAtOnce + 1);
  EXPECT_EQ(begin("new2").found, Found::kNew);
  EXPECT_EQ(count(), 2U);
}

}  // namespace
}  // namespace bulkhead::api
