#include "agent/registry/records.h"

#include <array>
#include <map>
#include <optional>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

// Of accounts; each costs about 500 bytes. A larger host parses some of its records again.
constexpr std::size_t kUnderstoodMax = 256;
constexpr std::size_t kUnderstoodBytesMax = 1024;         // of a text; records have some hundred
constexpr JsonLimits kRecordLimits{64U << 10U, 4, 1000};  // 100 aliases of 253 bytes are 26 KiB

struct NamedState {
  AccountState state;
  std::string_view name;
};
constexpr std::array kStates = {NamedState{AccountState::kCreating, "creating"},
                                NamedState{AccountState::kActive, "active"},
                                NamedState{AccountState::kSuspended, "suspended"},
                                NamedState{AccountState::kDeleting, "deleting"},
                                NamedState{AccountState::kRenaming, "renaming"}};

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

// Absent in records of before, and while there are none.
Result<IoLimits> parseIoLimits(const Json& limits) {
  const auto found = limits.find("io");
  if (found == limits.end()) return IoLimits{};
  if (!found->is_object()) return corrupt("bad limits");
  const auto readBytes = number(*found, "read_bytes_per_second");
  const auto writeBytes = number(*found, "write_bytes_per_second");
  const auto readOps = number(*found, "read_ops_per_second");
  const auto writeOps = number(*found, "write_ops_per_second");
  if (!readBytes || !writeBytes || !readOps || !writeOps) return corrupt("bad limits");
  return IoLimits{*readBytes, *writeBytes, *readOps, *writeOps};
}

Json printLimits(const ResourceLimits& limits) {
  Json object{{"cpu_percent", limits.cpuPercent},
              {"memory_bytes", limits.memoryBytes},
              {"tasks", limits.tasks}};
  if (!limits.io.none())
    object["io"] = Json{{"read_bytes_per_second", limits.io.readBytesPerSecond},
                        {"write_bytes_per_second", limits.io.writeBytesPerSecond},
                        {"read_ops_per_second", limits.io.readOpsPerSecond},
                        {"write_ops_per_second", limits.io.writeOpsPerSecond}};
  return object;
}

Result<ResourceLimits> parseLimits(const Json& object) {
  const auto found = object.find("limits");
  if (found == object.end() || !found->is_object()) return corrupt("no limits");
  const auto cpu = number(*found, "cpu_percent");
  const auto memory = number(*found, "memory_bytes");
  const auto tasks = number(*found, "tasks");
  constexpr std::uint64_t kMax32 = 0xFFFFFFFFU;
  if (!cpu || !memory || !tasks || *cpu > kMax32 || *tasks > kMax32) return corrupt("bad limits");
  TRY_ASSIGN(const IoLimits io, parseIoLimits(*found));
  return ResourceLimits::check(static_cast<std::uint32_t>(*cpu), *memory,
                               static_cast<std::uint32_t>(*tasks), io);
}

Result<KeptService> parseService(const Json& object) {
  if (!object.is_object()) return corrupt("a service that is none");
  const auto name = text(object, "name");
  const auto cpu = number(object, "cpu_percent");
  const auto memory = number(object, "memory_bytes");
  const auto port = number(object, "publish_port");
  if (!name || !cpu || !memory || !port || *cpu > 0xFFFFFFFFU || *port > 0xFFFFU)
    return corrupt("a service that is none");
  return KeptService{*name, static_cast<std::uint32_t>(*cpu), *memory,
                     static_cast<std::uint16_t>(*port)};
}

Json printed(const std::vector<KeptService>& services) {
  Json list = Json::array();
  for (const auto& service : services)
    list.push_back({{"name", service.name},
                    {"cpu_percent", service.cpuPercent},
                    {"memory_bytes", service.memoryBytes},
                    {"publish_port", service.publishPort}});
  return list;
}

// What was asked for of the account beside its limits; records of older versions say nothing of it.
Result<Ok> parseWanted(const Json& object, AccountRecord& record) {
  if (const auto quota = object.find("quota"); quota != object.end()) {
    const auto disk = quota->is_object() ? number(*quota, "disk_bytes") : std::nullopt;
    const auto inodes = quota->is_object() ? number(*quota, "inodes") : std::nullopt;
    if (!disk || !inodes) return corrupt("a quota that is none");
    record.quota = KeptQuota{*disk, *inodes};
  }
  for (const auto& port : object.value("ports", Json::array())) {
    const auto value = port.is_object() ? number(port, "port") : std::nullopt;
    const auto protocol = port.is_object() ? text(port, "protocol") : std::nullopt;
    if (!value || *value > 0xFFFFU || (protocol != "tcp" && protocol != "udp"))
      return corrupt("a port that is none");
    record.ports.push_back({static_cast<std::uint16_t>(*value), protocol == "udp"});
  }
  for (const auto& entry : object.value("services", Json::array())) {
    TRY_ASSIGN(auto service, parseService(entry));
    record.services.push_back(std::move(service));
  }
  return Ok{};
}

