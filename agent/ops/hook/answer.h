// What a program of CloudLinux's made of what it was told, as a reply.
#pragma once
#include "agent/host/tell.h"
#include "common/rpc/agent.capnp.h"

namespace bulkhead::agent {

void fill(const Told& told, rpc::HookResult::Builder out);

}  // namespace bulkhead::agent
