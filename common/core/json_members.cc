#include "common/core/json_members.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace bulkhead {

const Json* memberAt(const Json& value, std::initializer_list<std::string_view> keys) {
  const Json* at = &value;
  for (const auto key : keys) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(std::string(key));
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::string textAt(const Json& value, std::initializer_list<std::string_view> keys) {
  const auto* found = memberAt(value, keys);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

std::optional<bool> flagAt(const Json& value, std::initializer_list<std::string_view> keys) {
  const auto* found = memberAt(value, keys);
  if (found == nullptr || !found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

std::uint64_t numberAt(const Json& value, std::initializer_list<std::string_view> keys) {
  const auto* found = memberAt(value, keys);
  if (found == nullptr || !found->is_number_integer()) return 0;
  if (found->is_number_unsigned()) return found->get<std::uint64_t>();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(found->get<std::int64_t>(), 0));
}

}  // namespace bulkhead
