// Building schemas and checking values against them.
#include "api/http/schema.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::size_t kPointerKeyMax = 64;  // a hostile key is shown, but not in full

std::string escapePointer(std::string_view key) {
  std::string out;
  for (char c : key.substr(0, kPointerKeyMax)) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::size_t codePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

std::string_view typeWord(Schema::Type type) {
  switch (type) {
    case Schema::Type::kObject:
      return "an object";
    case Schema::Type::kArray:
      return "an array";
    case Schema::Type::kString:
      return "a string";
    case Schema::Type::kInteger:
      return "an integer";
    case Schema::Type::kBoolean:
      return "true or false";
    case Schema::Type::kAny:
      return "any value";
  }
  return "";
}

bool hasType(Schema::Type type, const Json& value) {
  switch (type) {
    case Schema::Type::kObject:
      return value.is_object();
    case Schema::Type::kArray:
      return value.is_array();
    case Schema::Type::kString:
      return value.is_string();
    case Schema::Type::kInteger:
      return value.is_number_integer();
    case Schema::Type::kBoolean:
      return value.is_boolean();
    case Schema::Type::kAny:
      return true;
  }
  return false;
}

}  // namespace

class SchemaChecker {
 public:
  void check(const Schema& schema, const Json& value, const std::string& where) {
    if (value.is_null() && schema.nullable_) return;
    if (!hasType(schema.type_, value))
      return add(where, Fault::kWrongType, "must be " + std::string(typeWord(schema.type_)));
    switch (schema.type_) {
      case Schema::Type::kObject:
        return checkObject(schema, value, where);
      case Schema::Type::kArray:
        for (std::size_t i = 0; i < value.size() && !full(); ++i)
          check(schema.item(), value[i], where + "/" + std::to_string(i));
        return;
      case Schema::Type::kString:
        return checkText(schema, value.get_ref<const std::string&>(), where);
      case Schema::Type::kInteger:
        return checkInteger(schema, value, where);
      case Schema::Type::kBoolean:
      case Schema::Type::kAny:
        return;
    }
  }
  std::vector<FieldError> take() { return std::move(errors_); }

 private:
  bool full() const { return errors_.size() >= kFieldErrorsMax; }
  void add(const std::string& where, Fault fault, std::string detail) {
    if (!full()) errors_.push_back(FieldError{where, fault, std::move(detail)});
  }

  void checkObject(const Schema& schema, const Json& value, const std::string& where) {
    for (const auto& [key, member] : value.items()) {
      const Field* field = schema.field(key);
      const std::string inside = where + "/" + escapePointer(key);
      if (field == nullptr)
        add(inside, Fault::kUnknownField, "this object has no such field");
      else
        check(field->schema, member, inside);
      if (full()) return;
    }
    for (const auto& field : schema.fields_)
      if (field.need == Need::kRequired && !value.contains(field.name))
        add(where + "/" + field.name, Fault::kRequired, "is required");
  }

  void checkText(const Schema& schema, const std::string& text, const std::string& where) {
    const auto& choices = schema.choices_;
    if (!choices.empty()) {
      if (std::find(choices.begin(), choices.end(), text) == choices.end())
        add(where, Fault::kChoice, "is not one of the allowed values");
      return;
    }
    const std::size_t count = codePoints(text);
    if (count < schema.minLength_ || count > schema.maxLength_)
      return add(where, Fault::kLength,
                 "must have " + std::to_string(schema.minLength_) + " to " +
                     std::to_string(schema.maxLength_) + " characters");
    if (auto fit = checkFormat(schema.format_, text); !fit.ok())
      add(where, Fault::kFormat, fit.error().message);
  }

  void checkInteger(const Schema& schema, const Json& value, const std::string& where) {
    const bool tooLarge = value.is_number_unsigned() &&
                          value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    const std::int64_t number = tooLarge ? INT64_MAX : value.get<std::int64_t>();
    if (tooLarge || number < schema.min_ || number > schema.max_)
      add(where, Fault::kOutOfRange,
          "must be " + std::to_string(schema.min_) + " to " + std::to_string(schema.max_));
  }

  std::vector<FieldError> errors_;
};

Schema Schema::object(std::string name, std::string description, std::vector<Field> fields) {
  Schema schema;
  schema.type_ = Type::kObject;
  schema.name_ = std::move(name);
  schema.description_ = std::move(description);
  schema.fields_ = std::move(fields);
  return schema;
}

Schema Schema::array(std::string description, Schema item) {
  Schema schema;
  schema.type_ = Type::kArray;
  schema.description_ = std::move(description);
  schema.item_.push_back(std::move(item));
  return schema;
}

Schema Schema::text(std::string description) { return text(std::move(description), Format::kNone); }

Schema Schema::text(std::string description, Format format) {
  Schema schema;
  schema.type_ = Type::kString;
  schema.description_ = std::move(description);
  schema.format_ = format;
  return schema;
}

Schema Schema::choice(std::string description, std::vector<std::string> choices) {
  Schema schema = text(std::move(description));
  schema.choices_ = std::move(choices);
  return schema;
}

Schema Schema::integer(std::string description, std::int64_t min, std::int64_t max) {
  Schema schema;
  schema.type_ = Type::kInteger;
  schema.description_ = std::move(description);
  schema.min_ = min;
  schema.max_ = max;
  return schema;
}

Schema Schema::boolean(std::string description) {
  Schema schema;
  schema.type_ = Type::kBoolean;
  schema.description_ = std::move(description);
  return schema;
}

Schema Schema::any(std::string description) {
  Schema schema;
  schema.description_ = std::move(description);
  return schema;
}

Schema Schema::length(std::size_t min, std::size_t max) const {
  Schema copy = *this;
  copy.minLength_ = min;
  copy.maxLength_ = max;
  return copy;
}

Schema Schema::secret() const {
  Schema copy = *this;
  copy.secret_ = true;
  return copy;
}

Schema Schema::shownOnce() const {
  Schema copy = *this;
  copy.shownOnce_ = true;
  return copy;
}

Schema Schema::nullable() const {
  Schema copy = *this;
  copy.nullable_ = true;
  return copy;
}

Schema Schema::asDefault(std::int64_t value) const {
  Schema copy = *this;
  copy.default_ = value;
  return copy;
}

const Schema& Schema::item() const { return item_.front(); }

const Field* Schema::field(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [name](const Field& f) { return f.name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

Field required(std::string name, Schema schema) {
  return Field{std::move(name), std::move(schema), Need::kRequired};
}
Field optional(std::string name, Schema schema) {
  return Field{std::move(name), std::move(schema), Need::kOptional};
}

std::string_view faultName(Fault fault) {
  switch (fault) {
    case Fault::kUnknownField:
      return "unknown_field";
    case Fault::kRequired:
      return "required";
    case Fault::kWrongType:
      return "wrong_type";
    case Fault::kOutOfRange:
      return "out_of_range";
    case Fault::kLength:
      return "wrong_length";
    case Fault::kFormat:
      return "wrong_format";
    case Fault::kChoice:
      return "not_a_choice";
    case Fault::kInvalid:
      return "invalid_value";
  }
  return "";
}

bool isShapeFault(Fault fault) {
  return fault == Fault::kUnknownField || fault == Fault::kRequired || fault == Fault::kWrongType;
}

std::vector<FieldError> checkValue(const Schema& schema, const Json& value) {
  SchemaChecker checker;
  checker.check(schema, value, "");
  return checker.take();
}

}  // namespace bulkhead::api
