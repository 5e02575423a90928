// Reading of answers for rules: what the schema refused is passed over here.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/cloudlinux/world.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {

using Faults = std::vector<std::string>;

// Calls `each` with every row that is an object.
template <typename Each>
void eachRow(const World& world, const char* list, Each each) {
  const auto& data = world.data(list);
  if (!data.is_array()) return;
  for (const auto& row : data)
    if (row.is_object()) each(row);
}
template <typename Each>
void eachDomain(const World& world, const char* call, Each each) {
  const auto& data = world.data(call);
  if (!data.is_object()) return;
  for (const auto& [domain, entry] : data.items())
    if (entry.is_object()) each(domain, entry);
}

inline std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}
inline std::optional<std::uint64_t> number(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  if (value < 0) return std::nullopt;  // the schema has said so
  return static_cast<std::uint64_t>(value);
}

// "X occurs twice" for a key whose value has to be unique; null is not a value.
inline Faults repeated(const World& world, const char* list, const char* key) {
  Faults faults;
  std::set<std::string> seen;
  eachRow(world, list, [&](const Json& row) {
    const auto found = row.find(key);
    if (found == row.end() || found->is_null()) return;
    if (!seen.insert(found->dump()).second) faults.push_back(found->dump() + " occurs twice");
  });
  return faults;
}

}  // namespace bulkhead::cli::cloudlinux
