#include "agent/ops/engine/answer.h"

namespace bulkhead::agent {
namespace {

rpc::Engine::State wireState(engine::State state) {
  switch (state) {
    case engine::State::kAbsent:
      return rpc::Engine::State::ABSENT;
    case engine::State::kStopped:
      return rpc::Engine::State::STOPPED;
    case engine::State::kRunning:
      return rpc::Engine::State::RUNNING;
    case engine::State::kFailed:
      return rpc::Engine::State::FAILED;
  }
  return rpc::Engine::State::FAILED;
}

}  // namespace

Result<Ok> fillEngine(const Host& host, const Identity& who, rpc::Engine::Builder out) {
  TRY_ASSIGN(const auto found, engine::status(host, who));
  out.setState(wireState(found.state));
  out.setUnit(engine::unitName(who.uid));
  out.setContext(engine::contextName(who.username));
  out.setVersion(found.version);
  out.setContainers(found.containers);
  out.setMemoryBytes(found.memoryBytes);
  auto networks = out.initNetworks(static_cast<capnp::uint>(found.networks.size()));
  for (capnp::uint i = 0; i < networks.size(); ++i)
    networks.set(i, found.networks[i].c_str());
  return Ok{};
}

}  // namespace bulkhead::agent
