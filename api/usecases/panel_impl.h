// The one implementation of Panel. Each change is checked and written in one transaction together
// with its job; the runner and the agent come afterwards.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/agent_client/agent_port.h"
#include "api/jobs/hook_steps.h"
#include "api/jobs/runner.h"
#include "api/store/store.h"
#include "api/usecases/owners.h"
#include "api/usecases/panel.h"
#include "common/core/clock.h"
#include "common/core/kept_answer.h"

namespace bulkhead::api {

class PanelImpl final : public Panel {
 public:
  PanelImpl(Store& store, AgentPort& agent, JobRunner& runner, Owners& owners, const Clock& clock)
      : store_(store), agent_(agent), runner_(runner), owners_(owners), clock_(clock) {}

  Result<Plan> createPlan(const Actor& actor,
                          const std::string& name,
                          const PlanLimits& limits,
                          const std::string& owner) override;
  Result<Page<Plan>> plans(const PageQuery& query) override;
  Result<Plan> plan(std::string_view idOrName) override;
  // Accounts of the plan get its new limits by a job each ("account.limits"), which are the parts
  // of one ("plan.update").
  Result<Plan> changePlan(const Actor& actor,
                          std::string_view idOrName,
                          const std::string& name,
                          const PlanLimits& limits,
                          const std::optional<std::string>& owner) override;
  Result<Ok> deletePlan(const Actor& actor, std::string_view idOrName) override;

  Result<JobOrPreview> createAccount(const Actor& actor,
                                     const NewAccount& wanted,
                                     Mode mode) override;
  Result<Page<Account>> accounts(const PageQuery& query,
                                 std::optional<AccountState> state) override;
  Result<Account> account(std::string_view idOrName) override;
  Result<JobOrPreview> changeAccount(const Actor& actor,
                                     std::string_view idOrName,
                                     const AccountChange& change,
                                     const Expected& expected,
                                     Mode mode) override;
  Result<JobOrPreview> renameAccount(const Actor& actor,
                                     std::string_view idOrName,
                                     const std::string& newName,
                                     const Expected& expected,
                                     Mode mode) override;
  Result<JobOrPreview> suspendAccount(const Actor& actor,
                                      std::string_view idOrName,
                                      Mode mode) override;
  Result<JobOrPreview> announceRestoredAccount(const Actor& actor,
                                               std::string_view idOrName,
                                               Mode mode) override;
  Result<JobOrPreview> unsuspendAccount(const Actor& actor,
                                        std::string_view idOrName,
                                        Mode mode) override;
  Result<JobOrPreview> deleteAccount(const Actor& actor,
                                     std::string_view idOrName,
                                     Mode mode) override;
  Result<JobOrPreview> restoreAccount(const Actor& actor,
                                      std::string_view idOrName,
                                      Mode mode) override;
  Result<JobOrPreview> purgeAccount(const Actor& actor,
                                    std::string_view idOrName,
                                    Mode mode) override;
  Result<std::uint32_t> purgeExpired(std::uint32_t atMost) override;

  Result<JobOrPreview> addDomain(const Actor& actor,
                                 std::string_view account,
                                 const std::string& domain,
                                 Mode mode) override;
  Result<JobOrPreview> addAlias(const Actor& actor,
                                std::string_view account,
                                const std::string& domain,
                                const std::string& target,
                                Mode mode) override;
  Result<JobOrPreview> changeDomain(const Actor& actor,
                                    std::string_view idOrName,
                                    const DomainChange& change,
                                    const Expected& expected,
                                    Mode mode) override;
  Result<JobOrPreview> renameDomain(const Actor& actor,
                                    std::string_view idOrName,
                                    const DomainRename& wanted,
                                    const Expected& expected,
                                    Mode mode) override;
  Result<Page<Domain>> domains(std::string_view account, const PageQuery& query) override;
  Result<Domain> domain(std::string_view idOrName) override;
  Result<JobOrPreview> removeDomain(const Actor& actor,
                                    std::string_view idOrName,
                                    Mode mode) override;

