#include "agent/registry/records.h"

#include <array>
#include <optional>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

constexpr JsonLimits kRecordLimits{64U << 10U, 4, 1000};  // 100 aliases of 253 bytes are 26 KiB

struct NamedState {
  AccountState state;
  std::string_view name;
};
constexpr std::array kStates = {NamedState{AccountState::kCreating, "creating"},
                                NamedState{AccountState::kActive, "active"},
                                NamedState{AccountState::kSuspended, "suspended"},
                                NamedState{AccountState::kDeleting, "deleting"}};

Error corrupt(std::string why) { return Error{Code::kInternal, std::move(why), ""}; }

std::optional<std::string> text(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::uint64_t> number(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

Result<ResourceLimits> parseLimits(const Json& object) {
  const auto found = object.find("limits");
  if (found == object.end() || !found->is_object()) return corrupt("no limits");
  const auto cpu = number(*found, "cpu_percent");
  const auto memory = number(*found, "memory_bytes");
  const auto tasks = number(*found, "tasks");
  constexpr std::uint64_t kMax32 = 0xFFFFFFFFU;
  if (!cpu || !memory || !tasks || *cpu > kMax32 || *tasks > kMax32) return corrupt("bad limits");
  return ResourceLimits::check(static_cast<std::uint32_t>(*cpu), *memory,
                               static_cast<std::uint32_t>(*tasks));
}

}  // namespace

std::string_view stateName(AccountState state) {
  for (const auto& entry : kStates)
    if (entry.state == state) return entry.name;
  return "unknown";
}

Identity identityFor(const std::string& name, uid_t uid) {
  Identity identity;
  identity.username = name;
  identity.uid = uid;
  identity.gid = uid;
  identity.home = "/home/" + name;
  identity.subUidFirst = kSubUidBase + (uid - kUidFirst) * kSubUidCount;
  identity.subUidCount = kSubUidCount;
  return identity;
}

std::string printAccount(const AccountRecord& record) {
  const auto& who = record.identity;
  Json object;
  object["username"] = who.username;
  object["uid"] = who.uid;
  object["state"] = stateName(record.state);
  object["limits"] = Json{{"cpu_percent", record.limits.cpuPercent},
                          {"memory_bytes", record.limits.memoryBytes},
                          {"tasks", record.limits.tasks}};
  return printJson(object) + "\n";
}

Result<AccountRecord> parseAccount(const std::string& name, std::string_view content) {
  if (!Username::parse(name).ok()) return corrupt("is not an account's name");
  auto parsed = parseJson(content, kRecordLimits);
  if (!parsed.ok() || !parsed->is_object()) return corrupt("not a JSON object");
  const auto& object = *parsed;
  if (text(object, "username") != name) return corrupt("speaks of another account");
  const auto uid = number(object, "uid");
  if (!uid || *uid < kUidFirst || *uid > kUidLast) return corrupt("uid outside the managed range");
  auto limits = parseLimits(object);
  if (!limits.ok()) return corrupt(limits.error().message);
  const auto state = text(object, "state");
  for (const auto& entry : kStates)
    if (state == entry.name)
      return AccountRecord{identityFor(name, static_cast<uid_t>(*uid)), entry.state, *limits};
  return corrupt("unknown state");
}

std::string printSite(const SiteRecord& site) {
  Json object;
  object["domain"] = site.domain;
  object["account"] = site.account;
  object["aliases"] = Json::array();
  for (const auto& alias : site.aliases)
    object["aliases"].push_back(alias);
  object["mode"] = site.mode == SiteMode::kServe ? "serve" : "suspended";
  return printJson(object) + "\n";
}

Result<SiteRecord> parseSite(const std::string& domain, std::string_view content) {
  const auto canonical = [](const std::string& name) {
    const auto parsed = DomainName::parse(name);
    return parsed.ok() && parsed->text() == name;
  };
  if (!canonical(domain)) return corrupt("is not a domain name");
  auto parsed = parseJson(content, kRecordLimits);
  if (!parsed.ok() || !parsed->is_object()) return corrupt("not a JSON object");
  const auto& object = *parsed;
  if (text(object, "domain") != domain) return corrupt("speaks of another domain");
  SiteRecord site;
  site.domain = domain;
  const auto account = text(object, "account");
  if (!account || !Username::parse(*account).ok()) return corrupt("no account");
  site.account = *account;
  const auto mode = text(object, "mode");
  if (mode != "serve" && mode != "suspended") return corrupt("unknown mode");
  site.mode = mode == "serve" ? SiteMode::kServe : SiteMode::kSuspended;
  const auto aliases = object.find("aliases");
  if (aliases == object.end() || !aliases->is_array()) return corrupt("no aliases");
  for (const auto& alias : *aliases) {
    if (!alias.is_string() || !canonical(alias.get<std::string>())) return corrupt("bad alias");
    site.aliases.push_back(alias.get<std::string>());
  }
  return site;
}

}  // namespace bulkhead::agent
