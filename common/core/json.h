// The only way in which JSON text from outside becomes a value: depth, size and duplicate keys are
// checked while parsing. Include nlohmann/json.hpp only in .cc files that touch members; headers
// use json_fwd.hpp (build time).
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "common/core/result.h"

#include <nlohmann/json_fwd.hpp>

namespace bulkhead {

using Json = nlohmann::ordered_json;  // keeps the order of keys, so that output is stable

struct JsonLimits {
  std::size_t bytes = 1U << 20U;  // REST bodies: 1 MiB
  int depth = 32;  // nlohmann has no limit of its own; printing deep values overflows the stack
  std::size_t values = 20000;  // keys and elements: bounds the time one body can cost
};

// Refuses bad UTF-8, NUL in strings, duplicate keys, trailing text, NaN, too deep, too large
// (kInvalidArgument / kLimitExceeded).
Result<Json> parseJson(std::string_view text, const JsonLimits& limits = {});

// One line, ASCII only (every byte >= 0x7f or < 0x20 escaped): safe in logs and on terminals. Never
// throws.
std::string printJson(const Json& value);
// For people: indented, UTF-8.
std::string prettyJson(const Json& value);

}  // namespace bulkhead
