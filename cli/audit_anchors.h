// `bulkhead audit anchors`: what the REST server has kept of the audit log's anchors, read from its
// files, so that it need not run nor be asked.
#pragma once
#include <string>

#include "cli/exit_code.h"

namespace bulkhead::cli {

struct AnchorsOptions {
  std::string directory = "/var/lib/bulkhead-api";
};

// One a line, as `audit verify --anchors -` takes them. kNotFound when there is none.
ExitCode runAuditAnchors(const AnchorsOptions& options);

}  // namespace bulkhead::cli
