#include "api/store/details_text.h"

#include <array>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

struct Text {
  const char* key;
  std::string JobDetails::*member;
};
constexpr std::array kTexts = {Text{"name", &JobDetails::name},
                               Text{"new_name", &JobDetails::newName},
                               Text{"owner", &JobDetails::owner}, Text{"plan", &JobDetails::plan},
                               Text{"unix_user", &JobDetails::unixUser}};
constexpr const char* kIncludeSubdomains = "include_subdomains";

}  // namespace

std::string printDetails(const JobDetails& details) {
  Json object = Json::object();
  for (const Text& text : kTexts)
    if (!(details.*text.member).empty()) object[text.key] = details.*text.member;
  if (details.includeSubdomains) object[kIncludeSubdomains] = true;
  return printJson(object);
}

JobDetails parseDetails(std::string_view text) {
  JobDetails details;
  const auto object = parseJson(text);
  if (!object.ok() || !object->is_object()) return details;
  for (const Text& one : kTexts) {
    const auto found = object->find(one.key);
    if (found != object->end() && found->is_string())
      details.*one.member = found->get<std::string>();
  }
  const auto found = object->find(kIncludeSubdomains);
  details.includeSubdomains = found != object->end() && found->is_boolean() && found->get<bool>();
  return details;
}

}  // namespace bulkhead::api
