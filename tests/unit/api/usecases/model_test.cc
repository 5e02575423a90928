#include "api/usecases/model.h"

#include <gtest/gtest.h>

#include "api/usecases/state_names.h"

namespace bulkhead::api {
namespace {

TEST(Job, ProgressCountsStepsThatAreOver) {
  Job job;
  EXPECT_EQ(job.progressPercent(), 0U);
  job.steps.resize(4);
  EXPECT_EQ(job.progressPercent(), 0U);
  job.steps[0].state = StepState::kSucceeded;
  job.steps[1].state = StepState::kSkipped;
  job.steps[2].state = StepState::kRunning;
  EXPECT_EQ(job.progressPercent(), 50U);
  job.steps[2].state = job.steps[3].state = StepState::kSucceeded;
  EXPECT_EQ(job.progressPercent(), 100U);
}

TEST(StateNames, EveryStateReadsBackAsItself) {
  for (auto state : {JobState::kQueued, JobState::kRunning, JobState::kUndoing,
                     JobState::kSucceeded, JobState::kFailed, JobState::kRolledBack})
    EXPECT_EQ(stateFromName<JobState>(stateName(state)), state);
  for (auto state : {StepState::kPending, StepState::kRunning, StepState::kSucceeded,
                     StepState::kFailed, StepState::kUndone, StepState::kSkipped})
    EXPECT_EQ(stateFromName<StepState>(stateName(state)), state);
  for (auto state : {AccountState::kCreating, AccountState::kActive, AccountState::kSuspended,
                     AccountState::kDeleting, AccountState::kFailed})
    EXPECT_EQ(stateFromName<AccountState>(stateName(state)), state);
  for (auto state : {DomainState::kPending, DomainState::kActive, DomainState::kRemoving})
    EXPECT_EQ(stateFromName<DomainState>(stateName(state)), state);
}

TEST(StateNames, AnUnknownNameIsNoState) {
  EXPECT_FALSE(stateFromName<JobState>("done").has_value());
  EXPECT_FALSE(stateFromName<AccountState>("").has_value());
}

}  // namespace
}  // namespace bulkhead::api
