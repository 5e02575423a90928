#include "api/store/store.h"

namespace bulkhead::api {

Result<Account> Store::account(std::string_view idOrUsername) {
  const auto now = std::chrono::steady_clock::now();
  if (const auto known = accounts_.find(idOrUsername, now)) return *known;
  const std::uint64_t changes = accounts_.changes();
  TRY_ASSIGN(auto found,
             read([&](const Tables& tables) { return tables.accounts().find(idOrUsername); }));
  accounts_.keep(idOrUsername, found, changes, now);
  return found;
}

}  // namespace bulkhead::api
