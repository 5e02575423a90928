// Rows of the administrators' table, for the files that share it.
#pragma once
#include <optional>
#include <string_view>

#include "api/auth/admin_store.h"

namespace bulkhead::api {

// Of "admins a".
#define ADMIN_COLUMNS                                                                     \
  "a.id, a.username, a.role, a.password_hash, a.state, a.created_at, a.email, a.locale, " \
  "a.unix_user, a.revision "

// ADMIN_COLUMNS from column `first` on.
Admin adminFrom(const sqlite::Statement& row, int first);
std::string_view adminStateWord(AdminState state);
// kAlreadyExists for a name that another one has.
Result<Ok> insertAdmin(sqlite::Connection& connection, const Admin& admin);

// Those that sign the administrator in, and those that he had made.
Result<Ok> forgetUiTokensOf(sqlite::Connection& connection, const std::string& adminId);

// The first row of a query for ADMIN_COLUMNS.
template <typename... Values>
Result<std::optional<Admin>> findAdmin(sqlite::Connection& connection,
                                       const char* sql,
                                       const Values&... values) {
  sqlite::Statement row = connection.prepare(sql, values...);
  TRY_ASSIGN(const bool found, row.step());
  if (!found) return std::optional<Admin>();
  return std::optional<Admin>(adminFrom(row, 0));
}

}  // namespace bulkhead::api
