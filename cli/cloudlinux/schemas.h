// What each CloudLinux answer has to look like, as JSON Schema. The consumer refuses unknown
// fields and takes an absent field for something else than null, and so do these.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/json.h"

namespace bulkhead::cli::cloudlinux {

struct SchemaText {
  std::string_view name;  // "users", "domains_with_php", "error", ...
  std::string_view text;
};
std::span<const SchemaText> schemaTexts();  // compiled in from policy/cloudlinux/schemas

// What is wrong with the document, with the place; nothing when it fits. A name that is not in
// schemaTexts() is a programmer's fault and throws.
std::vector<std::string> schemaFaults(std::string_view name, const Json& document);

}  // namespace bulkhead::cli::cloudlinux
