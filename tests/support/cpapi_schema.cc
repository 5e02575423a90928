#include "tests/support/cpapi_schema.h"

#include <fstream>

#include "tests/paths.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace bulkhead::testing {

std::string schemaFault(const std::string& schema, std::string_view document) {
  std::ifstream file(std::string(BULKHEAD_SOURCE_DIR) + "/policy/cloudlinux/schemas/" + schema +
                     ".json");
  const auto description = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (description.is_discarded()) return "there is no schema " + schema;
  const auto value = nlohmann::json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return "it is not one JSON document";
  valijson::Schema parsed;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(description),
                                          parsed);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults faults;
  const valijson::adapters::NlohmannJsonAdapter target(value);
  if (validator.validate(parsed, target, &faults)) return "";
  std::string text;
  valijson::ValidationResults::Error fault;
  while (faults.popError(fault)) {
    for (const auto& part : fault.context)
      text += part;
    text += ": " + fault.description + "\n";
  }
  return text.empty() ? "it does not fit" : text;
}

}  // namespace bulkhead::testing
