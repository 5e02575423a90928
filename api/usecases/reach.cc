#include "api/usecases/reach.h"

#include "common/types/domain_name.h"

namespace bulkhead::api {
namespace {

Result<bool> reachesAccount(const Tables& tables, const Reach& reach, std::string_view key) {
  TRY_ASSIGN(const Account account, tables.accounts().find(key));
  return reaches(reach, account);
}

Result<bool> reachesDomain(const Tables& tables, const Reach& reach, const std::string& key) {
  const auto name = DomainName::parse(key);  // any spelling of it
  TRY_ASSIGN(const Domain domain, tables.domains().find(name.ok() ? name->text() : key));
  return reachesAccount(tables, reach, domain.accountId);
}

// Only oneself can be named as an owner: nothing can be pushed off to others, or pulled in.
Result<bool> isOneself(const Tables& tables, const Reach& reach, const std::string& key) {
  if (reach.kind != Reach::Kind::kReseller) return false;
  TRY_ASSIGN(const Reseller reseller, tables.resellers().find(reach.id));
  return key == reseller.id || key == reseller.name;
}

Result<bool> isWithin(const Tables& tables,
                      const Reach& reach,
                      Named what,
                      const std::string& key) {
  switch (what) {
    case Named::kAccount:
      return reachesAccount(tables, reach, key);
    case Named::kDomain:
      return reachesDomain(tables, reach, key);
    case Named::kPlan: {
      TRY_ASSIGN(const Plan plan, tables.plans().find(key));
      return reaches(reach, plan);
    }
    case Named::kReseller: {
      TRY_ASSIGN(const Reseller reseller, tables.resellers().find(key));
      return reaches(reach, reseller);
    }
    case Named::kOwner:
      return isOneself(tables, reach, key);
    case Named::kJob: {
      TRY_ASSIGN(const JobRecord record, tables.jobs().find(key));
      if (record.job.accountId.empty()) return false;
      return reachesAccount(tables, reach, record.job.accountId);
    }
    case Named::kOther:
      return false;
  }
  return false;
}

const char* wordFor(Named what) {
  switch (what) {
    case Named::kAccount:
      return "there is no such account";
    case Named::kDomain:
      return "there is no such domain";
    case Named::kPlan:
      return "there is no such plan";
    case Named::kReseller:
      return "there is no such reseller";
    case Named::kOwner:
      return "there is no administrator or reseller of this name";
    case Named::kJob:
      return "there is no such job";
    case Named::kOther:
      return "there is nothing of this name";
  }
  return "";
}

}  // namespace

bool reaches(const Reach& reach, const Account& account) {
  switch (reach.kind) {
    case Reach::Kind::kNothing:
      return false;
    case Reach::Kind::kAccount:
      return account.id == reach.id;
    case Reach::Kind::kReseller:
      return account.resellerId == reach.id;
    case Reach::Kind::kEverything:
      return true;
  }
  return false;
}

bool reaches(const Reach& reach, const Plan& plan) {
  return reach.everything() ||
         (reach.kind == Reach::Kind::kReseller && plan.resellerId == reach.id);
}

bool reaches(const Reach& reach, const Reseller& reseller) {
  return reach.everything() || (reach.kind == Reach::Kind::kReseller && reseller.id == reach.id);
}

Result<Ok> StoreBorders::check(const Reach& reach, Named what, const std::string& idOrName) {
  if (reach.everything()) return Ok{};
  const auto within =
      store_.read([&](const Tables& tables) { return isWithin(tables, reach, what, idOrName); });
  if (!within.ok() && within.error().code != Code::kNotFound) return within.error();
  if (within.ok() && *within) return Ok{};
  return Error{Code::kNotFound, wordFor(what), ""};
}

}  // namespace bulkhead::api
