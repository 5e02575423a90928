#include "common/core/json.h"

#include <set>
#include <vector>

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

// Builds the value through nlohmann's own DOM parser, one callback per event, so that limits stop
// the parse early.
class Guard {
 public:
  explicit Guard(const JsonLimits& limits) : limits_(limits) {}

  bool onEvent(int depth, Json::parse_event_t event, const Json& value) {
    if (refused_) return false;
    if (depth > limits_.depth) return refuse(Code::kLimitExceeded, "nested too deeply");
    if (++values_ > limits_.values) return refuse(Code::kLimitExceeded, "too many values");
    switch (event) {
      case Json::parse_event_t::object_start:
        keys_.emplace_back();
        return true;
      case Json::parse_event_t::object_end:
        if (!keys_.empty()) keys_.pop_back();
        return true;
      case Json::parse_event_t::key:
        return onKey(value.get_ref<const std::string&>());
      case Json::parse_event_t::value:
        if (value.is_string() &&
            value.get_ref<const std::string&>().find('\0') != std::string::npos)
          return refuse(Code::kInvalidArgument, "NUL in a string");
        return true;
      case Json::parse_event_t::array_start:
      case Json::parse_event_t::array_end:
        return true;
    }
    return true;
  }
  const std::string& reason() const { return reason_; }
  Code code() const { return code_; }
  bool refused() const { return refused_; }

 private:
  bool onKey(const std::string& key) {
    if (key.find('\0') != std::string::npos) return refuse(Code::kInvalidArgument, "NUL in a key");
    if (!keys_.empty() && !keys_.back().insert(key).second)
      return refuse(Code::kInvalidArgument, "duplicate key");
    return true;
  }
  bool refuse(Code code, const char* reason) {
    refused_ = true;
    code_ = code;
    reason_ = reason;
    throw std::length_error(reason);  // stops the parser at once; caught in parseJson
  }

  const JsonLimits& limits_;
  std::vector<std::set<std::string>> keys_;
  std::size_t values_ = 0;
  bool refused_ = false;
  Code code_ = Code::kInvalidArgument;
  std::string reason_;
};

}  // namespace

Result<Json> parseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) return Error{Code::kLimitExceeded, "JSON text is too large", ""};
  Guard guard(limits);
  try {
    return Json::parse(
        text.begin(), text.end(),
        [&guard](int depth, Json::parse_event_t event, Json& value) {
          return guard.onEvent(depth, event, value);
        },
        /*allow_exceptions=*/true,
        /*ignore_comments=*/false);
  } catch (const std::exception&) {
    // The library's text quotes the input; the caller gets our own words.
    if (guard.refused()) return Error{guard.code(), "JSON: " + guard.reason(), ""};
    return Error{Code::kInvalidArgument, "not valid JSON", ""};
  }
}

std::string printJson(const Json& value) {
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  if (text.find('\x7f') == std::string::npos) return text;
  std::string out;
  for (char c : text) {  // nlohmann leaves DEL as it is
    if (c == '\x7f')
      out += "\\u007f";
    else
      out += c;
  }
  return out;
}

std::string prettyJson(const Json& value) {
  return value.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace bulkhead
