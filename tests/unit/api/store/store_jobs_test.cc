// The same suite for every store: jobs, their steps and what is left of them after a restart.
#include <gtest/gtest.h>

#include "tests/support/store_fixture.h"

namespace bulkhead::api {
namespace {

class StoreJobsTest : public StoreFixture {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         StoreJobsTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(StoreJobsTest, KeepsAJobWithStepsEvidenceAndProblem) {
  JobRecord record = job("1", "alice");
  ASSERT_TRUE(write([&](Tables& t) { return t.jobs().add(record); }).ok());
  record.job.state = JobState::kUndoing;
  record.job.problem = Error{Code::kTimeout, "too \"slow\"\n", "x"};
  JobStep& step = record.job.steps[1];
  step.state = StepState::kSucceeded;
  step.startedAt = 5;
  step.endedAt = 9;
  step.externalMicros = 77;
  step.evidence = {{"http probe", "200 \xc3\xa4\t|,"}, {"", ""}};
  record.extras[1].undo = UndoState::kFailed;
  ASSERT_TRUE(write([&](Tables& t) -> Result<Ok> {
                TRY(t.jobs().saveState(record.job));
                return t.jobs().saveStep(record, 1);
              }).ok());
  under_->reopen();
  auto found = store().read([](const Tables& t) { return t.jobs().find("job_1"); });
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->job.kind, "account.create");
  EXPECT_EQ(found->job.state, JobState::kUndoing);
  EXPECT_EQ(found->job.problem->code, Code::kTimeout);
  EXPECT_EQ(found->job.problem->message, "too \"slow\"\n");
  EXPECT_EQ(found->username, "alice");
  EXPECT_EQ(found->domainId, "dom_x");
  EXPECT_EQ(found->requestId, "01REQ");
  EXPECT_EQ(found->traceparent, "00-trace");
  ASSERT_EQ(found->job.steps.size(), 2U);
  EXPECT_EQ(found->job.steps[0].state, StepState::kPending);
  EXPECT_EQ(found->job.steps[1].state, StepState::kSucceeded);
  EXPECT_EQ(found->job.steps[1].externalMicros, 77U);
  ASSERT_EQ(found->job.steps[1].evidence.size(), 2U);
  EXPECT_EQ(found->job.steps[1].evidence[0].detail, "200 \xc3\xa4\t|,");
  EXPECT_EQ(found->extras[1].subject, "a.example");
  EXPECT_EQ(found->extras[1].undo, UndoState::kFailed);
  record.job.problem.reset();
  ASSERT_TRUE(write([&](Tables& t) { return t.jobs().saveState(record.job); }).ok());
  EXPECT_FALSE(store()
                   .read([](const Tables& t) { return t.jobs().find("job_1"); })
                   ->job.problem.has_value());
}

TEST_P(StoreJobsTest, KnowsUnfinishedJobsOldestFirstAndListsNewestFirst) {
  for (int i = 1; i <= 3; ++i)
    ASSERT_TRUE(write([&](Tables& t) {
                  return t.jobs().add(job(std::to_string(i), i == 2 ? "bob" : "alice", i));
                }).ok());
  auto ended = job("1", "alice").job;
  ended.state = JobState::kSucceeded;
  ended.endedAt = 50;
  ASSERT_TRUE(write([&](Tables& t) { return t.jobs().saveState(ended); }).ok());
  auto open = store().read([](const Tables& t) { return t.jobs().unfinished(); });
  ASSERT_EQ(open->size(), 2U);
  EXPECT_EQ(open->at(0).id, "job_2");
  EXPECT_EQ(open->at(1).id, "job_3");
  auto mine = store().read([](const Tables& t) { return t.jobs().unfinishedOf("acc_alice"); });
  ASSERT_EQ(mine->size(), 1U);
  EXPECT_EQ(mine->at(0).kind, "account.create");
  auto page = store().read([](const Tables& t) { return t.jobs().list({"", 2}); });
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->items[0].id, "job_3");
  EXPECT_EQ(page->items[0].steps.size(), 2U);
  page = store().read([&](const Tables& t) { return t.jobs().list({page->nextCursor, 2}); });
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].id, "job_1");
  EXPECT_EQ(store().read([](const Tables& t) { return t.jobs().find("job_9"); }).error().code,
            Code::kNotFound);
}

TEST_P(StoreJobsTest, AJobRemembersWhatItWasAskedFor) {
  JobRecord record = job("1", "alice");
  ASSERT_TRUE(write([&](Tables& t) { return t.jobs().add(record); }).ok());
  record = job("2", "alice");
  record.details = {"old \"name\"", "new", "rita", "large", "opsadm", true};
  ASSERT_TRUE(write([&](Tables& t) { return t.jobs().add(record); }).ok());
  under_->reopen();
  const auto details = [&](const char* id) {
    return store().read([&](const Tables& t) { return t.jobs().find(id); })->details;
  };
  EXPECT_EQ(details("job_1"), JobDetails{});
  EXPECT_EQ(details("job_2"), record.details);
}

TEST_P(StoreJobsTest, ForgetsTheOldestThatEndedAndNoOther) {
  for (int i = 1; i <= 4; ++i)
    ASSERT_TRUE(write([&](Tables& t) {
                  JobRecord record = job(std::to_string(i), "alice", i);
                  record.job.endedAt = i == 2 ? 0 : i + 10;  // the second still runs
                  return t.jobs().add(record);
                }).ok());
  const auto left = [&] {
    std::string ids;
    const auto page = store().read([](const Tables& t) { return t.jobs().list({}); });
    for (const auto& one : page->items)
      ids += one.id;
    return ids;
  };
  ASSERT_TRUE(write([](Tables& t) { return t.jobs().forgetEnded(13, 1); }).ok());
  EXPECT_EQ(left(), "job_4job_3job_2");
  ASSERT_TRUE(write([](Tables& t) { return t.jobs().forgetEnded(13, 10); }).ok());
  EXPECT_EQ(left(), "job_4job_3job_2");  // the third ended at 13, not before
  ASSERT_TRUE(write([](Tables& t) { return t.jobs().forgetEnded(14, 10); }).ok());
  EXPECT_EQ(left(), "job_4job_2");
}

}  // namespace
}  // namespace bulkhead::api
