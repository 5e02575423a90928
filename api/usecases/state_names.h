// The one spelling of each state, as stores, REST and CLI print it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/usecases/model.h"

namespace bulkhead::api {

std::string_view stateName(AccountState state);
std::string_view stateName(DomainState state);
std::string_view kindName(DomainKind kind);
std::string_view stateName(StepState state);
std::string_view stateName(JobState state);

std::vector<std::string> accountStateNames();  // all of them
std::string_view featureName(Feature feature);
std::vector<Feature> allFeatures();

// Empty for a name that is not in the list.
template <typename State>
std::optional<State> stateFromName(std::string_view name);
template <>
std::optional<AccountState> stateFromName<AccountState>(std::string_view name);
template <>
std::optional<DomainState> stateFromName<DomainState>(std::string_view name);
template <>
std::optional<DomainKind> stateFromName<DomainKind>(std::string_view name);
template <>
std::optional<StepState> stateFromName<StepState>(std::string_view name);
template <>
std::optional<JobState> stateFromName<JobState>(std::string_view name);

}  // namespace bulkhead::api
