// The agent as the doctor needs it: what it finds, what it knows, and a repair at a time.
#pragma once
#include <string>
#include <vector>

#include "cli/doctor/finding.h"
#include "common/core/result.h"

namespace bulkhead::cli::doctor {

class Agent {
 public:
  virtual ~Agent() = default;
  virtual Result<Look> look() = 0;
  virtual Result<std::vector<AgentAccount>> accounts() = 0;
  virtual Result<Ok> perform(const Step& step) = 0;
};

// Over root's own socket; works while the REST server is down.
Agent& localAgent();

}  // namespace bulkhead::cli::doctor
