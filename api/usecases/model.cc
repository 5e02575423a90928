#include "api/usecases/model.h"

#include <algorithm>
#include <array>
#include <span>

#include "api/usecases/state_names.h"

namespace bulkhead::api {
namespace {

template <typename State>
struct Named {
  State state;
  std::string_view name;
};
template <typename State>
Named(State, std::string_view) -> Named<State>;  // clang 14, of the fuzz preset, needs it said
constexpr std::array kAccountStates = {
    Named{AccountState::kCreating, "creating"},   Named{AccountState::kActive, "active"},
    Named{AccountState::kSuspended, "suspended"}, Named{AccountState::kDeleting, "deleting"},
    Named{AccountState::kFailed, "failed"},       Named{AccountState::kDeleted, "deleted"}};
constexpr std::array kDomainStates = {Named{DomainState::kPending, "pending"},
                                      Named{DomainState::kActive, "active"},
                                      Named{DomainState::kRemoving, "removing"}};
constexpr std::array kDomainKinds = {Named{DomainKind::kSite, "site"},
                                     Named{DomainKind::kAlias, "alias"}};
constexpr std::array kStepStates = {
    Named{StepState::kPending, "pending"},     Named{StepState::kRunning, "running"},
    Named{StepState::kSucceeded, "succeeded"}, Named{StepState::kFailed, "failed"},
    Named{StepState::kUndone, "undone"},       Named{StepState::kSkipped, "skipped"}};
constexpr std::array kJobStates = {
    Named{JobState::kQueued, "queued"},   Named{JobState::kRunning, "running"},
    Named{JobState::kUndoing, "undoing"}, Named{JobState::kSucceeded, "succeeded"},
    Named{JobState::kFailed, "failed"},   Named{JobState::kRolledBack, "rolled_back"}};

constexpr std::array kFeatures = {
    Named{Feature::kAliases, "aliases"}, Named{Feature::kDatabaseUsers, "database_users"},
    Named{Feature::kPhp, "php"}, Named{Feature::kPreviewPort, "preview_port"}};

template <typename State, std::size_t N>
std::string_view nameOf(State state, const std::array<Named<State>, N>& all) {
  for (const auto& entry : all)
    if (entry.state == state) return entry.name;
  return "unknown";
}
template <typename State, std::size_t N>
std::optional<State> stateOf(std::string_view name, const std::array<Named<State>, N>& all) {
  for (const auto& entry : all)
    if (entry.name == name) return entry.state;
  return std::nullopt;
}

}  // namespace

std::string_view stateName(AccountState state) { return nameOf(state, kAccountStates); }
std::string_view stateName(DomainState state) { return nameOf(state, kDomainStates); }
std::string_view kindName(DomainKind kind) { return nameOf(kind, kDomainKinds); }
std::string_view stateName(StepState state) { return nameOf(state, kStepStates); }
std::string_view stateName(JobState state) { return nameOf(state, kJobStates); }

std::vector<std::string> accountStateNames() {
  std::vector<std::string> names;
  for (const auto& entry : kAccountStates)
    names.emplace_back(entry.name);
  return names;
}
std::string_view featureName(Feature feature) { return nameOf(feature, kFeatures); }
std::vector<Feature> allFeatures() {
  std::vector<Feature> all;
  for (const auto& entry : kFeatures)
    all.push_back(entry.state);
  return all;
}

template <>
std::optional<AccountState> stateFromName<AccountState>(std::string_view name) {
  return stateOf(name, kAccountStates);
}
template <>
std::optional<DomainState> stateFromName<DomainState>(std::string_view name) {
  return stateOf(name, kDomainStates);
}
template <>
std::optional<DomainKind> stateFromName<DomainKind>(std::string_view name) {
  return stateOf(name, kDomainKinds);
}
template <>
std::optional<StepState> stateFromName<StepState>(std::string_view name) {
  return stateOf(name, kStepStates);
}
template <>
std::optional<JobState> stateFromName<JobState>(std::string_view name) {
  return stateOf(name, kJobStates);
}

std::uint32_t Job::progressPercent() const {
  if (parts.total > 0)
    return static_cast<std::uint32_t>(std::uint64_t{parts.ended} * 100 / parts.total);
  if (steps.empty()) return ended() ? 100 : 0;
  const auto finished = std::count_if(steps.begin(), steps.end(), [](const JobStep& step) {
    return step.state != StepState::kPending && step.state != StepState::kRunning;
  });
  return static_cast<std::uint32_t>(static_cast<std::size_t>(finished) * 100 / steps.size());
}

}  // namespace bulkhead::api
