// What an account's engine answers. The engine runs as the tenant, so its answers are a stranger's
// words: parsed with limits, read only through these, shown only after printable() has cut them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/host/host.h"
#include "common/core/json.h"
#include "common/core/json_members.h"

namespace bulkhead::agent {

// kUnavailable for a body that is no JSON, and for a status other than `expected`, with the
// engine's own words.
Result<Json> engineJson(const HttpReply& reply, int expected = 200);
// kUnavailable, naming `what` and the engine's own message, for anything but 2xx.
Result<Ok> expectEngineSuccess(const HttpReply& reply, const std::string& what);

// ASCII letters, digits and plain punctuation; the rest becomes '?', the tail is cut.
std::string printable(std::string_view text, std::size_t lengthMax = 200);
// 64 hexadecimal digits: the only form in which an id from an engine goes back into a path.
bool isEngineId(std::string_view text);

}  // namespace bulkhead::agent
