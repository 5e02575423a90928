// A record of the audit log in the words of the Elastic Common Schema 8, which log stores of other
// products read: https://www.elastic.co/guide/en/ecs/8.11/
#pragma once
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

// One line of JSON, without newline, for one line of the log. What ECS has no field for is below
// "bulkhead", so that nothing is lost but the chain's own hashes. kInvalidArgument for what is no
// record.
Result<std::string> ecsLine(std::string_view auditLine);

}  // namespace bulkhead
