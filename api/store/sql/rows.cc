#include "api/store/sql/rows.h"

namespace bulkhead::api::sql {

void bindOptional(Statement& statement, int parameter, const std::optional<std::string>& value) {
  if (value.has_value())
    statement.bind(parameter, *value);
  else
    statement.bind(parameter, nullptr);
}

void bindReference(Statement& statement, int parameter, const std::string& id) {
  if (id.empty())
    statement.bind(parameter, nullptr);
  else
    statement.bind(parameter, id);
}

std::optional<std::string> optionalText(const Statement& row, int column) {
  if (row.isNull(column)) return std::nullopt;
  return row.text(column);
}

Result<Ok> expectOneRow(const Result<std::int64_t>& changed, const char* what) {
  if (!changed.ok()) return changed.error();
  if (*changed == 0) return Error{Code::kNotFound, what, ""};
  return Ok{};
}

}  // namespace bulkhead::api::sql
