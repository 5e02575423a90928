// The one implementation of People.
#pragma once
#include <functional>
#include <vector>

#include "api/usecases/people.h"

namespace bulkhead::api {

class PeopleImpl final : public People {
 public:
  PeopleImpl(Store& store, Owners& owners, JobRunner& runner, const Clock& clock)
      : store_(store), owners_(owners), runner_(runner), clock_(clock) {}

  Result<Reseller> createReseller(const Actor& actor, const NewReseller& wanted) override;
  Result<Page<Reseller>> resellers(const PageQuery& query) override;
  Result<Reseller> reseller(std::string_view idOrName) override;
  Result<Reseller> changeReseller(const Actor& actor,
                                  std::string_view idOrName,
                                  const ResellerChange& change,
                                  const Expected& expected) override;
  Result<Ok> deleteReseller(const Actor& actor,
                            std::string_view idOrName,
                            const std::string& reassignTo,
                            const Expected& expected) override;

  Result<Administrator> createAdministrator(const Actor& actor,
                                            const NewAdministrator& wanted) override;
  Result<Page<Administrator>> administrators(const PageQuery& query) override;
  Result<Administrator> administrator(std::string_view idOrName) override;
  Result<Administrator> changeAdministrator(const Actor& actor,
                                            std::string_view idOrName,
                                            const AdministratorChange& change,
                                            const Expected& expected) override;
  Result<Ok> deleteAdministrator(const Actor& actor,
                                 std::string_view idOrName,
                                 const std::string& reassignTo,
                                 const Expected& expected) override;

 private:
  // Moves what `from` owns; kConflict with counts when there is something and nobody to take it.
  Result<Ok> handOver(Tables& tables, const Owner& from, const std::string& to) const;
  Result<Reseller> shown(Reseller reseller) const;
  Result<Ok> refuseAdministratorsName(const std::string& name) const;
  JobRecord adminJob(std::string_view kind, const Administrator& admin, const Actor& actor) const;
  std::vector<JobRecord> jobsOfAnotherUnixUser(const Administrator& before,
                                               const Administrator& after,
                                               const Actor& actor) const;
  using Announce = std::function<Result<std::vector<JobRecord>>(Tables&)>;
  using Change = std::function<Result<Ok>(Tables&)>;
  // Changes administrators, and has the host told. What to tell is durable before the change is: a
  // job without its change tells nothing, a change without its job would never be told. `change`
  // ends with the administrators' database, and leaves nothing to commit in the store.
  // For the same reason the actor's key never says that it is done, only that it began: whether a
  // crash came before the change or after it cannot be told.
  Result<Ok> changeAndTell(const Actor& actor, const Announce& announce, const Change& change);

  Store& store_;
  Owners& owners_;
  JobRunner& runner_;
  const Clock& clock_;
};

// Text of people, checked; absent stays absent.
Result<Ok> checkContact(std::optional<std::string>& email,
                        const std::optional<std::string>& locale);
// The parts that a change names, put into what is there.
Result<Ok> applyContact(const Patch<std::string>& newEmail,
                        const Patch<std::string>& newLocale,
                        std::optional<std::string>& email,
                        std::optional<std::string>& locale);
// A name for an administrator or a reseller; refuses the ones that mean somebody else everywhere.
Result<Ok> checkPersonName(const std::string& name, const char* field);

}  // namespace bulkhead::api
