// Panel: everything a caller can want, independent of HTTP. A change is one transaction of desired state plus a job; the job runs the
// privileged steps. Names are accepted wherever ids are.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/usecases/model.h"

namespace bulkhead::api {

struct NewAccount {
  std::string username;
  std::string plan;    // id or name
  std::string domain;  // the first site
  bool previewPort = false;
};
// A change answers with the job that does it, or, in a dry run, with what it would do.
using JobOrPreview = std::variant<Job, std::vector<PlannedChange>>;
enum class Mode { kDo, kDryRun };

class Panel {
 public:
  virtual ~Panel() = default;

  virtual Result<Plan> createPlan(const Actor& actor, const std::string& name, const PlanLimits& limits) = 0;
  virtual Result<Page<Plan>> plans(const PageQuery& query) = 0;
  virtual Result<Plan> plan(std::string_view idOrName) = 0;
  virtual Result<Plan> changePlan(const Actor& actor, std::string_view idOrName, const std::string& name, const PlanLimits& limits) = 0;
  virtual Result<Ok> deletePlan(const Actor& actor, std::string_view idOrName) = 0;  // kConflict while accounts use it

  virtual Result<JobOrPreview> createAccount(const Actor& actor, const NewAccount& wanted, Mode mode) = 0;
  virtual Result<Page<Account>> accounts(const PageQuery& query) = 0;
  virtual Result<Account> account(std::string_view idOrName) = 0;
  virtual Result<JobOrPreview> suspendAccount(const Actor& actor, std::string_view idOrName, Mode mode) = 0;
  virtual Result<JobOrPreview> unsuspendAccount(const Actor& actor, std::string_view idOrName, Mode mode) = 0;
  virtual Result<JobOrPreview> deleteAccount(const Actor& actor, std::string_view idOrName, Mode mode) = 0;

  virtual Result<JobOrPreview> addDomain(const Actor& actor, std::string_view account, const std::string& domain, Mode mode) = 0;
  virtual Result<Page<Domain>> domains(std::string_view account, const PageQuery& query) = 0;  // account "" = all
  virtual Result<Domain> domain(std::string_view idOrName) = 0;
  virtual Result<JobOrPreview> removeDomain(const Actor& actor, std::string_view idOrName, Mode mode) = 0;

  virtual Result<Page<Job>> jobs(const PageQuery& query) = 0;
  virtual Result<Job> job(std::string_view id) = 0;
  virtual Result<Job> waitForJob(std::string_view id, std::chrono::seconds patience) = 0;  // returns early when it ends

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
