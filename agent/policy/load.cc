// loadPolicy: reads the shipped policy and applies the administrator's files, each of which may
// only tighten it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "agent/policy/policy.h"
#include "common/core/json.h"
#include "common/os/fd.h"
#include "common/types/username.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kPolicyBytesMax = 256U << 10U;  // some hundred operations, with room
constexpr std::uint32_t kPerMinuteMax = 10000000;     // a larger number is a slip, not a limit
constexpr mode_t kModeAllowed = 0644;

Error broken(const std::string& where, const std::string& what) {
  return Error{Code::kInvalidArgument, "policy " + where + ": " + what, ""};
}

Result<Ok> checkOwner(const struct stat& info, uid_t owner, const std::string& path) {
  if (info.st_uid != owner)
    return broken(path, "must be owned by uid " + std::to_string(owner) + ", is owned by uid " +
                            std::to_string(info.st_uid));
  return Ok{};
}

Result<Json> readPolicyFile(const std::string& path, uid_t owner) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return broken(path, "cannot be read");
  if (!S_ISREG(info.st_mode)) return broken(path, "is not a file");
  TRY(checkOwner(info, owner, path));
  if ((info.st_mode & 07777U & ~kModeAllowed) != 0)
    return broken(path, "must have mode 0644 or stricter");
  if (info.st_size > static_cast<off_t>(kPolicyBytesMax)) return broken(path, "is too large");
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return broken(path, "cannot be read");
    have += static_cast<std::size_t>(got);
  }
  auto json = parseJson(text, {.bytes = kPolicyBytesMax, .depth = 6, .values = 20000});
  if (!json.ok()) return broken(path, json.error().message);
  return json;
}

Result<Ok> checkKeys(const Json& object,
                     const std::set<std::string>& allowed,
                     const std::string& where) {
  if (!object.is_object()) return broken(where, "must be an object");
  for (const auto& [key, value] : object.items())
    if (!allowed.contains(key)) return broken(where, "unknown key \"" + key + "\"");
  return Ok{};
}

Result<std::set<Peer>> readPeers(const Json& value, const std::string& where) {
  if (!value.is_array()) return broken(where, "\"peers\" must be a list");
  std::set<Peer> peers;
  for (const auto& item : value) {
    const std::string name = item.is_string() ? item.get<std::string>() : "";
    if (name != "api" && name != "admin")
      return broken(where, "\"peers\" holds other than \"api\" and \"admin\"");
    peers.insert(name == "api" ? Peer::kApi : Peer::kAdmin);
  }
  return peers;
}

Result<std::uint32_t> readRate(const Json& object, const char* key, const std::string& where) {
  const auto& value = object.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kPerMinuteMax)
    return broken(where, std::string("\"") + key + "\" must be a number from 0 to 10000000");
  return value.get<std::uint32_t>();
}

// The body of {"version":1,"operations":{...}}, by operation.
Result<Json> readOperations(const std::string& path, uid_t owner) {
  TRY_ASSIGN(Json json, readPolicyFile(path, owner));
  TRY(checkKeys(json, {"version", "operations"}, path));
  if (!json.contains("version") || json["version"] != 1)
    return broken(path, "\"version\" must be 1");
  if (!json.contains("operations") || !json["operations"].is_object())
    return broken(path, "\"operations\" must be an object");
  return Json(json["operations"]);
}

Result<PolicyRules> readShipped(const PolicyFiles& files, const std::set<std::string>& operations) {
  TRY_ASSIGN(const Json json, readOperations(files.shipped, files.owner));
  const std::string file = std::filesystem::path(files.shipped).filename();
  PolicyRules rules;
  for (const auto& [name, value] : json.items()) {
    const std::string where = file + ":" + name;
    if (!operations.contains(name)) return broken(where, "there is no such operation");
    TRY(checkKeys(value, {"peers", "perMinute", "perAccountPerMinute", "breakGlass"}, where));
    if (!value.contains("peers") || !value.contains("perMinute"))
      return broken(where, "needs \"peers\" and \"perMinute\"");
    PolicyRule rule;
    TRY_ASSIGN(rule.peers, readPeers(value["peers"], where));
    TRY_ASSIGN(rule.perMinute, readRate(value, "perMinute", where));
    if (value.contains("perAccountPerMinute")) {
      TRY_ASSIGN(rule.perAccountPerMinute, readRate(value, "perAccountPerMinute", where));
    }
    if (value.contains("breakGlass")) {
      if (!value["breakGlass"].is_boolean())
        return broken(where, "\"breakGlass\" must be true or false");
      rule.breakGlass = value["breakGlass"].get<bool>();
    }
    rule.peersFrom = rule.perMinuteFrom = rule.perAccountFrom = file;
    rules.emplace(name, std::move(rule));
  }
  for (const auto& name : operations)
    if (!rules.contains(name)) return broken(file, "has no rule for operation \"" + name + "\"");
  return rules;
}

