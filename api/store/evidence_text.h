// Evidence as one JSON text, the form in which every store keeps it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "api/usecases/model.h"

namespace bulkhead::api {

std::string printEvidence(const std::vector<StepEvidence>& evidence);
// Empty when the text is not ours: evidence is for people, a damaged one must not stop a job.
std::vector<StepEvidence> parseEvidence(std::string_view text);

}  // namespace bulkhead::api
