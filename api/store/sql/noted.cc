// Accounts and what belongs to them, plans and resellers, with their events.
#include "api/store/sql/noted.h"

#include "api/usecases/state_names.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api::sql {
namespace {

Event eventOf(const char* object, const char* what) {
  Event event;
  event.object = object;
  event.type = std::string(object) + "." + what;
  return event;
}

Event eventOf(const Account& account, const char* what, Json data = Json::object()) {
  Event event = eventOf("account", what);
  event.objectId = account.id;
  event.name = account.username;
  event.accountId = account.id;
  data["state"] = stateName(account.state);
  if (!account.planName.empty()) data["plan"] = account.planName;
  event.data = printJson(data);
  return event;
}

Event eventOf(const Domain& domain, const char* what, Json data = Json::object()) {
  Event event = eventOf("domain", what);
  event.objectId = domain.id;
  event.name = domain.name;
  event.accountId = domain.accountId;
  data["state"] = stateName(domain.state);
  data["kind"] = kindName(domain.kind);
  data["primary"] = domain.primary;
  event.data = printJson(data);
  return event;
}

Event eventOf(const DatabaseUser& user, const char* what) {
  Event event = eventOf("database_user", what);
  event.objectId = user.name;
  event.name = user.name;
  event.accountId = user.accountId;
  return event;
}

Event eventOf(const Plan& plan, const char* what) {
  Event event = eventOf("plan", what);
  event.objectId = plan.id;
  event.name = plan.name;
  return event;
}

Event eventOf(const Reseller& reseller, const char* what) {
  Event event = eventOf("reseller", what);
  event.objectId = reseller.id;
  event.name = reseller.name;
  return event;
}

// What an account does when it comes into a state; nullptr for the one in which it begins.
const char* wordFor(AccountState state) {
  switch (state) {
    case AccountState::kCreating:
      return nullptr;
    case AccountState::kActive:
      return "activated";
    case AccountState::kSuspended:
      return "suspended";
    case AccountState::kDeleting:
      return "deleting";
    case AccountState::kFailed:
      return "failed";
    case AccountState::kDeleted:
      return "deleted";
  }
  return nullptr;
}

const char* wordFor(DomainState state) {
  switch (state) {
    case DomainState::kPending:
      return nullptr;
    case DomainState::kActive:
      return "activated";
    case DomainState::kRemoving:
      return "removing";
  }
  return nullptr;
}

}  // namespace

// ---- accounts

Result<Ok> NotedAccounts::note(const std::string& id, const char* what) {
  TRY_ASSIGN(const Account account, find(id));
  return journal_.note(eventOf(account, what));
}

Result<Ok> NotedAccounts::add(const Account& account) {
  TRY(SqlAccounts::add(account));
  return note(account.id, "created");
}

Result<Ok> NotedAccounts::setState(const std::string& id, AccountState state) {
  TRY_ASSIGN(const Account before, find(id));
  TRY(SqlAccounts::setState(id, state));
  const char* word = wordFor(state);
  if (before.state == state || word == nullptr) return Ok{};
  return note(id, word);
}

Result<Ok> NotedAccounts::setUid(const std::string& id, std::uint32_t uid) {
  TRY_ASSIGN(const Account before, find(id));
  TRY(SqlAccounts::setUid(id, uid));
  return before.uid == uid ? Result<Ok>(Ok{}) : note(id, "updated");
}

Result<Ok> NotedAccounts::beginDelete(const std::string& id) {
  TRY(SqlAccounts::beginDelete(id));
  return note(id, "deleting");
}

Result<Ok> NotedAccounts::endDelete(const std::string& id,
                                    std::int64_t deletedAt,
                                    std::int64_t restoreUntil) {
  TRY(SqlAccounts::endDelete(id, deletedAt, restoreUntil));
  return note(id, "deleted");
}

Result<Ok> NotedAccounts::restore(const std::string& id) {
  TRY(SqlAccounts::restore(id));
  return note(id, "restored");
}

Result<Ok> NotedAccounts::change(const Account& account) {
  TRY_ASSIGN(const Account before, find(account.id));
  TRY(SqlAccounts::change(account));
  // Whoever loses it hears so, and nothing of who has it now.
  if (!before.resellerId.empty() && before.resellerId != account.resellerId)
    journal_.noteOf(before.resellerId, [&] {
      Event event = eventOf(before, "handed_over");
      event.accountId.clear();
      return event;
    }());
  return note(account.id, "updated");
}

Result<Ok> NotedAccounts::endRename(const std::string& id, Rename how) {
  TRY_ASSIGN(const Account before, find(id));
  TRY(SqlAccounts::endRename(id, how));
  TRY_ASSIGN(const Account after, find(id));
  if (before.username == after.username) return Ok{};
  return journal_.note(eventOf(after, "renamed", Json::object({{"former_name", before.username}})));
}

Result<Ok> NotedAccounts::remove(const std::string& id) {
  TRY_ASSIGN(const Account account, find(id));
  TRY(journal_.remember(account.id));
  TRY(SqlAccounts::remove(id));
  return journal_.note(eventOf(account, "purged"));
}

// ---- domains

Result<Ok> NotedDomains::note(const std::string& id, const char* what) {
  TRY_ASSIGN(const Domain domain, find(id));
  return journal_.note(eventOf(domain, what));
}