Result<Ok> tightenAccounts(PolicyRule& rule,
                           const Json& value,
                           const std::string& file,
                           const std::string& where) {
  if (!value.is_array()) return broken(where, "\"denyAccounts\" must be a list");
  for (const auto& item : value) {
    const std::string name = item.is_string() ? item.get<std::string>() : "";
    if (!Username::parse(name).ok())
      return broken(where, "\"denyAccounts\" holds what is no account name");
    rule.deniedAccounts.emplace(name, file);
  }
  return Ok{};
}

// Every part is compared with the shipped rule, so that no order of files can loosen it; the
// strictest wins.
Result<Ok> tighten(PolicyRule& rule,
                   const PolicyRule& shipped,
                   const Json& value,
                   const std::string& file,
                   const std::string& where) {
  TRY(checkKeys(value, {"peers", "perMinute", "perAccountPerMinute", "denyAccounts"}, where));
  if (value.contains("peers")) {
    TRY_ASSIGN(const auto peers, readPeers(value["peers"], where));
    if (!std::includes(shipped.peers.begin(), shipped.peers.end(), peers.begin(), peers.end()))
      return broken(where, "\"peers\" would allow a peer that the shipped policy does not");
    const auto dropped =
        std::erase_if(rule.peers, [&](Peer peer) { return !peers.contains(peer); });
    if (dropped > 0) rule.peersFrom = file;
  }
  if (value.contains("perMinute")) {
    TRY_ASSIGN(const auto limit, readRate(value, "perMinute", where));
    if (limit > shipped.perMinute) return broken(where, "\"perMinute\" is above the shipped limit");
    if (limit < rule.perMinute) rule.perMinute = limit, rule.perMinuteFrom = file;
  }
  if (value.contains("perAccountPerMinute")) {
    TRY_ASSIGN(const auto limit, readRate(value, "perAccountPerMinute", where));
    if (shipped.perAccountPerMinute && limit > *shipped.perAccountPerMinute)
      return broken(where, "\"perAccountPerMinute\" is above the shipped limit");
    if (!rule.perAccountPerMinute || limit < *rule.perAccountPerMinute)
      rule.perAccountPerMinute = limit, rule.perAccountFrom = file;
  }
  if (value.contains("denyAccounts"))
    TRY(tightenAccounts(rule, value["denyAccounts"], file, where));
  return Ok{};
}

Result<std::vector<std::string>> overrideFiles(const PolicyFiles& files) {
  struct stat info {};
  if (::lstat(files.overrides.c_str(), &info) != 0) {
    if (errno == ENOENT) return std::vector<std::string>{};
    return broken(files.overrides, "cannot be read");
  }
  if (!S_ISDIR(info.st_mode)) return broken(files.overrides, "is not a directory");
  TRY(checkOwner(info, files.owner, files.overrides));
  if ((info.st_mode & 022U) != 0)
    return broken(files.overrides, "is writable for others than its owner");
  std::vector<std::string> names;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(files.overrides, failure), end;
       entry != end && !failure; entry.increment(failure))
    if (entry->path().extension() == ".json") names.push_back(entry->path().filename());
  if (failure) return broken(files.overrides, "cannot be read");
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<PolicyRules> loadPolicy(const PolicyFiles& files, const std::set<std::string>& operations) {
  TRY_ASSIGN(const PolicyRules shipped, readShipped(files, operations));
  PolicyRules rules = shipped;
  TRY_ASSIGN(const auto names, overrideFiles(files));
  for (const auto& name : names) {
    const std::string file = "policy.d/" + name;
    TRY_ASSIGN(const Json json, readOperations(files.overrides + "/" + name, files.owner));
    for (const auto& [operation, value] : json.items()) {
      const std::string where = file + ":" + operation;
      const auto found = rules.find(operation);
      if (found == rules.end()) return broken(where, "there is no such operation");
      TRY(tighten(found->second, shipped.at(operation), value, file, where));
    }
  }
  return rules;
}

}  // namespace bulkhead::agent
