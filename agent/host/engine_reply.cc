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
