// `bulkhead audit why REQUEST` says what became of a request, record by record; `bulkhead audit
// replay RECORD` asks the agent what the same call would do now, and touches nothing. Both ask the
// agent itself, root's socket.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <capnp/dynamic.h>

#include "cli/exit_code.h"
#include "common/core/json.h"
#include "common/core/result.h"

#include <nlohmann/json_fwd.hpp>

namespace bulkhead::cli {

// The records of one request, newest first as the agent answers them, told from the first one on.
std::string renderWhy(const std::vector<Json>& records);

// "account.create" -> "accountCreate".
std::string methodOfOperation(const std::string& operation);
// What a record kept of a call's parameters. Refuses (kUnsupported) what it did not keep: secrets,
// and values that were too long. `left`: fields that the record does not name.
Result<Ok> fillFromRecord(const Json& params,
                          capnp::DynamicStruct::Builder out,
                          std::vector<std::string>& left);

ExitCode runAuditWhy(const std::string& requestId, bool json);
ExitCode runAuditReplay(std::uint64_t seq, bool json);

}  // namespace bulkhead::cli
