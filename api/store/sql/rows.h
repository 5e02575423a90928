// Rows: reading them and binding what may be absent, for everybody who has statements.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "api/store/sql/connection.h"
#include "common/core/result.h"

namespace bulkhead::api::sql {

// NULL when absent.
void bindOptional(Statement& statement, int parameter, const std::optional<std::string>& value);
void bindReference(Statement& statement, int parameter, const std::string& id);  // "" = NULL
std::optional<std::string> optionalText(const Statement& row, int column);

// kNotFound with `what` when a change met no row.
Result<Ok> expectOneRow(const Result<std::int64_t>& changed, const char* what);
// Every row of `statement`, read by `readRow`.
template <typename Read>
auto collectRows(Statement& statement, Read readRow)
    -> Result<std::vector<decltype(readRow(statement))>> {
  std::vector<decltype(readRow(statement))> rows;
  while (true) {
    TRY_ASSIGN(const bool more, statement.step());
    if (!more) return rows;
    rows.push_back(readRow(statement));
  }
}
// Exactly one row, or kNotFound with `what`.
template <typename Read>
auto readOne(Statement statement, Read readRow, const char* what)
    -> Result<decltype(readRow(statement))> {
  TRY_ASSIGN(const bool there, statement.step());
  if (!there) return Error{Code::kNotFound, what, ""};
  return readRow(statement);
}

}  // namespace bulkhead::api::sql
