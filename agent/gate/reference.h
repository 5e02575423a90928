// The reference of all operations, written from the schema: docs/operations.md.
#pragma once
#include <string>

#include "agent/gate/operation_table.h"

namespace bulkhead::agent {

std::string operationsMarkdown(const OperationTable& table);

}  // namespace bulkhead::agent
