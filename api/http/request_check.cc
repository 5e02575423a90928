// Query, body and conditional headers of one request.
#include "api/http/request_check.h"

#include <charconv>

#include "api/http/router.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// A query value in the type that its schema has; text when it is none, so that the check names the
// fault.
Json typedValue(Schema::Type type, const std::string& text) {
  if (type == Schema::Type::kBoolean && text == "true") return true;
  if (type == Schema::Type::kBoolean && text == "false") return false;
  if (type == Schema::Type::kInteger) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, number);
    if (fault == std::errc() && stop == end) return number;
  }
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

}  // namespace

std::variant<Json, Problem> readQuery(const Schema& schema, const HttpRequest& request) {
  Json value = Json::object();
  if (request.query.empty() && schema.fields().empty()) return value;
  if (request.hasDuplicateQueryKey())
    return problemOf(HttpFault::kBadRequest, "a query parameter is given twice");
  for (const auto& [key, text] : request.query) {
    const Field* field = schema.field(key);
    value[key] = field == nullptr ? Json(text) : typedValue(field->schema.type(), text);
  }
  std::vector<FieldError> errors = checkValue(schema, value);
  if (errors.empty()) return value;
  for (auto& error : errors) {
    error.where.erase(0, 1);  // a parameter's name, not a pointer
    if (error.fault == Fault::kUnknownField) error.detail = "this address has no such parameter";
  }
  return problemOf(std::move(errors), FaultPlace::kQuery);
}

std::variant<Json, Problem> readBody(const Schema* schema, const HttpRequest& request) {
  if (schema == nullptr) {
    if (!request.body.empty())
      return problemOf(HttpFault::kBadRequest, "this request takes no body");
    return Json();
  }
  const std::string* type = request.header("content-type");
  if (type == nullptr || *type != "application/json")
    return problemOf(HttpFault::kUnsupportedMediaType,
                     "send Content-Type: application/json, exactly");
  if (request.header("content-encoding") != nullptr)
    return problemOf(HttpFault::kUnsupportedMediaType, "compressed bodies are not accepted");
  if (request.body.size() > kJsonBodyBytesMax)
    return problemOf(HttpFault::kPayloadTooLarge, "the body is larger than 64 KiB");
  JsonLimits limits;
  limits.bytes = kJsonBodyBytesMax;
  limits.depth = kJsonDepthMax;
  auto parsed = parseJson(request.body, limits);
  if (!parsed.ok()) return problemOf(HttpFault::kBadRequest, parsed.error().message);
  std::vector<FieldError> errors = checkValue(*schema, *parsed);
  if (!errors.empty()) return problemOf(std::move(errors), FaultPlace::kBody);
  return std::move(parsed).value();
}

std::optional<Named> namedBy(Format format) {
  switch (format) {
    case Format::kAccountRef:
      return Named::kAccount;
    case Format::kDomainRef:
      return Named::kDomain;
    case Format::kPlanRef:
      return Named::kPlan;
    case Format::kResellerRef:
      return Named::kReseller;
    case Format::kOwnerRef:
      return Named::kOwner;
    case Format::kJobId:
      return Named::kJob;
    case Format::kAdminRef:
    case Format::kTokenId:
      return Named::kOther;
    case Format::kNone:
    case Format::kUsername:
    case Format::kDomain:
    case Format::kAdminName:
    case Format::kPlanName:
    case Format::kEmail:
    case Format::kLocale:
    case Format::kUnixUser:
    case Format::kPhp:
    case Format::kDatabaseUser:  // always below an account
    case Format::kTokenName:
    case Format::kAddressRange:
    case Format::kRequestId:
    case Format::kOperation:
    case Format::kCursor:
    case Format::kTimestamp:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Naming> namingsIn(const Schema& schema, const Json& value) {
  std::vector<Naming> found;
  if (!value.is_object()) return found;
  const auto take = [&found](const Schema& what, const Json& text, const std::string& field) {
    const auto named = namedBy(what.format());
    if (named && text.is_string()) found.push_back({*named, text.get<std::string>(), field});
  };
  for (const auto& field : schema.fields()) {
    const auto given = value.find(field.name);
    if (given == value.end()) continue;
    take(field.schema, *given, field.name);
    if (field.schema.type() == Schema::Type::kArray && given->is_array())
      for (const auto& item : *given)
        take(field.schema.item(), item, field.name);
    for (auto& inner : namingsIn(field.schema, *given))
      found.push_back(std::move(inner));
  }
  return found;
}

bool noneMatchNames(const HttpRequest& request, std::string_view etag) {
  const std::string* header = request.header("if-none-match");
  if (header == nullptr) return false;
  std::string_view rest = *header;
  if (trimmed(rest) == "*") return true;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::string_view tag = trimmed(rest.substr(0, comma));
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    if (tag == etag) return true;
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return false;
}

}  // namespace bulkhead::api
