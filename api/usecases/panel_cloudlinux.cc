// What the panel tells CloudLinux beside what it tells of each change.
#include "api/usecases/panel_impl.h"
#include "api/usecases/repeats.h"

namespace bulkhead::api {

Result<Ok> PanelImpl::expectIntegration(const Actor& actor) {
  TRY_ASSIGN(const AgentHooks hooks, askHooks(actor));
  if (!hooks.enabled) return Error{Code::kUnsupported, "the CloudLinux integration is off", ""};
  return Ok{};
}

Result<JobOrPreview> PanelImpl::announceRestoredAccount(const Actor& actor,
                                                        std::string_view idOrName,
                                                        Mode mode) {
  TRY(expectIntegration(actor));
  return changeWholeAccount(actor, idOrName, mode, kAccountRestored,
                            {AccountState::kActive, AccountState::kSuspended});
}

Result<std::uint32_t> PanelImpl::publishAccounts(const Actor& actor) {
  TRY(expectIntegration(actor));
  std::vector<JobTicket> tickets;
  const auto stored = store_.write([&](Tables& tables) -> Result<Ok> {
    tickets.clear();
    PageQuery query{"", kPageMax};
    do {
      TRY_ASSIGN(const auto page, tables.accounts().list(query));
      for (const auto& account : page.items) {
        // What is half made or half gone has nothing to tell; its own job does.
        if (account.state != AccountState::kActive && account.state != AccountState::kSuspended)
          continue;
        TRY(queue(tables, makeJob(kAccountPublish, account, {}, actor, clock_.nowMicros()),
                  tickets));
      }
      query.cursor = page.nextCursor;
    } while (!query.cursor.empty());
    return noteDone(tables, actor, "");
  });
  if (!stored.ok()) return stored.error();
  submit(tickets);
  return static_cast<std::uint32_t>(tickets.size());
}

}  // namespace bulkhead::api
