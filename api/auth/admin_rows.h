// Rows of people, for the files that share it.
#pragma once
#include <optional>
#include <string_view>

#include "api/auth/admin_store.h"

namespace bulkhead::api {

// Of "people a", or of "admins a" for administrators only.
#define PERSON_COLUMNS                                                                    \
  "a.id, a.username, a.role, a.password_hash, a.state, a.created_at, a.email, a.locale, " \
  "a.unix_user, a.revision "

// PERSON_COLUMNS from column `first` on.
Person personFrom(const sqlite::Statement& row, int first);
std::string_view personStateWord(PersonState state);
// kAlreadyExists for a name that another one has.
Result<Ok> insertPerson(sqlite::Connection& connection, const Person& admin);

Result<Ok> insertSession(sqlite::Connection& connection, const Session& session);

// Every way in that the person was given by the password, or as long as he was active.
Result<Ended> endWaysIn(sqlite::Connection& connection, const std::string& personId);

// Those that sign the person in, and those that he had made.
Result<Ok> forgetUiTokensOf(sqlite::Connection& connection, const std::string& personId);

// The first row of a query for PERSON_COLUMNS.
template <typename... Values>
Result<std::optional<Person>> findPerson(sqlite::Connection& connection,
                                         const char* sql,
                                         const Values&... values) {
  sqlite::Statement row = connection.prepare(sql, values...);
  TRY_ASSIGN(const bool found, row.step());
  if (!found) return std::optional<Person>();
  return std::optional<Person>(personFrom(row, 0));
}

}  // namespace bulkhead::api
