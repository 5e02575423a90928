// PhpCatalogue: the PHP versions that the host has.
#pragma once
#include <memory>
#include <vector>

#include "api/agent_client/agent_port.h"
#include "common/core/result.h"

namespace bulkhead::api {

using PhpVersions = std::vector<AgentPhp>;

class PhpCatalogue {
 public:
  virtual ~PhpCatalogue() = default;
  // By identifier. Called by several threads at once.
  virtual Result<std::shared_ptr<const PhpVersions>> versions() = 0;
};

}  // namespace bulkhead::api
