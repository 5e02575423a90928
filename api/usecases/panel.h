// Panel: everything a caller can want, independent of HTTP. A change is one transaction of desired
// state plus a job; the job runs the privileged steps. Names are accepted wherever ids are.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/usecases/model.h"
#include "api/usecases/people.h"

namespace bulkhead::api {

struct NewAccount {
  std::string username;
  std::string plan;    // id or name
  std::string domain;  // the first site
  bool previewPort = false;
  std::string owner = {};  // panel name; "" = the main administrator
  std::optional<std::string> email = {};
  std::optional<std::string> locale = {};
  std::string passwordHash = {};  // what its user logs in with; "" = nothing yet
};
struct AccountChange {
  std::optional<std::string> plan = {};
  std::optional<std::string> owner = {};
  Patch<std::string> email = {};
  Patch<std::string> locale = {};
};
struct DomainRename {
  std::string name;
  bool includeSubdomains = false;  // the account's domains below it move along
};
struct DomainChange {
  Patch<std::string> php = {};
  bool makePrimary = false;
};
// A change answers with the job that does it, or, in a dry run, with what it would do.
using JobOrPreview = std::variant<Job, std::vector<PlannedChange>>;
enum class Mode { kDo, kDryRun };

class Panel {
 public:
  virtual ~Panel() = default;

  // `owner` is a panel name; "" = the main administrator.
  virtual Result<Plan> createPlan(const Actor& actor,
                                  const std::string& name,
                                  const PlanLimits& limits,
                                  const std::string& owner = "") = 0;
  virtual Result<Page<Plan>> plans(const PageQuery& query) = 0;
  virtual Result<Plan> plan(std::string_view idOrName) = 0;
  virtual Result<Plan> changePlan(const Actor& actor,
                                  std::string_view idOrName,
                                  const std::string& name,
                                  const PlanLimits& limits,
                                  const std::optional<std::string>& owner = std::nullopt) = 0;
  virtual Result<Ok> deletePlan(const Actor& actor,
                                std::string_view idOrName) = 0;  // kConflict while accounts use it

  virtual Result<JobOrPreview> createAccount(const Actor& actor,
                                             const NewAccount& wanted,
                                             Mode mode) = 0;
  // Those in this state; all but deleted ones when it is not given.
  virtual Result<Page<Account>> accounts(const PageQuery& query,
                                         std::optional<AccountState> state = std::nullopt) = 0;
  virtual Result<Account> account(std::string_view idOrName) = 0;
  // Owner, plan and contact are so at once; the job brings the host after.
  virtual Result<JobOrPreview> changeAccount(const Actor& actor,
                                             std::string_view idOrName,
                                             const AccountChange& change,
                                             const Expected& expected,
                                             Mode mode) = 0;
  virtual Result<JobOrPreview> renameAccount(const Actor& actor,
                                             std::string_view idOrName,
                                             const std::string& newName,
                                             const Expected& expected,
                                             Mode mode) = 0;
  virtual Result<JobOrPreview> suspendAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              Mode mode) = 0;
  // Its files are back from a backup, whoever put them there. kUnsupported when there is nobody to
  // tell: the CloudLinux integration is off.
  virtual Result<JobOrPreview> announceRestoredAccount(const Actor& actor,
                                                       std::string_view idOrName,
                                                       Mode mode) = 0;
  virtual Result<JobOrPreview> unsuspendAccount(const Actor& actor,
                                                std::string_view idOrName,
                                                Mode mode) = 0;
  // Nothing of it runs any more; it can be restored for kRestoreWindow.
  virtual Result<JobOrPreview> deleteAccount(const Actor& actor,
                                             std::string_view idOrName,
                                             Mode mode) = 0;
  // As it was before it was deleted; kConflict when the time is over.
  virtual Result<JobOrPreview> restoreAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              Mode mode) = 0;
  // Everything of it goes now, and does not come back.
  virtual Result<JobOrPreview> purgeAccount(const Actor& actor,
                                            std::string_view idOrName,
                                            Mode mode) = 0;
  // Purges, by a job each, deleted accounts whose time to be restored is over, at most so many, the
  // first ones first; answers how many.
  virtual Result<std::uint32_t> purgeExpired(std::uint32_t atMost) = 0;

  virtual Result<JobOrPreview> addDomain(const Actor& actor,
                                         std::string_view account,
                                         const std::string& domain,
                                         Mode mode) = 0;
  // `target` is a site of the same account; it shows under the alias too.
  virtual Result<JobOrPreview> addAlias(const Actor& actor,
                                        std::string_view account,
                                        const std::string& domain,
                                        const std::string& target,
                                        Mode mode) = 0;
  virtual Result<JobOrPreview> changeDomain(const Actor& actor,
                                            std::string_view idOrName,
                                            const DomainChange& change,
                                            const Expected& expected,
                                            Mode mode) = 0;
  virtual Result<JobOrPreview> renameDomain(const Actor& actor,
                                            std::string_view idOrName,
                                            const DomainRename& wanted,
                                            const Expected& expected,
                                            Mode mode) = 0;
  virtual Result<Page<Domain>> domains(std::string_view account,
                                       const PageQuery& query) = 0;  // account "" = all
  virtual Result<Domain> domain(std::string_view idOrName) = 0;
  virtual Result<JobOrPreview> removeDomain(const Actor& actor,
                                            std::string_view idOrName,
                                            Mode mode) = 0;

  // Queues a job for each account that tells CloudLinux what it may know of it; answers how many.
  // kUnsupported while the integration is off.
  virtual Result<std::uint32_t> publishAccounts(const Actor& actor) = 0;

  virtual Result<JobOrPreview> addDatabaseUser(const Actor& actor,
                                               std::string_view account,
                                               const std::string& name,
                                               Mode mode) = 0;
  virtual Result<Page<DatabaseUser>> databaseUsers(std::string_view account,
                                                   const PageQuery& query) = 0;
  virtual Result<JobOrPreview> removeDatabaseUser(const Actor& actor,
                                                  std::string_view account,
                                                  const std::string& name,
                                                  Mode mode) = 0;

  // Newest first; only the parts of the job `parent` when that is set.
  virtual Result<Page<Job>> jobs(const PageQuery& query, const std::string& parent = "") = 0;
  virtual Result<Job> job(std::string_view id) = 0;
  virtual Result<Job> waitForJob(std::string_view id,
                                 std::chrono::seconds patience) = 0;  // returns early when it ends

  struct AuditFilter {
    std::string account;
    std::string requestId;
    std::string kind;
  };
  // Records as JSON lines, newest first; the cursor is the sequence number below which to go on.
  virtual Result<Page<std::string>> audit(const AuditFilter& filter, const PageQuery& query) = 0;

  struct Health {
    bool storeUp = false;
    bool agentUp = false;
    std::string agentProblem;
  };
  virtual Health health() = 0;
};

}  // namespace bulkhead::api
