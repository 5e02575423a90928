#include "tests/support/fake_engine.h"

namespace bulkhead::testing {
namespace {

using agent::HttpReply;

HttpReply json(int status, const Json& body) { return {status, printJson(body)}; }
HttpReply missing(const std::string& what) { return json(404, {{"message", "No such " + what}}); }

std::string withoutQuery(const std::string& path) { return path.substr(0, path.find('?')); }

}  // namespace

std::string FakeEngine::id(const std::string& seed) {
  const auto number = std::to_string(std::hash<std::string>{}(seed) % 1000000007ULL);
  return std::string(64 - number.size(), 'a') + number;
}

FakeEngine::FakeEngine(FakeHost& host) {
  host.onEngine([this](const agent::Identity&, const agent::EngineRequest& request) {
    if (!up) return Result<HttpReply>(Error{Code::kUnavailable, "no engine", ""});
    for (const auto& [prefix, reply] : instead)
      if ((request.method + " " + request.path).starts_with(prefix))
        return Result<HttpReply>(reply);
    return Result<HttpReply>(answer(request));
  });
}

HttpReply FakeEngine::answer(const agent::EngineRequest& request) {
  if (request.path == "/_ping") return {200, "OK"};
  const std::string api = "/v1.41/";
  if (!request.path.starts_with(api)) return missing("page");
  const auto path = request.path.substr(api.size());
  if (path == "version") return json(200, {{"Version", "20.10.24"}});
  if (path == "info")
    return json(200, {{"CgroupDriver", hasMemoryLimit ? "systemd" : "none"},
                      {"MemoryLimit", hasMemoryLimit},
                      {"CpuCfsQuota", hasMemoryLimit},
                      {"PidsLimit", hasMemoryLimit}});
  if (path == "volumes/prune") return json(200, Json::object());
  const auto slash = path.find('/');
  const auto head = withoutQuery(path.substr(0, slash));
  const auto rest = slash == std::string::npos ? "" : path.substr(slash + 1);
  if (head == "networks") return answerNetworks(request, rest);
  if (head == "images") return answerImages(request, rest);
  if (head == "containers") return answerContainers(request, rest);
  return missing("page");
}

HttpReply FakeEngine::answerNetworks(const agent::EngineRequest& request, const std::string& rest) {
  if (request.method == "POST" && rest == "create") {
    auto body = *parseJson(request.body);
    const auto name = body["Name"].get<std::string>();
    if (networks.contains(name)) return json(409, {{"message", "exists"}});
    networks[name] = std::move(body);
    return json(201, {{"Id", id(name)}});
  }
  if (rest.empty()) {
    Json list = Json::array();
    for (const auto& [name, network] : networks)
      list.push_back(network);
    return json(200, list);
  }
  const auto found = networks.find(rest);
  if (found == networks.end()) {
    // As Docker does: what is no name may be the beginning of an id.
    for (const auto& [name, network] : networks)
      if (network.value("Id", "").starts_with(rest)) return json(200, network);
    return missing("network");
  }
  if (request.method == "GET") return json(200, found->second);
  networks.erase(found);
  return {204, ""};
}

HttpReply FakeEngine::answerImages(const agent::EngineRequest& request, const std::string& rest) {
  if (request.method == "POST" && withoutQuery(rest) == "load") {
    auto& tagged = images[loads];
    if (!tagged.empty() && tagged != archived) untagged.push_back(tagged);
    tagged = archived;
    return json(200, {{"stream", "Loaded image: " + loads + "\n"}});
  }
  if (request.method == "POST" && withoutQuery(rest) == "prune") {
    untagged.clear();
    return json(200, Json::object());
  }
  if (withoutQuery(rest) == "json") {
    Json list = Json::array();
    for (const auto& [tag, image] : images)
      list.push_back({{"Id", "sha256:" + image}, {"RepoTags", {tag}}});
    return json(200, list);
  }
  if (request.method == "DELETE") {
    const auto wanted = withoutQuery(rest);
    std::erase_if(images, [&](const auto& entry) { return entry.second == wanted; });
    return json(200, Json::array());
  }
  const auto tag = rest.substr(0, rest.rfind("/json"));
  const auto found = images.find(tag);
  if (found == images.end()) return missing("image");
  return json(200, {{"Id", "sha256:" + found->second}, {"RepoTags", {tag}}});
}

FakeEngine::Container* FakeEngine::find(const std::string& nameOrId) {
  for (auto& [name, container] : containers)
    if (name == nameOrId || container.id == nameOrId) return &container;
  return nullptr;
}

Json FakeEngine::describe(const Container& container) const {
  Json config = {{"Labels", container.created["Labels"]}, {"Image", container.created["Image"]}};
  const auto state = container.running ? "running" : "exited";
  return {{"Id", container.id},
          {"Name", "/" + container.name},
          {"Image", container.image},
          {"State", {{"Status", state}, {"Running", container.running}}},
          {"Config", config},
          {"HostConfig", container.created["HostConfig"]}};
}

HttpReply FakeEngine::answerContainers(const agent::EngineRequest& request,
                                       const std::string& rest) {
  const auto what = withoutQuery(rest);
  if (what == "json") {
    Json list = Json::array();
    for (const auto& [name, container] : containers) {
      if (!container.running && rest.find("all=1") == std::string::npos) continue;
      list.push_back({{"Id", container.id},
                      {"Names", {"/" + name}},
                      {"Labels", container.created["Labels"]},
                      {"State", container.running ? "running" : "exited"}});
    }
    return json(200, list);
  }
  if (what == "create") {
    const auto name = rest.substr(rest.find("name=") + 5);
    if (containers.contains(name)) return json(409, {{"message", "name in use"}});
    const auto body = *parseJson(request.body);
    const auto image = images.find(body["Image"].get<std::string>());
    if (image == images.end()) return missing("image");
    containers[name] = {id(name + request.body), name, body, false, "sha256:" + image->second};
    return json(201, {{"Id", containers[name].id}});
  }
  const auto slash = what.find('/');
  auto* container = find(what.substr(0, slash));
  if (container == nullptr) return missing("container");
  const auto verb = slash == std::string::npos ? "" : what.substr(slash + 1);
  if (request.method == "DELETE") {
    containers.erase(container->name);
    return {204, ""};
  }
  if (verb == "start") container->running = !startsDie;
  if (verb == "stop") container->running = false;
  if (verb == "json") return json(200, describe(*container));
  return {204, ""};
}

}  // namespace bulkhead::testing
