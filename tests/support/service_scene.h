// ServiceScene: an AccountScene with the shipped catalogue and a running engine.
#pragma once
#include <fstream>
#include <sstream>
#include <string>

#include "agent/host/catalogue.h"
#include "tests/paths.h"
#include "tests/support/account_scene.h"

namespace bulkhead::testing {

struct ServiceScene : AccountScene {
  static constexpr const char* kIdFile = "/usr/lib/bulkhead/images/web.id";
  int asked = 0;  // GETs over the site socket

  ServiceScene() {
    std::ifstream file(std::string(BULKHEAD_SOURCE_DIR) + "/policy/images.json");
    std::stringstream text;
    text << file.rdbuf();
    host.addFile(agent::kCataloguePath, text.str());
    host.addFile(kIdFile, "sha256:" + engine.archived + "\n");
    if (!agent::engine::ensure(host, alice.identity).ok())
      throw std::logic_error("the scene cannot be set");
    host.onSite([this](const agent::Identity&, const std::string&) -> Result<agent::HttpReply> {
      ++asked;
      const auto found = engine.containers.find("web");
      if (found == engine.containers.end() || !found->second.running)
        return Error{Code::kUnavailable, "nothing answers", ""};
      return agent::HttpReply{404, ""};
    });
    host.resetFaults();
  }

  // What an upgrade of the package does: a newer image in the archive, under the same tag.
  void upgradeImage() {
    engine.archived = FakeEngine::id("a newer image");
    host.addFile(kIdFile, "sha256:" + engine.archived + "\n");
  }

  // How many requests of this kind the engine got.
  std::size_t count(const std::string& method, const std::string& part) const {
    std::size_t found = 0;
    for (const auto& [who, request] : host.engineRequests())
      if (request.method == method && request.path.find(part) != std::string::npos) ++found;
    return found;
  }
};

}  // namespace bulkhead::testing
