// FakePanel: use cases in memory, for tests of the HTTP face. A job runs when the test says so;
// failNext() makes the next call fail.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/usecases/panel.h"

namespace bulkhead::test {

class FakePanel final : public api::Panel {
 public:
  // What jobs do: stay queued, or have ended when somebody asks for them.
  enum class Jobs { kStayQueued, kSucceed, kFail };
  void setJobs(Jobs jobs);
  void failNext(Error error);
  std::function<void()> beforePlan;  // runs before a plan is created, outside of any lock
  // The actors of the changes so far.
  std::vector<api::Actor> actors() const;

  Result<api::Plan> createPlan(const api::Actor& actor,
                               const std::string& name,
                               const api::PlanLimits& limits,
                               const std::string& owner) override;
  Result<api::Page<api::Plan>> plans(const api::PageQuery& query) override;
  Result<api::Plan> plan(std::string_view idOrName) override;
  Result<api::Plan> changePlan(const api::Actor& actor,
                               std::string_view idOrName,
                               const std::string& name,
                               const api::PlanLimits& limits,
                               const std::optional<std::string>& owner) override;
  Result<Ok> deletePlan(const api::Actor& actor, std::string_view idOrName) override;
  Result<api::JobOrPreview> createAccount(const api::Actor& actor,
                                          const api::NewAccount& wanted,
                                          api::Mode mode) override;
  Result<api::Page<api::Account>> accounts(const api::PageQuery& query,
                                           std::optional<api::AccountState> state) override;
  Result<api::Account> account(std::string_view idOrName) override;
  Result<api::JobOrPreview> changeAccount(const api::Actor& actor,
                                          std::string_view idOrName,
                                          const api::AccountChange& change,
                                          const api::Expected& expected,
                                          api::Mode mode) override;
  Result<api::JobOrPreview> renameAccount(const api::Actor& actor,
                                          std::string_view idOrName,
                                          const std::string& newName,
                                          const api::Expected& expected,
                                          api::Mode mode) override;
  Result<api::JobOrPreview> suspendAccount(const api::Actor& actor,
                                           std::string_view idOrName,
                                           api::Mode mode) override;
  Result<api::JobOrPreview> announceRestoredAccount(const api::Actor& actor,
                                                    std::string_view idOrName,
                                                    api::Mode mode) override;
  Result<api::JobOrPreview> unsuspendAccount(const api::Actor& actor,
                                             std::string_view idOrName,
                                             api::Mode mode) override;
  Result<api::JobOrPreview> deleteAccount(const api::Actor& actor,
                                          std::string_view idOrName,
                                          api::Mode mode) override;
  Result<api::JobOrPreview> restoreAccount(const api::Actor& actor,
                                           std::string_view idOrName,
                                           api::Mode mode) override;
  Result<api::JobOrPreview> purgeAccount(const api::Actor& actor,
                                         std::string_view idOrName,
                                         api::Mode mode) override;
  Result<std::uint32_t> purgeExpired(std::uint32_t /*atMost*/) override { return 0U; }
  Result<api::JobOrPreview> addDomain(const api::Actor& actor,
                                      std::string_view account,
                                      const std::string& domain,
                                      api::Mode mode) override;
  Result<api::JobOrPreview> addAlias(const api::Actor& actor,
                                     std::string_view account,
                                     const std::string& domain,
                                     const std::string& target,
                                     api::Mode mode) override;
  Result<api::JobOrPreview> changeDomain(const api::Actor& actor,
                                         std::string_view idOrName,
                                         const api::DomainChange& change,
                                         const api::Expected& expected,
                                         api::Mode mode) override;
  Result<api::JobOrPreview> renameDomain(const api::Actor& actor,
                                         std::string_view idOrName,
                                         const api::DomainRename& wanted,
                                         const api::Expected& expected,
                                         api::Mode mode) override;
  Result<api::Page<api::Domain>> domains(std::string_view account,
                                         const api::PageQuery& query) override;
  Result<api::Domain> domain(std::string_view idOrName) override;
  Result<api::JobOrPreview> removeDomain(const api::Actor& actor,
                                         std::string_view idOrName,
                                         api::Mode mode) override;
  Result<std::uint32_t> publishAccounts(const api::Actor& actor) override;
  Result<api::JobOrPreview> addDatabaseUser(const api::Actor& actor,
                                            std::string_view account,
                                            const std::string& name,
                                            api::Mode mode) override;
  Result<api::Page<api::DatabaseUser>> databaseUsers(std::string_view account,
                                                     const api::PageQuery& query) override;
  Result<api::JobOrPreview> removeDatabaseUser(const api::Actor& actor,
                                               std::string_view account,
                                               const std::string& name,
                                               api::Mode mode) override;
  Result<api::Page<api::Job>> jobs(const api::PageQuery& query, const std::string& parent) override;
  Result<api::Job> job(std::string_view id) override;
  Result<api::Job> waitForJob(std::string_view id, std::chrono::seconds patience) override;
  Result<api::Page<std::string>> audit(const AuditFilter& filter,
                                       const api::PageQuery& query) override;
  Health health() override;

 private:
  std::optional<Error> takeFailure();
  std::string newId(const char* prefix);
  Result<api::JobOrPreview> act(const api::Actor& actor,
                                const char* kind,
                                std::string_view idOrName,
                                api::Mode mode);
  Result<api::JobOrPreview> start(const api::Actor& actor,
                                  std::string kind,
                                  std::string accountId,
                                  api::Mode mode);

  mutable std::mutex mutex_;
  Jobs jobsDo_ = Jobs::kStayQueued;
  std::optional<Error> failure_;
  std::uint64_t ids_ = 0;
  std::vector<api::Actor> actors_;
  std::vector<api::Plan> plans_;
  std::vector<api::Account> accounts_;
  std::vector<api::Domain> domains_;
  std::vector<api::DatabaseUser> databaseUsers_;
  std::vector<api::Job> jobs_;
};

}  // namespace bulkhead::test
