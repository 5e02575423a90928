// Machine: where the dispatcher gets hosts from. The product's is the real machine; tests bring
// their own.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "common/core/result.h"
#include "common/rpc/op.capnp.h"

namespace bulkhead::agent {

struct PlannedChange {
  rpc::Change::Kind kind = rpc::Change::Kind::RUN;
  std::string target;
  std::string diff;
};

class Machine {
 public:
  virtual ~Machine() = default;
  // For reads of the agent's own records, in the core.
  virtual Host& core() = 0;

  // ---- called in a worker only
  virtual Host& worker() = 0;
  virtual std::uint64_t externalMicros()
      const = 0;  // spent in other programs and engines by worker()
  // Lets `operation` loose on a host that only notes what it would do. What `assumption` does
  // before, if it is given, looks as if it were done already, and is not noted.
  using Act = std::function<Result<Ok>(Host&)>;
  virtual Result<std::vector<PlannedChange>> preview(const Act& assumption,
                                                     const Act& operation) = 0;
};

}  // namespace bulkhead::agent
