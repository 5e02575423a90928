// The first members of a record's line, read without a JSON parser: the written form is fixed.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/audit/record.h"

namespace bulkhead {

struct LineHead {
  AuditTime time;
  std::string_view bootId;  // parts of the line
  std::string_view kind;
};
// Nothing when the line does not begin as the writer's do.
std::optional<LineHead> readHead(std::string_view line);

}  // namespace bulkhead