Result<Ok> NotedDomains::add(const Domain& domain) {
  TRY(SqlDomains::add(domain));
  return note(domain.id, "created");
}

Result<Ok> NotedDomains::setState(const std::string& id, DomainState state) {
  TRY_ASSIGN(const Domain before, find(id));
  TRY(SqlDomains::setState(id, state));
  const char* word = wordFor(state);
  if (before.state == state || word == nullptr) return Ok{};
  return note(id, word);
}

Result<Ok> NotedDomains::setPhp(const std::string& id, const std::optional<std::string>& php) {
  TRY(SqlDomains::setPhp(id, php));
  return note(id, "updated");
}

Result<Ok> NotedDomains::rename(const std::string& id, const std::string& name) {
  TRY_ASSIGN(const Domain before, find(id));
  TRY(SqlDomains::rename(id, name));
  if (before.name == name) return Ok{};
  TRY_ASSIGN(const Domain after, find(id));
  return journal_.note(eventOf(after, "renamed", Json::object({{"former_name", before.name}})));
}

Result<Ok> NotedDomains::makePrimary(const std::string& id) {
  TRY_ASSIGN(const Domain next, find(id));
  TRY_ASSIGN(const auto all, ofAccount(next.accountId));
  TRY(SqlDomains::makePrimary(id));
  for (const auto& domain : all)  // the one that was is not any more
    if (domain.primary != (domain.id == next.id)) TRY(note(domain.id, "updated"));
  return Ok{};
}

Result<Ok> NotedDomains::remove(const std::string& id) {
  TRY_ASSIGN(const Domain domain, find(id));
  TRY(SqlDomains::remove(id));
  return journal_.note(eventOf(domain, "deleted"));
}

// ---- database users

Result<Ok> NotedDatabaseUsers::add(const DatabaseUser& user) {
  TRY(SqlDatabaseUsers::add(user));
  return journal_.note(eventOf(user, "created"));
}

Result<Ok> NotedDatabaseUsers::remove(const std::string& name) {
  TRY_ASSIGN(const DatabaseUser user, find(name));
  TRY(SqlDatabaseUsers::remove(name));
  return journal_.note(eventOf(user, "deleted"));
}

// ---- plans

Result<Ok> NotedPlans::add(const Plan& plan) {
  TRY(SqlPlans::add(plan));
  journal_.noteOf(plan.resellerId, eventOf(plan, "created"));
  return Ok{};
}

Result<Ok> NotedPlans::change(const Plan& plan) {
  TRY(SqlPlans::change(plan));
  journal_.noteOf(plan.resellerId, eventOf(plan, "updated"));
  return Ok{};
}

Result<Ok> NotedPlans::remove(const std::string& id) {
  TRY_ASSIGN(const Plan plan, find(id));
  TRY(SqlPlans::remove(id));
  journal_.noteOf(plan.resellerId, eventOf(plan, "deleted"));
  return Ok{};
}

// ---- resellers, who see what becomes of themselves

Result<Ok> NotedResellers::add(Reseller& reseller) {
  TRY(SqlResellers::add(reseller));
  journal_.noteOf(reseller.id, eventOf(reseller, "created"));
  return Ok{};
}

Result<Ok> NotedResellers::change(const Reseller& reseller) {
  TRY(SqlResellers::change(reseller));
  journal_.noteOf(reseller.id, eventOf(reseller, "updated"));
  return Ok{};
}

Result<Ok> NotedResellers::remove(const std::string& id) {
  TRY_ASSIGN(const Reseller reseller, find(id));
  TRY(SqlResellers::remove(id));
  journal_.noteOf(reseller.id, eventOf(reseller, "deleted"));
  return Ok{};
}

Result<Ok> NotedResellers::reassign(const Owner& from, const Owner& to) {
  struct Moved {
    Event event;
    bool account;
  };
  std::vector<Moved> moved;
  for (const char* object : {"account", "plan", "reseller"}) {
    const bool account = object == std::string_view("account");
    const bool reseller = object == std::string_view("reseller");
    if (reseller && !from.resellerId.empty()) continue;  // resellers belong to administrators
    const std::string select = std::string("SELECT id, ") + (account ? "username" : "name") +
                               " FROM " + object + "s WHERE ";
    const char* where = reseller                  ? "owner_admin=?"
                        : from.resellerId.empty() ? "reseller_id IS NULL AND owner_admin=?"
                                                  : "reseller_id=?";
    auto rows = connection_.prepare(select + where + " ORDER BY id",
                                    from.resellerId.empty() ? from.admin : from.resellerId);
    TRY_ASSIGN(auto found, collectRows(rows, [&](const Statement& row) {
                 Event event = eventOf(object, "updated");
                 event.objectId = row.text(0);
                 event.name = row.text(1);
                 if (account) event.accountId = event.objectId;
                 return Moved{std::move(event), account};
               }));
    for (auto& one : found)
      moved.push_back(std::move(one));
  }
  TRY(SqlResellers::reassign(from, to));
  for (auto& one : moved) {
    if (one.account) {
      TRY(journal_.note(std::move(one.event)));
    } else {
      const bool itself = one.event.object == "reseller";
      journal_.noteOf(itself ? one.event.objectId : to.resellerId, std::move(one.event));
    }
  }
  return Ok{};
}

}  // namespace bulkhead::api::sql
