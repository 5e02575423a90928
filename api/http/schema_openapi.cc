// How a schema looks in the OpenAPI document (JSON Schema 2020-12).
#include <algorithm>

#include "api/http/schema.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

const char* typeName(Schema::Type type) {
  switch (type) {
    case Schema::Type::kObject:
    case Schema::Type::kAny:
      return "object";
    case Schema::Type::kArray:
      return "array";
    case Schema::Type::kString:
      return "string";
    case Schema::Type::kInteger:
      return "integer";
    case Schema::Type::kBoolean:
      return "boolean";
  }
  return "object";
}

}  // namespace

Json Schema::openApi() const {
  if (name_.empty()) return openApiDefinition();
  Json reference = Json::object();
  reference["$ref"] = "#/components/schemas/" + name_;
  if (!nullable_) return reference;
  Json either = Json::object();
  either["oneOf"] = Json::array({reference, Json::object({{"type", "null"}})});
  return either;
}

Json Schema::openApiDefinition() const {
  Json out = Json::object();
  if (nullable_ && name_.empty())
    out["type"] = Json::array({typeName(type_), "null"});
  else
    out["type"] = typeName(type_);
  if (!description_.empty()) out["description"] = description_;
  switch (type_) {
    case Type::kObject: {
      Json needed = Json::array();
      out["properties"] = Json::object();
      for (const auto& field : fields_) {
        out["properties"][field.name] = field.schema.openApi();
        if (field.need == Need::kRequired) needed.push_back(field.name);
      }
      if (!needed.empty()) out["required"] = std::move(needed);
      out["additionalProperties"] = false;
      break;
    }
    case Type::kArray:
      out["items"] = item().openApi();
      break;
    case Type::kString:
      if (!choices_.empty()) {
        out["enum"] = choices_;
        if (nullable_) out["enum"].push_back(nullptr);
        break;
      }
      if (minLength_ > 0) out["minLength"] = minLength_;
      if (maxLength_ != kTextMax) out["maxLength"] = maxLength_;
      if (format_ != Format::kNone) out["format"] = formatName(format_);
      if (!formatPattern(format_).empty()) out["pattern"] = formatPattern(format_);
      if (secret_) {
        out["format"] = "password";
        out["writeOnly"] = true;
      }
      break;
    case Type::kInteger:
      out["minimum"] = min_;
      out["maximum"] = max_;
      break;
    case Type::kBoolean:
      break;
    case Type::kAny:
      out["additionalProperties"] = true;
      break;
  }
  if (default_) out["default"] = *default_;
  return out;
}

void Schema::collectNamed(std::vector<const Schema*>& into) const {
  if (!name_.empty()) {
    const bool known = std::any_of(into.begin(), into.end(),
                                   [this](const Schema* s) { return s->name_ == name_; });
    if (known) return;
    into.push_back(this);
  }
  for (const auto& field : fields_)
    field.schema.collectNamed(into);
  for (const auto& inner : item_)
    inner.collectNamed(into);
}

}  // namespace bulkhead::api
