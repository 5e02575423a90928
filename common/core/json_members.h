// Reads members of a value that a stranger wrote, whatever else may stand in their place.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/json.h"

namespace bulkhead {

// Walks objects only; null when a key is missing or something else stands in its place.
const Json* memberAt(const Json& value, std::initializer_list<std::string_view> keys);
std::string textAt(const Json& value,
                   std::initializer_list<std::string_view> keys);  // "" if absent
std::optional<bool> flagAt(const Json& value, std::initializer_list<std::string_view> keys);
std::uint64_t numberAt(const Json& value, std::initializer_list<std::string_view> keys);  // 0

}  // namespace bulkhead
