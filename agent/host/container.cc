#include "agent/host/container.h"

#include <sodium.h>

#include <array>

#include "agent/host/engine.h"
#include "agent/host/engine_reply.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent::container {
namespace {

constexpr std::chrono::milliseconds kLoadLimit{120000};  // a large image on a busy disk
constexpr std::chrono::milliseconds kCreateLimit{60000};
constexpr std::chrono::milliseconds kReadyLimit{20000};
constexpr std::chrono::milliseconds kReadyPoll{50};
constexpr std::uint64_t kNanoCpusPerPercent = 10000000;  // Docker counts 1e-9 CPUs
constexpr std::size_t kShownIdBytes = 19;                // "sha256:" and as much as Docker shows
constexpr int kStopSeconds = 5;                          // then the engine kills

std::string api(const std::string& rest) { return engine::kApi + rest; }

std::string hashOf(const std::string& text) {
  std::array<unsigned char, 16> hash{};
  (void)crypto_generichash(hash.data(), hash.size(),
                           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                           nullptr, 0);  // ignoring: fails only for wrong sizes
  std::string hex;
  for (const auto byte : hash) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

Json bindMount(const std::string& source, const std::string& target, bool readOnly) {
  return {{"Type", "bind"},
          {"Source", source},
          {"Target", target},
          {"ReadOnly", readOnly},
          {"BindOptions", {{"Propagation", "rprivate"}, {"NonRecursive", true}}}};
}

Json mountsOf(const Spec& spec) {
  Json mounts = Json::array();
  const auto& who = spec.who;
  if (spec.service.mountsSites)
    mounts.push_back(bindMount(who.home + "/sites", "/sites", /*readOnly=*/true));
  if (spec.service.mountsSocket)
    mounts.push_back(bindMount(engine::siteDirectory(who.uid), "/run/web", /*readOnly=*/false));
  if (spec.service.mountsData)
    mounts.push_back(
        bindMount(who.home + "/data/" + spec.service.name, "/data", /*readOnly=*/false));
  return mounts;
}

Json hostConfig(const Spec& spec, const Abilities& can) {
  Json config = {{"NetworkMode", networkName(spec.service.network)},
                 {"Mounts", mountsOf(spec)},
                 {"RestartPolicy", {{"Name", "unless-stopped"}}},
                 {"CapDrop", Json::array({"ALL"})},
                 {"CapAdd", spec.service.capabilities},
                 {"SecurityOpt", Json::array({"no-new-privileges"})},
                 {"ReadonlyRootfs", true},
                 {"IpcMode", "private"},
                 {"Tmpfs",
                  {{"/tmp", "rw,nosuid,nodev,noexec,mode=1777,size=" +
                                std::to_string(spec.service.tmpfsBytes)}}}};
  if (can.memory && spec.memoryBytes > 0) {
    config["Memory"] = spec.memoryBytes;
    config["MemorySwap"] = spec.memoryBytes;  // no swap on top
  }
  if (can.cpu && spec.cpuPercent > 0) config["NanoCpus"] = spec.cpuPercent * kNanoCpusPerPercent;
  if (can.processes && spec.service.processes > 0) config["PidsLimit"] = spec.service.processes;
  if (spec.publishPort != 0) {
    const Json port = {{"HostPort", std::to_string(spec.publishPort)}};
    config["PortBindings"][std::to_string(spec.service.publish) + "/tcp"] = Json::array({port});
  }
  return config;
}

std::string label(const Json& inspected, const std::string& name) {
  const auto* labels = memberAt(inspected, {"Config", "Labels"});
  return labels == nullptr ? "" : printable(textAt(*labels, {name}), 64);
}

std::uint16_t publishedPort(const Json& inspected) {
  const auto* bindings = memberAt(inspected, {"HostConfig", "PortBindings"});
  if (bindings == nullptr || !bindings->is_object()) return 0;
  for (const auto& [unused, entries] : bindings->items()) {
    if (!entries.is_array() || entries.empty()) continue;
    const auto text = textAt(entries.front(), {"HostPort"});
    if (!text.empty() && text.size() <= 5 &&
        text.find_first_not_of("0123456789") == std::string::npos)
      return static_cast<std::uint16_t>(std::stoul(text));
  }
  return 0;
}

enum class Image { kKept, kLoaded, kReplaced };

// The tag alone proves nothing: a newer package brings a newer image under the same tag, and the
// account may have tagged an image of its own.
Result<Image> ensureImage(Host& host, const Spec& spec) {
  const auto path = api("/images/" + spec.service.image + "/json");
  const auto idOf = [](const HttpReply& reply) {
    const auto body = engineJson(reply);
    return body.ok() ? textAt(*body, {"Id"}) : std::string();
  };
  const auto present = host.engineQuery(spec.who, path);
  if (!present.ok() && !host.isPreview()) return present.error();
  const bool tagged = present.ok() && present->status == 200;
  if (tagged && idOf(*present) == spec.imageId) return Image::kKept;
  EngineRequest load{"POST", api("/images/load?quiet=1"), "", "", kLoadLimit};
  load.bodyFile = std::string(kImageDirectory) + "/" + spec.service.archive;
  TRY_ASSIGN(const auto loaded, host.engine(spec.who, load));
  if (host.isPreview()) return Image::kLoaded;
  TRY(expectEngineSuccess(loaded, "loading " + spec.service.archive));
  // The engine answers 200 and says in the body that a disk is full.
  TRY_ASSIGN(const auto now, host.engineQuery(spec.who, path));
  if (now.status == 200 && idOf(now) == spec.imageId)
    return tagged ? Image::kReplaced : Image::kLoaded;
  return Error{Code::kUnavailable,
               "engine: " + spec.service.archive + " did not bring " + spec.service.image, ""};
}

// The images of the panel, and no other of the account, carry the label.
void dropReplacedImages(Host& host, const Identity& who) {
  constexpr const char* kUntagged =
      "/images/prune?filters=%7B%22dangling%22%3A%5B%22true%22%5D%2C"
      "%22label%22%3A%5B%22bulkhead.packages%22%5D%7D";
  // ignoring: an old image that stays costs room, and the next upgrade tries again
  (void)host.engine(who, {"POST", api(kUntagged), "", "", kCreateLimit});
}

Result<Ok> ensureDirectories(Host& host, const Spec& spec) {
  if (spec.service.mountsSites) TRY(host.makeHomeDirectory(spec.who, "sites", 0750));
  if (!spec.service.mountsData) return Ok{};
  TRY(host.makeHomeDirectory(spec.who, "data", 0750));
  return host.makeHomeDirectory(spec.who, "data/" + spec.service.name, 0750);
}

Result<Ok> start(Host& host, const Spec& spec) {
  TRY_ASSIGN(const auto reply,
             host.engine(spec.who, {"POST", api("/containers/" + spec.service.name + "/start"), "",
                                    "", kCreateLimit}));
  auto done = expectEngineSuccess(reply, "starting " + spec.service.name);
  if (done.ok() || spec.publishPort == 0) return done;
  for (const char* words : {"already in use", "already allocated"})
    if (done.error().message.find(words) != std::string::npos)
      return Error{Code::kConflict,
                   "port " + std::to_string(spec.publishPort) + " is in use on this machine",
                   "publishPort"};
  return done;
}

bool isAnswering(const Host& host, const Spec& spec, std::string& detail) {
  if (spec.service.ready == CatalogueService::Ready::kRunning) return true;
  const auto reply = host.siteQuery(spec.who, "/");
  detail = reply.ok() ? "the site socket answers " + std::to_string(reply->status)
                      : "the site socket does not answer";
  return reply.ok();
}

bool isAsMade(const Found& found, const Spec& spec) {
  return found.service == spec.service.name && found.account == std::to_string(spec.who.uid) &&
         found.image == spec.service.image && found.imageId == spec.imageId &&
         found.network == networkName(spec.service.network) &&
         found.publishPort == spec.publishPort;
}

Proof proofOf(const Spec& spec, const Found& found, const std::string& socket) {
  Proof proof{{"container", spec.service.name + " runs " + found.image},
              {"image", found.imageId.substr(0, kShownIdBytes)},
              {"network", found.network}};
  if (!socket.empty()) proof.push_back({"socket probe", socket});
  if (spec.publishPort != 0) proof.push_back({"published port", std::to_string(found.publishPort)});
  const bool limited = found.memoryBytes == spec.memoryBytes && found.cpuPercent == spec.cpuPercent;
  proof.push_back({"limits", limited ? "of the container and of the account's slice"
                                     : "of the account's slice; this engine cannot limit one "
                                       "container"});
  return proof;
}

}  // namespace

Result<Abilities> abilities(const Host& host, const Identity& who) {
  const auto reply = host.engineQuery(who, api("/info"));
  if (host.isPreview() && !(reply.ok() && reply->status == 200)) return Abilities{};
  if (!reply.ok()) return reply.error();
  TRY_ASSIGN(const auto info, engineJson(reply.value()));
  const bool groups = textAt(info, {"CgroupDriver"}) != "none";
  return Abilities{groups && flagAt(info, {"MemoryLimit"}) == true,
                   groups && flagAt(info, {"CpuCfsQuota"}) == true,
                   groups && flagAt(info, {"PidsLimit"}) == true};
}

std::string createBody(const Spec& spec, const Abilities& can) {
  Json body = {{"Image", spec.service.image},
               {"Hostname", spec.service.name},
               {"User", spec.service.user},
               {"StopTimeout", kStopSeconds},
               {"Labels",
                {{"bulkhead.account", std::to_string(spec.who.uid)},
                 {"bulkhead.service", spec.service.name},
                 {"bulkhead.image", spec.imageId}}},
               {"HostConfig", hostConfig(spec, can)}};
  if (spec.publishPort != 0)
    body["ExposedPorts"][std::to_string(spec.service.publish) + "/tcp"] = Json::object();
  body["Labels"]["bulkhead.spec"] = hashOf(printJson(body));
  return printJson(body);
}

// Containers of an older version are labelled with the name that the account had then.
bool isPanels(const Found& found, const std::string& service) {
  return found.service == service && !found.account.empty();
}

Result<Found> inspect(const Host& host, const Identity& who, const std::string& nameOrId) {
  TRY_ASSIGN(const auto reply, host.engineQuery(who, api("/containers/" + nameOrId + "/json")));
  if (reply.status == 404)
    return Error{Code::kNotFound, "engine: there is no container " + nameOrId, "service"};
  TRY_ASSIGN(const auto body, engineJson(reply));
  Found found;
  found.id = textAt(body, {"Id"});
  if (!isEngineId(found.id)) return Error{Code::kUnavailable, "engine: an id is not an id", ""};
  found.image = printable(textAt(body, {"Config", "Image"}), 100);
  found.imageId = textAt(body, {"Image"});
  found.state = printable(textAt(body, {"State", "Status"}), 20);
  found.service = label(body, "bulkhead.service");
  found.account = label(body, "bulkhead.account");
  found.spec = label(body, "bulkhead.spec");
  found.network = printable(textAt(body, {"HostConfig", "NetworkMode"}), 64);
  found.publishPort = publishedPort(body);
  found.cpuPercent =
      static_cast<std::uint32_t>(numberAt(body, {"HostConfig", "NanoCpus"}) / kNanoCpusPerPercent);
  found.memoryBytes = numberAt(body, {"HostConfig", "Memory"});
  return found;
}

Result<Ok> apply(Host& host, const Spec& spec) {
  TRY(ensureDirectories(host, spec));
  TRY_ASSIGN(const auto image, ensureImage(host, spec));
  TRY_ASSIGN(const auto can, abilities(host, spec.who));
  const auto body = createBody(spec, can);
  const auto wanted = parseJson(body);
  if (!wanted.ok()) return wanted.error();
  const auto present = inspect(host, spec.who, spec.service.name);
  if (present.ok()) {
    // The labels are the tenant's to write, so what they say must also be so.
    if (present->spec == textAt(*wanted, {"Labels", "bulkhead.spec"}) &&
        present->state == "running" && isAsMade(*present, spec))
      return Ok{};
    TRY(remove(host, spec.who, spec.service.name));
  } else if (present.error().code != Code::kNotFound && !host.isPreview()) {
    return present.error();
  }
  TRY_ASSIGN(const auto created,
             host.engine(spec.who, {"POST", api("/containers/create?name=" + spec.service.name),
                                    body, "", kCreateLimit}));
  if (!host.isPreview()) TRY(expectEngineSuccess(created, "making " + spec.service.name));
  auto started = start(host, spec);
  if (image == Image::kReplaced) dropReplacedImages(host, spec.who);
  return host.isPreview() ? Result<Ok>(Ok{}) : started;
}

Result<Proof> prove(const Host& host, const Spec& spec) {
  const auto deadline = host.now() + kReadyLimit;
  std::string detail;
  for (auto polls = kReadyLimit / kReadyPoll; polls > 0 && host.now() < deadline; --polls) {
    TRY_ASSIGN(const auto found, inspect(host, spec.who, spec.service.name));
    if (!isAsMade(found, spec))
      return Error{Code::kInternal, "the container is not as it was made", ""};
    if (found.state == "running" && isAnswering(host, spec, detail))
      return proofOf(spec, found, detail);
    if (found.state != "running") detail = "the container is " + found.state;
    host.pause(kReadyPoll);
  }
  return Error{Code::kUnavailable, spec.service.name + " is not ready: " + detail, ""};
}

Result<Ok> remove(Host& host, const Identity& who, const std::string& service) {
  const auto found = inspect(host, who, service);
  if (!found.ok() && found.error().code == Code::kNotFound) return Ok{};
  if (!found.ok()) return host.isPreview() ? Result<Ok>(Ok{}) : found.error();
  if (!isPanels(*found, service))
    return Error{Code::kConflict, "the container " + service + " is not the panel's", "service"};
  TRY_ASSIGN(const auto reply,
             host.engine(who, {"DELETE", api("/containers/" + found->id + "?force=1&v=1"), "", "",
                               kCreateLimit}));
  if (reply.status == 404 || host.isPreview()) return Ok{};
  return expectEngineSuccess(reply, "removing " + service);
}

}  // namespace bulkhead::agent::container
