// How the operations engine.* report an engine.
#pragma once
#include "agent/host/engine.h"
#include "agent/ops/op.h"

namespace bulkhead::agent {

Result<Ok> fillEngine(const Host& host, const Identity& who, rpc::Engine::Builder out);

}  // namespace bulkhead::agent
