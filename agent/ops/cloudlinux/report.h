// What the operations on CloudLinux answer.
#pragma once
#include <string>
#include <vector>

#include "agent/host/cloudlinux.h"
#include "agent/ops/op.h"

namespace bulkhead::agent {

// The state of host and files, with what a person has to do next; the checks are status's.
Result<Ok> fillReport(const Host& host,
                      const std::vector<std::string>& next,
                      rpc::CloudlinuxReport::Builder out);
// The last act of a change: `next` counts as told, once the report is known to be possible.
Result<Ok> finishReport(Host& host, const std::vector<std::string>& next);

}  // namespace bulkhead::agent
