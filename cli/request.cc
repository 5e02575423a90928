#include "cli/request.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

bool endsWith(const std::string& text, std::string_view tail) {
  return text.size() >= tail.size() &&
         text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

Error wrong(const Field& field, const std::string& why) {
  return Error{Code::kInvalidArgument, flagFor(field) + ": " + why, field.name};
}

Result<Json> bodyValue(const Field& field, const std::string& text) {
  if (field.nullable && (text.empty() || text == "null")) return Json();
  switch (field.type) {
    case FieldType::kString:
      return Json(text);
    case FieldType::kInteger: {
      TRY_ASSIGN(const auto number, parseNumber(field, text));
      return Json(number);
    }
    case FieldType::kBoolean:
      if (text == "true" || text == "yes") return Json(true);
      if (text == "false" || text == "no") return Json(false);
      return wrong(field, "yes or no");
    case FieldType::kStringList: {
      Json list = Json::array();
      for (std::size_t begin = 0; begin <= text.size();) {
        const auto comma = std::min(text.find(',', begin), text.size());
        if (comma > begin) list.push_back(text.substr(begin, comma - begin));
        begin = comma + 1;
      }
      return list;
    }
  }
  return wrong(field, "unknown type");
}

}  // namespace

std::string flagFor(const Field& field) {
  std::string name = field.name;
  for (const std::string_view tail : {"_bytes", "_percent"})
    if (endsWith(name, tail)) name.erase(name.size() - tail.size());
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

Result<std::int64_t> parseNumber(const Field& field, const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || number < 0)
    return wrong(field, "a whole number is expected, not \"" + text + "\"");
  const std::string unit(rest, end);
  if (unit.empty()) return number;
  if (!endsWith(field.name, "_bytes"))
    return wrong(field, "a whole number without a unit is expected");
  static constexpr std::pair<std::string_view, int> kUnits[] = {
      {"K", 10}, {"M", 20}, {"G", 30}, {"T", 40}};
  for (const auto& [name, shift] : kUnits) {
    if (unit != name && unit != std::string(name) + "iB") continue;
    if (number > (std::numeric_limits<std::int64_t>::max() >> shift))
      return wrong(field, "too large");
    return number << shift;
  }
  return wrong(field, "units are K, M, G and T (powers of 1024)");
}

Result<Request> buildRequest(const Command& command, const Values& values, bool dryRun) {
  Request request;
  request.method = command.method;
  request.path = command.path;
  std::string query;
  Json body = Json::object();
  bool hasBody = false;
  for (const auto& field : command.fields) {
    hasBody = hasBody || field.place == FieldPlace::kBody;
    const auto found = values.find(field.name);
    if (found == values.end()) {
      if (field.required) return wrong(field, "is required");
      continue;
    }
    switch (field.place) {
      case FieldPlace::kPath: {
        if (found->second.empty()) return wrong(field, "must not be empty");
        const std::string hole = "{" + field.name + "}";
        const auto at = request.path.find(hole);
        if (at != std::string::npos)
          request.path.replace(at, hole.size(), percentEncode(found->second));
        break;
      }
      case FieldPlace::kQuery:
        query += (query.empty() ? "?" : "&") + percentEncode(field.name) + "=" +
                 percentEncode(found->second);
        break;
      case FieldPlace::kBody: {
        TRY_ASSIGN(body[field.name], bodyValue(field, found->second));
        break;
      }
    }
  }
  if (dryRun) query += query.empty() ? "?dry_run=true" : "&dry_run=true";
  request.path += query;
  if (hasBody) request.body = printJson(body);
  return request;
}

std::string shellWord(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("@%+=:,./_-").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace bulkhead::cli
