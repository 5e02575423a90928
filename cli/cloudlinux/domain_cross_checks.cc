// What the answers must agree about where domains and PHP are concerned.
#include <map>

#include "cli/cloudlinux/check.h"
#include "cli/cloudlinux/rows.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr auto kReading = Severity::kReading;

Faults phpIdentifiersDiffer(const World& world) { return repeated(world, "php", "identifier"); }

std::map<std::string, std::string> mainDomains(const World& world, Faults& faults) {
  std::map<std::string, std::string> mains;
  eachDomain(world, "domains", [&](const std::string& domain, const Json& entry) {
    if (entry.value("is_main", Json()) != Json(true)) return;
    if (!mains.emplace(text(entry, "owner"), domain).second)
      faults.push_back(text(entry, "owner") + " has more than one main domain");
  });
  return mains;
}

Faults mainDomainsAgree(const World& world) {
  Faults faults;
  const auto mains = mainDomains(world, faults);
  faults.clear();
  eachRow(world, "users", [&](const Json& row) {
    const auto name = text(row, "username");
    const auto found = mains.find(name);
    const auto real = found == mains.end() ? std::string() : found->second;
    if (text(row, "domain") != real)
      faults.push_back(name + ": users says \"" + text(row, "domain") + "\", domains \"" + real +
                       "\"");
  });
  return faults;
}

Faults oneMainDomainEach(const World& world) {
  Faults faults;
  const auto mains = mainDomains(world, faults);
  std::set<std::string> reported;
  eachDomain(world, "domains", [&](const std::string&, const Json& entry) {
    const auto owner = text(entry, "owner");
    if (mains.count(owner) == 0 && reported.insert(owner).second)
      faults.push_back(owner + " has domains and none is the main one");
  });
  return faults;
}

Faults domainOwnersAreUsers(const World& world) {
  Faults faults;
  std::set<std::string> users;
  eachRow(world, "users", [&](const Json& row) { users.insert(text(row, "username")); });
  eachDomain(world, "domains", [&](const std::string& domain, const Json& entry) {
    if (users.count(text(entry, "owner")) == 0)
      faults.push_back(domain + " belongs to " + text(entry, "owner") + ", who is no user");
  });
  return faults;
}

Faults withPhpIsTheSameSet(const World& world) {
  Faults faults;
  const auto& plain = world.data("domains");
  const auto& full = world.data("domains --with-php");
  if (!plain.is_object() || !full.is_object()) return faults;
  eachDomain(world, "domains", [&](const std::string& domain, const Json& entry) {
    if (!full.contains(domain)) return faults.push_back(domain + " is missing with --with-php");
    auto bare = full.at(domain);
    if (bare.is_object()) bare.erase("php");
    if (nlohmann::json(bare) != nlohmann::json(entry))
      faults.push_back(domain + " differs with --with-php");
  });
  eachDomain(world, "domains --with-php", [&](const std::string& domain, const Json&) {
    if (!plain.contains(domain)) faults.push_back(domain + " is there only with --with-php");
  });
  return faults;
}

Faults phpVersionsExist(const World& world) {
  Faults faults;
  std::set<std::string> known;
  eachRow(world, "php", [&](const Json& row) { known.insert(text(row, "identifier")); });
  if (!world.data("php").is_array()) return faults;
  eachDomain(world, "domains --with-php", [&](const std::string& domain, const Json& entry) {
    const auto php = entry.find("php");
    const auto id = php != entry.end() && php->is_object() ? text(*php, "php_version_id") : "";
    if (!id.empty() && known.count(id) == 0)
      faults.push_back(domain + " runs on " + id + ", which php does not list");
  });
  return faults;
}

// "alt-php83" is version "8.3", and a domain on it has "83".
Faults phpVersionsAgree(const World& world) {
  Faults faults;
  std::map<std::string, std::string> digits;
  eachRow(world, "php", [&](const Json& row) {
    auto version = text(row, "version");
    std::erase(version, '.');
    const auto id = text(row, "identifier");
    if (!id.ends_with(version)) faults.push_back(id + " is said to be " + text(row, "version"));
    digits[id] = version;
  });
  eachDomain(world, "domains --with-php", [&](const std::string& domain, const Json& entry) {
    const auto php = entry.find("php");
    if (php == entry.end() || !php->is_object()) return;
    const auto found = digits.find(text(*php, "php_version_id"));
    if (found != digits.end() && found->second != text(*php, "version"))
      faults.push_back(domain + ": " + found->first + " is not version " + text(*php, "version"));
  });
  return faults;
}

}  // namespace

std::vector<Check> domainCrossChecks() {
  return {
      {.name = "every owner of a domain is in users",
       .section = "5.5",
       .rule = domainOwnersAreUsers,
       .needs = {"domains", "users"}},
      {.name = "every owner of domains has exactly one main domain",
       .section = "5.5",
       .rule = oneMainDomainEach,
       .needs = {"domains"}},
      {.name = "users and domains agree about the main domain",
       .section = "5.5",
       .severity = kReading,
       .rule = mainDomainsAgree,
       .needs = {"users", "domains"}},
      {.name = "--with-php adds php and changes nothing else",
       .section = "5.5",
       .rule = withPhpIsTheSameSet,
       .needs = {"domains", "domains --with-php"}},
      {.name = "identifiers of PHP are unique",
       .section = "5.8",
       .rule = phpIdentifiersDiffer,
       .needs = {"php"}},
      {.name = "every php_version_id is listed by php",
       .section = "5.8",
       .rule = phpVersionsExist,
       .needs = {"php", "domains --with-php"}},
      {.name = "versions of PHP agree with their identifiers",
       .section = "5.8",
       .severity = kReading,
       .rule = phpVersionsAgree,
       .needs = {"php", "domains --with-php"}},
  };
}

}  // namespace bulkhead::cli::cloudlinux
