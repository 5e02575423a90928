// What an account's engine answers. The engine runs as the tenant, so its answers are a stranger's
// words: parsed with limits, read only through these, shown only after printable() has cut them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/host/host.h"
#include "common/core/json.h"

namespace bulkhead::agent {

// kUnavailable for a body that is no JSON, and for a status other than `expected`, with the
// engine's own words.
Result<Json> engineJson(const HttpReply& reply, int expected = 200);
// kUnavailable, naming `what` and the engine's own message, for anything but 2xx.
Result<Ok> expectEngineSuccess(const HttpReply& reply, const std::string& what);

// Walks objects only; null when a key is missing or something else stands in its place.
const Json* memberAt(const Json& value, std::initializer_list<std::string_view> keys);
std::string textAt(const Json& value,
                   std::initializer_list<std::string_view> keys);  // "" if absent
std::optional<bool> flagAt(const Json& value, std::initializer_list<std::string_view> keys);
std::uint64_t numberAt(const Json& value, std::initializer_list<std::string_view> keys);  // 0

// ASCII letters, digits and plain punctuation; the rest becomes '?', the tail is cut.
std::string printable(std::string_view text, std::size_t lengthMax = 200);
// 64 hexadecimal digits: the only form in which an id from an engine goes back into a path.
bool isEngineId(std::string_view text);

}  // namespace bulkhead::agent
