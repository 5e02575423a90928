#include "agent/host/engine.h"

#include <sodium.h>

#include <array>

#include "agent/host/engine_reply.h"
#include "agent/host/systemd.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent::engine {
namespace {

constexpr gid_t kWebGroup = 33;  // www-data; the number is fixed by Debian's base-passwd
// One socket, with room for what a curious tenant puts beside it; a page of memory each.
constexpr const char* kSiteMountLimits = "size=256k,nr_inodes=32";
constexpr std::chrono::milliseconds kStopLimit{45000};    // the unit itself has 20 s
constexpr std::chrono::milliseconds kRemoveLimit{60000};  // a container's files, a large image

struct Network {
  const char* name;
  bool internal;  // no way out, and no port can be published from it
};
constexpr std::array<Network, 2> kNetworks{{{"www", false}, {"db", true}}};

std::string apiPath(const std::string& rest) { return kApi + rest; }

Error withCode(Code code, const std::string& message) { return Error{code, message, ""}; }

std::string siteMountPath(uid_t uid) {
  return std::string(systemd::kUnitDirectory) + "/" + siteMountUnit(uid);
}

std::string contextFile(const std::string& username) {
  return contextDirectory(username) + "/meta.json";
}

bool answers(const Host& host, const Identity& who) {
  const auto reply = host.engineQuery(who, "/_ping");
  return reply.ok() && reply->status == 200;
}

Result<Ok> awaitReady(const Host& host, const Identity& who) {
  const auto deadline = host.now() + kReadyLimit;
  for (auto polls = kReadyLimit / kReadyPoll; polls > 0 && host.now() < deadline; --polls) {
    if (answers(host, who)) return Ok{};
    TRY_ASSIGN(const auto state, systemd::unitState(host, unitName(who.uid)));
    if (state.active == "failed")
      return withCode(Code::kUnavailable, "engine: " + unitName(who.uid) + " failed to start");
    host.pause(kReadyPoll);
  }
  return withCode(Code::kTimeout, "engine: does not answer " +
                                      std::to_string(kReadyLimit.count() / 1000) +
                                      " s after its start");
}

// nullopt: there is no such network.
Result<std::optional<Json>> findNetwork(const Host& host, const Identity& who, const Network& net) {
  TRY_ASSIGN(const auto reply,
             host.engineQuery(who, apiPath(std::string("/networks/") + net.name)));
  if (reply.status == 404) return std::optional<Json>{};
  TRY_ASSIGN(auto body, engineJson(reply));
  // Without such a name, the engine takes "db" for the beginning of an id, and one network in 256
  // has such an id. A name, where it exists, goes first.
  if (textAt(body, {"Name"}) != net.name) return std::optional<Json>{};
  return std::optional<Json>{std::move(body)};
}

bool isAsWanted(const Json& found, const Network& net) {
  return textAt(found, {"Name"}) == net.name && textAt(found, {"Driver"}) == "bridge" &&
         flagAt(found, {"Internal"}) == net.internal;
}

Result<Ok> createNetwork(Host& host, const Identity& who, const Network& net) {
  const Json body = {{"Name", net.name},
                     {"CheckDuplicate", true},
                     {"Driver", "bridge"},
                     {"Internal", net.internal},
                     {"Attachable", false},
                     {"EnableIPv6", false},
                     {"Labels", {{"bulkhead.account", std::to_string(who.uid)}}}};
  TRY_ASSIGN(const auto reply, host.engine(who, {"POST", apiPath("/networks/create"),
                                                 printJson(body), "", kRemoveLimit}));
  return expectEngineSuccess(reply, std::string("creating network ") + net.name);
}

Result<Ok> ensureNetwork(Host& host, const Identity& who, const Network& net) {
  const auto found = findNetwork(host, who, net);
  if (!found.ok()) {
    if (host.isPreview()) return createNetwork(host, who, net);  // no engine yet that could say
    return found.error();
  }
  if (found->has_value() && isAsWanted(found->value(), net)) return Ok{};
  if (found->has_value()) {
    // Somebody else made it, for example without "internal". The engine refuses to delete it while
    // containers hang on it, and then so do we.
    TRY_ASSIGN(const auto reply,
               host.engine(who, {"DELETE", apiPath(std::string("/networks/") + net.name), "", "",
                                 kRemoveLimit}));
    if (reply.status == 403 || reply.status == 409)
      return withCode(Code::kConflict, std::string("engine: network ") + net.name +
                                           " is not the panel's and is in use");
    TRY(expectEngineSuccess(reply, std::string("removing network ") + net.name));
  }
  return createNetwork(host, who, net);
}

Result<Ok> ensureContext(Host& host, const Identity& who) {
  const auto text = contextText(who.username, who.uid);
  const auto present = host.readFile(contextFile(who.username));
  if (present.ok() && present.value() == text) return Ok{};
  if (!present.ok() && present.error().code != Code::kNotFound) return present.error();
  const std::string root = kDockerConfig;
  for (const auto& directory :
       {root, root + "/contexts", root + "/contexts/meta", contextDirectory(who.username)})
    TRY(host.makeDirectory(directory, {0700, 0, 0}));
  return host.writeFile(contextFile(who.username), text, {0600, 0, 0});
}

Result<std::vector<std::string>> idsOf(const Host& host,
                                       const Identity& who,
                                       const std::string& path) {
  TRY_ASSIGN(const auto reply, host.engineQuery(who, apiPath(path)));
  TRY_ASSIGN(const auto list, engineJson(reply));
  if (!list.is_array()) return withCode(Code::kUnavailable, "engine: the answer is no list");
  std::vector<std::string> ids;
  for (const auto& entry : list) {
    auto id = textAt(entry, {"Id"});
    if (id.starts_with("sha256:")) id.erase(0, 7);
    if (!isEngineId(id)) return withCode(Code::kUnavailable, "engine: an id is not an id");
    ids.push_back(std::move(id));
  }
  return ids;
}

Result<Ok> removeEach(Host& host,
                      const Identity& who,
                      const std::string& listPath,
                      const std::string& prefix,
                      const std::string& options) {
  TRY_ASSIGN(const auto ids, idsOf(host, who, listPath));
  for (const auto& id : ids) {
    TRY_ASSIGN(const auto reply,
               host.engine(who, {"DELETE", apiPath(prefix + id + options), "", "", kRemoveLimit}));
    if (reply.status == 404) continue;  // gone meanwhile, for example with its parent image
    TRY(expectEngineSuccess(reply, "removing " + prefix + id.substr(0, 12)));
  }
  TRY_ASSIGN(const auto left, idsOf(host, who, listPath));
  if (!left.empty())
    return withCode(Code::kInternal, "engine: " + std::to_string(left.size()) + " of " + prefix +
                                         " are left after their removal");
  return Ok{};
}

}  // namespace

