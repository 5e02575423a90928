#include "agent/host/engine_reply.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

// A list of all containers of a busy account has some thousands of values.
constexpr JsonLimits kReplyLimits{kReplyBytesMax, 32, 200000};
constexpr std::size_t kIdLength = 64;
constexpr std::size_t kMessageMax = 500;  // the engine says the reason last

}  // namespace

Result<Ok> expectEngineSuccess(const HttpReply& reply, const std::string& what) {
  if (reply.status >= 200 && reply.status < 300) return Ok{};
  std::string said;
  const auto body = parseJson(reply.body, kReplyLimits);
  if (body.ok()) said = printable(textAt(body.value(), {"message"}), kMessageMax);
  return Error{Code::kUnavailable,
               "engine: " + what + " answered " + std::to_string(reply.status) +
                   (said.empty() ? "" : ": " + said),
               ""};
}

Result<Json> engineJson(const HttpReply& reply, int expected) {
  if (reply.status != expected) {
    TRY(expectEngineSuccess(reply, "a request"));
    return Error{Code::kUnavailable,
                 "engine: answered " + std::to_string(reply.status) + " instead of " +
                     std::to_string(expected),
                 ""};
  }
  auto body = parseJson(reply.body, kReplyLimits);
  if (!body.ok()) return Error{Code::kUnavailable, "engine: the answer is no usable JSON", ""};
  return body;
}

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

std::string printable(std::string_view text, std::size_t lengthMax) {
  std::string shown(text.substr(0, lengthMax));
  for (auto& byte : shown) {
    if (byte < 0x20 || byte >= 0x7f) byte = '?';
  }
  if (text.size() > lengthMax) shown += "...";
  return shown;
}

bool isEngineId(std::string_view text) {
  return text.size() == kIdLength &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace bulkhead::agent
