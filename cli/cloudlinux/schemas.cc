#include "cli/cloudlinux/schemas.h"

#include <map>
#include <memory>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr std::size_t kFaultsMax = 5;  // one wrong field repeats in every row of a list
// The library matches patterns by recursion, one frame a character: a longer string would be able
// to end this program. No field of any answer comes near.
constexpr std::size_t kStringBytesMax = 4096;

const valijson::Schema& schemaCalled(std::string_view name) {
  static std::map<std::string_view, std::unique_ptr<valijson::Schema>> parsed;
  const auto known = parsed.find(name);
  if (known != parsed.end()) return *known->second;
  for (const auto& [title, text] : schemaTexts()) {
    if (title != name) continue;
    auto schema = std::make_unique<valijson::Schema>();
    const auto json = nlohmann::json::parse(text);
    valijson::SchemaParser().populateSchema(Adapter(json), *schema);
    return *parsed.emplace(title, std::move(schema)).first->second;
  }
  throw std::logic_error("no schema " + std::string(name));
}

bool hasOverlongString(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size() > kStringBytesMax;
  if (!value.is_structured()) return false;
  for (const auto& [key, child] : value.items())
    if (key.size() > kStringBytesMax || hasOverlongString(child)) return true;
  return false;
}

std::string joined(const std::vector<std::string>& path) {
  std::string out;
  for (const auto& part : path)
    out += part == "<root>" ? "" : part;
  return out.empty() ? "the document" : out;
}

}  // namespace

std::vector<std::string> schemaFaults(std::string_view name, const Json& document) {
  if (hasOverlongString(document)) return {"a string is longer than 4096 bytes"};
  const nlohmann::json plain = document;
  valijson::ValidationResults results;
  // Kept: it remembers compiled patterns, which cost more than a document to check.
  static valijson::Validator validator(valijson::Validator::kStrongTypes);
  if (validator.validate(schemaCalled(name), Adapter(plain), &results)) return {};
  std::vector<std::string> faults;
  valijson::ValidationResults::Error error;
  // The innermost reasons come first; the outer ones only say that something inside is wrong.
  while (faults.size() < kFaultsMax && results.popError(error))
    faults.push_back(joined(error.context) + ": " + error.description);
  if (faults.empty()) faults.emplace_back("does not fit the schema");
  return faults;
}

}  // namespace bulkhead::cli::cloudlinux
