// Container: one service in an account's engine. Its request is built from the closed model below,
// so that nothing a caller says can ask for a privileged container, a namespace of the host, a
// device, or a directory that is not the account's own.
#pragma once
#include <cstdint>
#include <string>

#include "agent/host/catalogue.h"
#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent::container {

struct Spec {
  Identity who;
  CatalogueService service;
  std::string imageId;           // the tag may name an older image of the same service
  std::uint32_t cpuPercent = 0;  // 0 = the account's own limit alone
  std::uint64_t memoryBytes = 0;
  std::uint16_t publishPort = 0;  // 0 = not reachable from outside
};

// What the engine can limit. A rootless engine without control groups limits nothing: the account's
// slice does.
struct Abilities {
  bool memory = false;
  bool cpu = false;
  bool processes = false;
};
Result<Abilities> abilities(const Host& host, const Identity& who);

// The body of POST /containers/create, with a label that names this very body by its hash.
std::string createBody(const Spec& spec, const Abilities& can);

struct Found {
  std::string id;
  std::string image;
  std::string imageId;
  std::string state;    // "running", "exited", ...
  std::string service;  // the label; "" for a container that is not the panel's
  std::string account;  // the label; the uid, for a name may change. "" as above
  std::string spec;
  std::string network;
  std::uint16_t publishPort = 0;
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
};
// The engine is one account's, so that the labels only say whether the panel made it.
bool isPanels(const Found& found, const std::string& service);
// kNotFound. `nameOrId` is a service's name or an id that isEngineId() accepts.
Result<Found> inspect(const Host& host, const Identity& who, const std::string& nameOrId);

// Loads the image if the engine lacks it or has an older one, then makes and starts the container;
// one with the same specification that runs stays untouched.
Result<Ok> apply(Host& host, const Spec& spec);
// Reads the container back and waits until it is ready.
Result<Proof> prove(const Host& host, const Spec& spec);
// Absent is fine. kConflict for a container of that name that is not the panel's.
Result<Ok> remove(Host& host, const Identity& who, const std::string& service);

}  // namespace bulkhead::agent::container
