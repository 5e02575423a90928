// The PHP versions that the agent finds on the host.
#pragma once
#include "api/agent_client/agent_port.h"
#include "api/cpapi/php_catalogue.h"
#include "common/core/clock.h"

namespace bulkhead::api {

Result<PhpVersions> listPhp(AgentPort& agent, const Clock& clock);

}  // namespace bulkhead::api