std::string unitName(uid_t uid) { return "bulkhead-engine@" + std::to_string(uid) + ".service"; }
std::string runtimeDirectory(uid_t uid) { return "/run/bulkhead-engine/" + std::to_string(uid); }
std::string socketPath(uid_t uid) { return runtimeDirectory(uid) + "/docker.sock"; }
std::string siteDirectory(uid_t uid) { return "/run/bulkhead-sites/" + std::to_string(uid); }
std::string siteMountUnit(uid_t uid) {
  return "run-bulkhead\\x2dsites-" + std::to_string(uid) + ".mount";
}

std::string siteMountText(uid_t uid) {
  const auto number = std::to_string(uid);
  return "# Written by bulkhead-agent: where the web server of account " + number +
         " puts its socket.\n[Unit]\nDescription=Site socket directory of hosting account " +
         number + "\n\n[Mount]\nWhat=tmpfs\nWhere=" + siteDirectory(uid) +
         "\nType=tmpfs\nOptions=" + kSiteMountLimits + ",mode=0710,uid=" + number +
         ",gid=" + std::to_string(kWebGroup) + ",nosymfollow,nodev,nosuid,noexec\n";
}

std::string contextName(const std::string& username) {
  // Docker keeps "default" for itself and wants two characters; no username has a dot.
  return username.size() < 2 || username == "default" ? "account." + username : username;
}

