// What a job was asked for as one JSON text, the form in which every store keeps it.
#pragma once
#include <string>
#include <string_view>

#include "api/store/store.h"

namespace bulkhead::api {

std::string printDetails(const JobDetails& details);  // only what is there
// What is missing or not ours reads as nothing: another version may have written it.
JobDetails parseDetails(std::string_view text);

}  // namespace bulkhead::api