std::optional<AccountState> stateFrom(const std::optional<std::string>& name) {
  for (const auto& entry : kStates)
    if (name == entry.name) return entry.state;
  return std::nullopt;
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
  object["limits"] = printLimits(record.limits);
  if (record.state == AccountState::kRenaming) object["resume"] = stateName(record.resume);
  if (!record.previousName.empty()) object["previous_name"] = record.previousName;
  if (record.quota)
    object["quota"] =
        Json{{"disk_bytes", record.quota->diskBytes}, {"inodes", record.quota->inodes}};
  for (const auto& port : record.ports)
    object["ports"].push_back({{"port", port.port}, {"protocol", port.udp ? "udp" : "tcp"}});
  if (!record.services.empty()) object["services"] = printed(record.services);
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
  const auto state = stateFrom(text(object, "state"));
  if (!state) return corrupt("unknown state");
  AccountRecord record{identityFor(name, static_cast<uid_t>(*uid)), *state, *limits,
                       AccountState::kActive, text(object, "previous_name").value_or("")};
  if (!record.previousName.empty() && !Username::parse(record.previousName).ok())
    return corrupt("a previous name that is none");
  const auto wanted = parseWanted(object, record);
  if (!wanted.ok()) return corrupt(wanted.error().message);
  if (*state != AccountState::kRenaming) return record;
  const auto resume = stateFrom(text(object, "resume"));
  if (resume != AccountState::kActive && resume != AccountState::kSuspended)
    return corrupt("no state to come back to");
  record.resume = *resume;
  return record;
}

// What a text means depends on the name and the text alone, so the same text means the same for
// ever.
Result<AccountRecord> recallAccount(const std::string& name, std::string_view content) {
  struct Understood {
    std::string text;
    AccountRecord record;
  };
  thread_local std::map<std::string, Understood> understood;
  const auto found = understood.find(name);
  if (found != understood.end() && found->second.text == content) return found->second.record;
  auto record = parseAccount(name, content);
  if (!record.ok() || content.size() > kUnderstoodBytesMax) return record;
  if (understood.size() >= kUnderstoodMax) understood.clear();
  understood.insert_or_assign(name, Understood{std::string(content), *record});
  return record;
}

std::string printRename(const RenameIntent& intent) {
  Json object;
  object["from"] = intent.from;
  object["to"] = intent.to;
  object["uid"] = intent.uid;
  if (!intent.formerName.empty()) object["former_name"] = intent.formerName;
  if (!intent.witness.empty()) object["witness"] = intent.witness;
  object["services"] = printed(intent.services);
  return printJson(object) + "\n";
}

namespace {

bool isCanonical(const std::string& name) {
  const auto parsed = DomainName::parse(name);
  return parsed.ok() && parsed->text() == name;
}

}  // namespace

Result<RenameIntent> parseRename(uid_t uid, std::string_view content) {
  if (uid < kUidFirst || uid > kUidLast) return corrupt("uid outside the managed range");
  auto parsed = parseJson(content, kRecordLimits);
  if (!parsed.ok() || !parsed->is_object()) return corrupt("not a JSON object");
  const auto from = text(*parsed, "from");
  const auto to = text(*parsed, "to");
  if (!from || !Username::parse(*from).ok() || !to || !Username::parse(*to).ok())
    return corrupt("no name");
  if (number(*parsed, "uid") != uid) return corrupt("speaks of another account");
  RenameIntent intent{*from, *to, uid, text(*parsed, "former_name").value_or("")};
  intent.witness = text(*parsed, "witness").value_or("");
  if (!intent.witness.empty() && !isCanonical(intent.witness))
    return corrupt("a witness that is no site");
  if (!intent.formerName.empty() && !Username::parse(intent.formerName).ok())
    return corrupt("a former name that is none");
  const auto services = parsed->find("services");
  if (services == parsed->end()) return intent;  // of a version that did not keep them
  if (!services->is_array()) return corrupt("services that are none");
  for (const auto& object : *services) {
    TRY_ASSIGN(auto service, parseService(object));
    intent.services.push_back(std::move(service));
  }
  return intent;
}

std::string printSite(const SiteRecord& site) {
  Json object;
  object["domain"] = site.domain;
  object["account"] = site.account;
  object["aliases"] = Json::array();
  for (const auto& alias : site.aliases)
    object["aliases"].push_back(alias);
  object["mode"] = site.mode == SiteMode::kServe ? "serve" : "suspended";
  if (!site.renamedFrom.empty()) object["renamed_from"] = site.renamedFrom;
  return printJson(object) + "\n";
}

Result<SiteRecord> parseSite(const std::string& domain, std::string_view content) {
  if (!isCanonical(domain)) return corrupt("is not a domain name");
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
  site.renamedFrom = text(object, "renamed_from").value_or("");
  if (!site.renamedFrom.empty() && !isCanonical(site.renamedFrom))
    return corrupt("bad former name");
  const auto aliases = object.find("aliases");
  if (aliases == object.end() || !aliases->is_array()) return corrupt("no aliases");
  for (const auto& alias : *aliases) {
    if (!alias.is_string() || !isCanonical(alias.get<std::string>())) return corrupt("bad alias");
    site.aliases.push_back(alias.get<std::string>());
  }
  return site;
}

}  // namespace bulkhead::agent
