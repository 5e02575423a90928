// A small closed description of JSON values. The same description checks a request's body and
// query, documents it in OpenAPI, and tells the CLI which options exist.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/format.h"
#include "common/core/json.h"

namespace bulkhead::api {

struct Field;

// A value type; modifiers return a changed copy: Schema::text("...").length(1, 64).
class Schema {
 public:
  enum class Type { kObject, kArray, kString, kInteger, kBoolean, kAny };

  // `name` names the schema in the OpenAPI document ("Account"); "" writes it where it is used.
  static Schema object(std::string name, std::string description, std::vector<Field> fields);
  static Schema array(std::string description, Schema item);
  static Schema text(std::string description);
  static Schema text(std::string description, Format format);
  static Schema choice(std::string description, std::vector<std::string> choices);
  static Schema integer(std::string description, std::int64_t min, std::int64_t max);
  static Schema boolean(std::string description);
  static Schema any(std::string description);  // only in answers: an object that others define

  Schema length(std::size_t min, std::size_t max) const;  // characters of a string
  Schema secret() const;     // never printed, never in argv, never logged
  Schema shownOnce() const;  // of an answer: a secret that is not shown again
  Schema nullable() const;
  Schema asDefault(std::int64_t value) const;  // documents what an absent value means

  Type type() const { return type_; }
  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  const std::vector<Field>& fields() const { return fields_; }
  const Schema& item() const;
  const std::vector<std::string>& choices() const { return choices_; }
  Format format() const { return format_; }
  bool isSecret() const { return secret_; }
  bool isShownOnce() const { return shownOnce_; }
  const Field* field(std::string_view name) const;  // nullptr when absent

  // The JSON Schema 2020-12 form that OpenAPI 3.1 uses. Named objects become references into
  // #/components/schemas.
  Json openApi() const;
  // The same, but this object itself in full; named objects inside stay references.
  Json openApiDefinition() const;
  // This schema and all inside that have a name, outer first, each name once.
  void collectNamed(std::vector<const Schema*>& into) const;

 private:
  friend class SchemaChecker;
  Type type_ = Type::kAny;
  std::string name_;
  std::string description_;
  std::vector<Field> fields_;
  std::vector<Schema> item_;  // one for arrays
  std::vector<std::string> choices_;
  Format format_ = Format::kNone;
  std::size_t minLength_ = 0;
  std::size_t maxLength_ = kTextMax;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  std::optional<std::int64_t> default_;
  bool secret_ = false;
  bool shownOnce_ = false;
  bool nullable_ = false;

  static constexpr std::size_t kTextMax =
      4096;  // no field of ours is longer; paths and evidence fit
};

enum class Need { kRequired, kOptional };
struct Field {
  std::string name;
  Schema schema;
  Need need = Need::kRequired;
};
Field required(std::string name, Schema schema);
Field optional(std::string name, Schema schema);

// What is wrong with one value. The closed list is published in the OpenAPI document; kInvalid is
// what only the layers below know.
enum class Fault {
  kUnknownField,
  kRequired,
  kWrongType,
  kOutOfRange,
  kLength,
  kFormat,
  kChoice,
  kInvalid
};
std::string_view faultName(Fault fault);
// True for faults of the shape (400); the others are faults of a value (422).
bool isShapeFault(Fault fault);

struct FieldError {
  std::string where;  // JSON pointer in a body ("/limits/tasks"); name of a query parameter
  Fault fault;
  std::string detail;
};

// All faults at once, at most kFieldErrorsMax.
inline constexpr std::size_t kFieldErrorsMax =
    64;  // a form has fewer fields; a hostile body gets a short answer
std::vector<FieldError> checkValue(const Schema& schema, const Json& value);

}  // namespace bulkhead::api
