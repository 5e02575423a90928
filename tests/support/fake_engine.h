// FakeEngine: one account's Docker engine on a FakeHost: networks, images and containers, as far as
// the agent asks for them. A test can make it lie, refuse and stop.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "common/core/json.h"
#include "tests/support/fake_host.h"

#include <nlohmann/json.hpp>

namespace bulkhead::testing {

class FakeEngine {
 public:
  explicit FakeEngine(FakeHost& host);
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  struct Container {
    std::string id;
    std::string name;
    Json created;  // the body of the request
    bool running = false;
    std::string image = {};  // its id
  };

  bool up = false;
  std::map<std::string, Json> networks;
  std::map<std::string, std::string> images;    // tag -> id
  std::map<std::string, Container> containers;  // by name
  std::string loads = "bulkhead/web:1";         // the tag that an archive brings
  std::string archived = id("the image");       // and the id of its image
  std::vector<std::string> untagged;            // ids of images that lost their tag
  // "METHOD /path-prefix" -> the answer instead of the engine's own
  std::map<std::string, agent::HttpReply> instead;
  bool startsDie = false;  // a started container ends at once
  bool hasMemoryLimit = false;

  static std::string id(const std::string& seed);  // 64 hexadecimal digits

 private:
  agent::HttpReply answer(const agent::EngineRequest& request);
  agent::HttpReply answerNetworks(const agent::EngineRequest& request, const std::string& rest);
  agent::HttpReply answerImages(const agent::EngineRequest& request, const std::string& rest);
  agent::HttpReply answerContainers(const agent::EngineRequest& request, const std::string& rest);
  Container* find(const std::string& nameOrId);
  Json describe(const Container& container) const;
};

}  // namespace bulkhead::testing
