// integration.ini: where a panel says which scripts answer CloudLinux. Read as strictly as its
// strictest consumer would: what one reader takes and another refuses is a defect of the file.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::cli::cloudlinux {

inline constexpr std::string_view kIntegrationIni = "/opt/cpvendor/etc/integration.ini";

// The scripts of API 1.4, in the order in which the documents are collected.
inline constexpr std::string_view kScriptNames[] = {"panel_info", "db_info",   "packages", "users",
                                                    "domains",    "resellers", "admins",   "php"};

struct ScriptLine {
  std::string path;
  std::vector<std::string> arguments;  // CloudLinux appends its own to these
};

struct IntegrationIni {
  std::map<std::string, std::map<std::string, std::string>> sections;
  // Splits a value of [integration_scripts] at blanks; no quoting exists. An empty path: no such
  // key.
  ScriptLine script(std::string_view name) const;
  std::string value(const std::string& section, const std::string& key) const;  // "" when absent
};

// Refuses, with the line's number: text outside a section, a line that is neither "key = value" nor
// a comment, a continued (indented) line, an empty or repeated section or key, bytes that are not
// printable UTF-8 text.
Result<IntegrationIni> parseIntegrationIni(std::string_view text);

}  // namespace bulkhead::cli::cloudlinux