std::string contextDirectory(const std::string& username) {
  const auto name = contextName(username);
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  (void)crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(name.data()),
                           name.size());  // ignoring: it has no way to fail
  std::string text;
  for (const auto byte : hash) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return std::string(kDockerConfig) + "/contexts/meta/" + text;
}

std::string contextText(const std::string& username, uid_t uid) {
  const Json context = {
      {"Name", contextName(username)},
      {"Metadata", {{"Description", "Hosting account " + username}}},
      {"Endpoints",
       {{"docker", {{"Host", "unix://" + socketPath(uid)}, {"SkipTLSVerify", false}}}}}};
  return printJson(context);
}

Result<Ok> ensure(Host& host, const Identity& who) {
  const auto unit = unitName(who.uid);
  TRY(systemd::ensureUnitFile(host, siteMountUnit(who.uid), siteMountPath(who.uid),
                              siteMountText(who.uid)));
  TRY(systemd::enable(host, unit));
  const auto state = systemd::unitState(host, unit);
  // Five failed starts in a minute lock a unit; a person who asks again has changed something.
  if (state.ok() && state->active == "failed")
    TRY(host.run({Program::kSystemctl, {"reset-failed", "--", unit}, ""}));
  TRY(systemd::start(host, siteMountUnit(who.uid)));
  TRY(systemd::start(host, unit));
  if (!host.isPreview()) TRY(awaitReady(host, who));
  for (const auto& net : kNetworks)
    TRY(ensureNetwork(host, who, net));
  return ensureContext(host, who);
}

Result<Proof> prove(const Host& host, const Identity& who) {
  Proof proof;
  TRY_ASSIGN(const auto unit, systemd::unitState(host, unitName(who.uid)));
  if (!unit.isActive())
    return withCode(Code::kInternal, "engine: " + unitName(who.uid) + " is " + unit.active);
  proof.push_back({"unit", unitName(who.uid) + " is active (" + unit.sub + ")"});
  TRY_ASSIGN(const auto mount, systemd::unitState(host, siteMountUnit(who.uid)));
  if (!mount.isActive())
    return withCode(Code::kInternal, "engine: " + siteDirectory(who.uid) + " is not mounted");
  TRY_ASSIGN(const auto directory, host.inspect(siteDirectory(who.uid)));
  if (directory.uid != who.uid || directory.gid != kWebGroup || directory.mode != 0710)
    return withCode(Code::kInternal, "engine: " + siteDirectory(who.uid) + " has a wrong owner");
  proof.push_back({"site socket directory", siteDirectory(who.uid) + " is its own file system"});
  TRY_ASSIGN(const auto reply, host.engineQuery(who, apiPath("/version")));
  TRY_ASSIGN(const auto version, engineJson(reply));
  proof.push_back({"engine answers", "version " + printable(textAt(version, {"Version"}), 40)});
  for (const auto& net : kNetworks) {
    TRY_ASSIGN(const auto found, findNetwork(host, who, net));
    if (!found || !isAsWanted(*found, net))
      return withCode(Code::kInternal,
                      std::string("engine: network ") + net.name + " is not as it was made");
    proof.push_back({std::string("network ") + net.name, net.internal ? "internal" : "bridge"});
  }
  TRY_ASSIGN(const auto context, host.readFile(contextFile(who.username)));
  if (context != contextText(who.username, who.uid))
    return withCode(Code::kInternal, "engine: the Docker context was changed");
  proof.push_back({"docker context", contextName(who.username)});
  return proof;
}

Result<Status> status(const Host& host, const Identity& who) {
  Status found;
  TRY_ASSIGN(const auto unit, systemd::unitState(host, unitName(who.uid)));
  if (unit.active == "failed") found.state = State::kFailed;
  if (!unit.isActive()) {
    const auto context = host.inspect(contextFile(who.username));
    if (found.state == State::kAbsent && context.ok()) found.state = State::kStopped;
    return found;
  }
  found.state = State::kRunning;
  auto slice = systemd::show(host, systemd::sliceName(who.uid), {"MemoryCurrent"});
  if (slice.ok()) {
    const auto text = slice.value()["MemoryCurrent"];  // "[not set]" without a control group
    // Twenty digits are systemd's "unknown", 2^64-1.
    if (!text.empty() && text.size() < 20 &&
        text.find_first_not_of("0123456789") == std::string::npos)
      found.memoryBytes = std::stoull(text);
  }
  TRY_ASSIGN(const auto version, host.engineQuery(who, apiPath("/version")));
  TRY_ASSIGN(const auto versionBody, engineJson(version));
  found.version = printable(textAt(versionBody, {"Version"}), 40);
  TRY_ASSIGN(const auto containers, idsOf(host, who, "/containers/json"));
  found.containers = static_cast<std::uint32_t>(containers.size());
  TRY_ASSIGN(const auto networks, host.engineQuery(who, apiPath("/networks")));
  TRY_ASSIGN(const auto list, engineJson(networks));
  if (list.is_array()) {
    for (const auto& entry : list)
      found.networks.push_back(printable(textAt(entry, {"Name"}), 64));
  }
  return found;
}

