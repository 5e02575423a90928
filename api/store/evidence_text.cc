#include "api/store/evidence_text.h"

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::string printEvidence(const std::vector<StepEvidence>& evidence) {
  Json list = Json::array();
  for (const auto& fact : evidence)
    list.push_back(Json::array({fact.check, fact.detail}));
  return printJson(list);
}

std::vector<StepEvidence> parseEvidence(std::string_view text) {
  std::vector<StepEvidence> evidence;
  const auto list = parseJson(text);
  if (!list.ok() || !list->is_array()) return evidence;
  for (const auto& fact : *list)
    if (fact.is_array() && fact.size() == 2 && fact[0].is_string() && fact[1].is_string())
      evidence.push_back({fact[0].get<std::string>(), fact[1].get<std::string>()});
  return evidence;
}

}  // namespace bulkhead::api
