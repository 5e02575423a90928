// Checks documents of the scripts against the schemas in policy/cloudlinux/schemas.
#pragma once
#include <string>
#include <string_view>

namespace bulkhead::testing {

// "" when the document fits the schema of that name ("users"); what is wrong otherwise.
std::string schemaFault(const std::string& schema, std::string_view document);

}  // namespace bulkhead::testing