Result<Ok> stop(Host& host, const Identity& who) {
  const auto unit = unitName(who.uid);
  TRY(systemd::disable(host, unit));
  return systemd::stop(host, unit, kStopLimit);
}

Result<Purged> purge(Host& host, const Identity& who) {
  TRY_ASSIGN(const bool had, hasContext(host, who));
  if (!had) return Purged::kAll;
  if (!answers(host, who)) {
    TRY(systemd::start(host, siteMountUnit(who.uid)));
    const auto started = systemd::start(host, unitName(who.uid));
    if (host.isPreview()) return Purged::kAll;
    if (!started.ok() || !awaitReady(host, who).ok()) return Purged::kUnreachable;
  }
  if (host.isPreview()) return Purged::kAll;  // what it would remove is the engine's to say
  TRY(removeEach(host, who, "/containers/json?all=1", "/containers/", "?force=1&v=1"));
  TRY(removeEach(host, who, "/images/json?all=1", "/images/", "?force=1"));
  TRY_ASSIGN(const auto volumes,
             host.engine(who, {"POST", apiPath("/volumes/prune"), "", "", kRemoveLimit}));
  TRY(expectEngineSuccess(volumes, "removing volumes"));
  return Purged::kAll;
}

Result<bool> hasContext(const Host& host, const Identity& who) {
  const auto found = host.inspect(contextFile(who.username));
  if (found.ok()) return true;
  if (found.error().code == Code::kNotFound) return false;
  return found.error();
}

Result<Ok> moveContext(Host& host, const Identity& from, const Identity& to) {
  TRY_ASSIGN(const bool had, hasContext(host, from));
  if (had) TRY(ensureContext(host, to));
  return host.removeTree(contextDirectory(from.username));
}

Result<Ok> absent(Host& host, const Identity& who) {
  TRY(stop(host, who));
  TRY(systemd::stop(host, siteMountUnit(who.uid), kStopLimit));
  TRY(systemd::removeUnitFile(host, siteMountUnit(who.uid), siteMountPath(who.uid)));
  // A failed instance would stay in `systemctl list-units`. Ignoring the exit code: 1 when there is
  // nothing to forget.
  TRY(host.run({Program::kSystemctl, {"reset-failed", "--", unitName(who.uid)}, ""}));
  TRY(host.removeTree(siteDirectory(who.uid)));
  TRY(host.removeTree(runtimeDirectory(who.uid)));
  return host.removeTree(contextDirectory(who.username));
}

Result<Proof> proveAbsent(const Host& host, const Identity& who) {
  TRY_ASSIGN(const auto unit, systemd::unitState(host, unitName(who.uid)));
  if (unit.active != "inactive")
    return withCode(Code::kInternal, "engine: " + unitName(who.uid) + " is " + unit.active);
  for (const auto& path :
       {siteMountPath(who.uid), siteDirectory(who.uid), runtimeDirectory(who.uid),
        contextDirectory(who.username),
        std::string(systemd::kUnitDirectory) + "/multi-user.target.wants/" + unitName(who.uid)}) {
    const auto found = host.inspect(path);
    if (found.ok()) return withCode(Code::kInternal, "engine: " + path + " is left");
    if (found.error().code != Code::kNotFound) return found.error();
  }
  return Proof{{"engine", "no unit, mount, directory or context of " + who.username + " is left"}};
}

}  // namespace bulkhead::agent::engine