  Result<std::uint32_t> publishAccounts(const Actor& actor) override;
  Result<JobOrPreview> addDatabaseUser(const Actor& actor,
                                       std::string_view account,
                                       const std::string& name,
                                       Mode mode) override;
  Result<Page<DatabaseUser>> databaseUsers(std::string_view account,
                                           const PageQuery& query) override;
  Result<JobOrPreview> removeDatabaseUser(const Actor& actor,
                                          std::string_view account,
                                          const std::string& name,
                                          Mode mode) override;

  Result<Page<Job>> jobs(const PageQuery& query, const std::string& parent) override;
  Result<Job> job(std::string_view id) override;
  Result<Job> waitForJob(std::string_view id, std::chrono::seconds patience) override;

  Result<Page<std::string>> audit(const AuditFilter& filter, const PageQuery& query) override;
  Health health() override;

 private:
  // Whoever watches over the panel looks every few seconds: what is older tells nothing any more.
  // An agent that hangs is given up by its client sooner than that (AgentClient::connectPatience).
  static constexpr KeptAnswer<Health>::Terms kHealthTerms{10'000'000,
                                                          std::chrono::milliseconds(5000)};
  // What a use case wants done, with all that its steps derive their parameters from.
  struct Prepared {
    JobRecord record;
    Account account;
    PlanLimits limits;
    std::vector<Domain> domains = {};  // of the account, after what `prepare` wrote
  };
  using Prepare = std::function<Result<Prepared>(Tables&)>;
  // Runs `prepare` and stores its job in one transaction, then hands it to the runner; or, in a dry
  // run, runs it in a transaction that keeps nothing and asks the agent what each step would do.
  Result<JobOrPreview> launch(const Actor& actor, Mode mode, const Prepare& prepare);
  // What the host has of CloudLinux; nothing when the agent cannot be asked, which launch() tells.
  AgentHooks hostHooks(const Actor& actor);
  Result<AgentHooks> askHooks(const Actor& actor);
  Result<Ok> expectIntegration(const Actor& actor);  // kUnsupported when it is off
  Result<std::vector<PlannedChange>> preview(const Actor& actor, const Prepared& prepared);
  // kAlreadyExists for a name that the agent has: with no account in the store, one that this panel
  // forgot (a store put back from a backup). Creating would adopt that account's files, renaming
  // would run into them, and undoing either would take them.
  Result<Ok> refuseForgottenAccount(const Actor& actor, const std::string& username) const;
  // An account of one of `states` for which no other job is under way, with its plan's limits.
  Result<Prepared> idleAccount(Tables& tables,
                               std::string_view idOrName,
                               const std::vector<AccountState>& states) const;
  // What a kind of change asks of the account besides its state, and what it writes at once.
  using Admit = std::function<Result<Ok>(Tables&, const Account&)>;
  Result<JobOrPreview> changeWholeAccount(
      const Actor& actor,
      std::string_view idOrName,
      Mode mode,
      std::string_view kind,
      const std::vector<AccountState>& states,
      const Admit& admit = [](Tables&, const Account&) -> Result<Ok> { return Ok{}; });

  // A job that nobody waits for is stored first, and its ticket submitted once that is committed.
  static Result<Ok> queue(Tables& tables, const JobRecord& record, std::vector<JobTicket>& tickets);
  void submit(const std::vector<JobTicket>& tickets);
  Result<std::string> followPlan(Tables& tables,
                                 const Plan& before,
                                 const Plan& plan,
                                 const Actor& actor,
                                 std::vector<JobTicket>& tickets) const;
  Result<Ok> endLogins(Mode mode, const Account& account);
  Result<Ok> applyChange(Tables& tables,
                         const Actor& actor,
                         const AccountChange& change,
                         Prepared& prepared) const;
  // The new domain's row; room in the plan, the state of the account and other jobs are checked.
  Result<Prepared> newDomain(Tables& tables, std::string_view accountKey, Domain& domain) const;

  Health askHealth();
  bool storeAnswers();

  Store& store_;
  AgentPort& agent_;
  JobRunner& runner_;
  Owners& owners_;
  const Clock& clock_;
  KeptAnswer<Health> health_{kHealthTerms, clock_};
};

std::unique_ptr<Panel> makePanel(
    Store& store, AgentPort& agent, JobRunner& runner, Owners& owners, const Clock& clock);

}  // namespace bulkhead::api
