// RealMachine: the machine that this agent runs on.
#pragma once
#include "agent/host/core_host.h"
#include "agent/worker/machine.h"

namespace bulkhead::agent {

class RealMachine final : public Machine {
 public:
  Host& core() override { return core_; }
  Host& worker() override { return host_; }  // in the worker this is a copy of its own
  std::uint64_t externalMicros() const override { return host_.externalMicros(); }
  Result<std::vector<PlannedChange>> preview(const Act& assumption, const Act& operation) override;

 private:
  CoreHost core_;
  RealHost host_;
};

}  // namespace bulkhead::agent
