// How the operations service.* report a container.
#pragma once
#include "agent/host/container.h"
#include "agent/ops/op.h"

namespace bulkhead::agent {

inline void fillService(const std::string& name,
                        const container::Found& found,
                        rpc::Service::Builder out) {
  out.setService(name);
  out.setContainer(found.id.substr(0, 12));
  out.setImage(found.image);
  out.setState(found.state);
  out.setNetwork(found.network);
  out.setPublishPort(found.publishPort);
  out.setCpuPercent(found.cpuPercent);
  out.setMemoryBytes(found.memoryBytes);
}

}  // namespace bulkhead::agent
