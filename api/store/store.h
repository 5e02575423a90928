// Store: where desired state and jobs live. Repositories are reached inside a transaction only;
// each database implements them once, and one suite of tests (tests/unit/api/store) holds all of
// them to the same behaviour.
//
// Refusals are the same everywhere: kNotFound, kAlreadyExists (a unique name), kConflict (a foreign
// key, a neighbouring domain), kInvalidArgument (a cursor that is not ours), kBusy and kUnavailable
// ("storage is full") from the database itself.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/store/directory.h"
#include "api/store/events.h"
#include "api/usecases/model.h"
#include "common/core/clock.h"
#include "common/core/record_cache.h"

namespace bulkhead::api {

inline constexpr std::uint32_t kPageMax = 200;  // items of one page; larger wishes get this many

// Owners: a row names a reseller by `resellerId`, or else an administrator by `owner`, where "" is
// the main one. What is read has the reseller's name in `owner`, and still "" for the main
// administrator, whose name is not in this store.

// What somebody owns.
struct Belongings {
  std::uint32_t accounts = 0;
  std::uint32_t plans = 0;
  std::uint32_t resellers = 0;
  bool none() const { return accounts == 0 && plans == 0 && resellers == 0; }
};
struct Owner {
  std::string admin;       // "" = the main one; not looked at when resellerId is set
  std::string resellerId;  // "" = an administrator
};

class Resellers {
 public:
  virtual ~Resellers() = default;
  // Gives `reseller.number`. kAlreadyExists for a name or an account that another one has.
  virtual Result<Ok> add(Reseller& reseller) = 0;
  // Everything but id, number and createdAt, by id; counts the revision.
  virtual Result<Ok> change(const Reseller& reseller) = 0;
  virtual Result<Ok> remove(const std::string& id) = 0;  // kConflict while it owns anything
  virtual Result<Reseller> find(std::string_view idOrName) const = 0;
  virtual Result<Page<Reseller>> list(const PageQuery& query) const = 0;  // oldest first
  virtual Result<Belongings> belongings(const Owner& owner) const = 0;
  // Everything of one owner becomes the other's; counts the revisions of what moved. Resellers move
  // to administrators only (kConflict).
  virtual Result<Ok> reassign(const Owner& from, const Owner& to) = 0;
};

class Plans {
 public:
  virtual ~Plans() = default;
  virtual Result<Ok> add(const Plan& plan) = 0;
  // Name, limits and owner, by id; counts the revision.
  virtual Result<Ok> change(const Plan& plan) = 0;
  virtual Result<Ok> remove(const std::string& id) = 0;  // kConflict while an account uses it
  virtual Result<Plan> find(std::string_view idOrName) const = 0;
  virtual Result<Page<Plan>> list(const PageQuery& query) const = 0;  // oldest first
};

class Accounts {
 public:
  virtual ~Accounts() = default;
  virtual Result<Ok> add(const Account& account) = 0;  // planName is ignored
  virtual Result<Ok> setState(const std::string& id, AccountState state) = 0;
  virtual Result<Ok> setUid(const std::string& id, std::uint32_t uid) = 0;
  // Deleting: beginDelete() remembers how it was and makes it kDeleting, then endDelete() makes it
  // kDeleted. From either state restore() makes it what it was. No other call knows kDeleted.
  virtual Result<Ok> beginDelete(const std::string& id) = 0;
  virtual Result<Ok> endDelete(const std::string& id,
                               std::int64_t deletedAt,
                               std::int64_t restoreUntil) = 0;
  virtual Result<Ok> restore(const std::string& id) = 0;
  // Deleted ones whose restoreUntil has come, the earliest first.
  virtual Result<std::vector<Account>> expired(std::int64_t now, std::uint32_t atMost) const = 0;
  // Plan, owner, email and locale, by id; counts the revision.
  virtual Result<Ok> change(const Account& account) = 0;
  // Keeps the name for this account until endRename(); kAlreadyExists when it is taken or kept.
  virtual Result<Ok> beginRename(const std::string& id, const std::string& newName) = 0;
  enum class Rename { kDone, kDropped };
  virtual Result<Ok> endRename(const std::string& id, Rename how) = 0;
  virtual Result<Ok> remove(const std::string& id) = 0;  // kConflict while it has domains
  virtual Result<Account> find(std::string_view idOrUsername) const = 0;
  // Oldest first; all but deleted ones when no state is given.
  virtual Result<Page<Account>> list(const PageQuery& query,
                                     std::optional<AccountState> state = std::nullopt) const = 0;
  virtual Result<std::vector<Account>> ofPlan(const std::string& planId) const = 0;
  virtual Result<std::uint16_t> freePreviewPort() const = 0;  // kLimitExceeded when all are taken
};

class Domains {
 public:
  virtual ~Domains() = default;
  // kAlreadyExists when the account has it; kConflict when another account has it, a parent or a
  // child of it.
  virtual Result<Ok> add(const Domain& domain) = 0;
  virtual Result<Ok> setState(const std::string& id, DomainState state) = 0;
  virtual Result<Ok> setPhp(const std::string& id, const std::optional<std::string>& php) = 0;
  virtual Result<Ok> rename(const std::string& id, const std::string& name) = 0;  // as add()
  // This one becomes its account's main domain, and no other one is.
  virtual Result<Ok> makePrimary(const std::string& id) = 0;
  virtual Result<Ok> remove(const std::string& id) = 0;  // kConflict while an alias shows it
  virtual Result<Domain> find(std::string_view idOrName) const = 0;
  virtual Result<Page<Domain>> list(const std::string& accountId,
                                    const PageQuery& query) const = 0;  // "" = all
  virtual Result<std::vector<Domain>> ofAccount(
      const std::string& accountId) const = 0;  // the primary one first
  virtual Result<std::uint32_t> countOf(const std::string& accountId) const = 0;
  virtual Result<std::uint32_t> countSitesOf(const std::string& accountId) const = 0;
};

class DatabaseUsers {
 public:
  virtual ~DatabaseUsers() = default;
  virtual Result<Ok> add(const DatabaseUser& user) = 0;  // kAlreadyExists, whoever has the name
  virtual Result<Ok> remove(const std::string& name) = 0;
  virtual Result<DatabaseUser> find(std::string_view name) const = 0;
  virtual Result<Page<DatabaseUser>> list(const std::string& accountId,
                                          const PageQuery& query) const = 0;
  virtual Result<std::vector<std::string>> namesOf(const std::string& accountId) const = 0;
};

enum class UndoState { kNone, kDone, kFailed };
struct StepExtra {      // what the runner keeps of a step beyond what callers see
  std::string subject;  // the domain of a site step, "" otherwise
  UndoState undo = UndoState::kNone;
};
// What a job was asked for, as far as steps need it and desired state does not tell. "" = nothing.
struct JobDetails {
  std::string name;      // of the domain, plan or administrator that it is about, as it was before
  std::string newName;   // of a rename
  std::string owner;     // panel name of an account's new owner
  std::string plan;      // name of an account's new plan
  std::string unixUser;  // of an administrator
  bool includeSubdomains = false;  // of a domain's rename
  bool operator==(const JobDetails&) const = default;
};
struct JobRecord {
  Job job;
  std::vector<StepExtra> extras;  // one for each of job.steps
  std::string username;           // outlives the account's row
  std::string domainId;           // of domain jobs
  std::string requestId;
  std::string traceparent;
  JobDetails details = {};
};
struct JobTicket {
  std::string id;
  std::string kind;
  std::string accountId;
  std::string domainId;  // of domain jobs
};

class Jobs {
 public:
  virtual ~Jobs() = default;
  virtual Result<Ok> add(const JobRecord& record) = 0;
  // State, problem and endedAt.
  virtual Result<Ok> saveState(const Job& job) = 0;
  virtual Result<Ok> saveStep(const JobRecord& record, std::size_t position) = 0;
  // One more part of `parentId` has ended; the last one ends it. What it ended as, if it did.
  enum class PartEnd { kWell, kFailed };
  virtual Result<std::optional<Job>> endPart(const std::string& parentId,
                                             PartEnd how,
                                             std::int64_t nowMicros) = 0;
  // Removes jobs that ended before `before` (microseconds), the oldest first, at most so many.
  virtual Result<Ok> forgetEnded(std::int64_t before, std::uint32_t atMost) = 0;
  virtual Result<JobRecord> find(std::string_view id) const = 0;
  // Newest first; only the parts of `parentId` when that is set.
  virtual Result<Page<Job>> list(const PageQuery& query,
                                 const std::string& parentId = "") const = 0;
  // Oldest first; without those that only wait for their parts.
  virtual Result<std::vector<JobTicket>> unfinished() const = 0;
  virtual Result<std::vector<JobTicket>> unfinishedOf(const std::string& accountId) const = 0;
};

// How far a change went whose caller gave a key to know it again by. kReserved: nothing was
// changed. kBegun: something may have been, where the transactions of this store do not reach.
// kDone: all of it was, in the transaction that wrote this. kAnswered: `reply` is what the caller
// was told. kWithheld: it was done, and its answer must not be kept.
enum class KeyState { kReserved, kBegun, kDone, kAnswered, kWithheld };
struct KeptReply {
  int status = 0;
  std::string location;  // "" = none
  std::string etag;      // "" = none
  std::string body;
  bool operator==(const KeptReply&) const = default;
};
struct RequestKey {
  std::string id;       // digest of the caller, the address and the key: no two callers share one
  std::string caller;   // id of an administrator or an API token; "root"
  std::string request;  // digest of what was asked for
  std::int64_t createdAt = 0;
  KeyState state = KeyState::kReserved;
  std::string reference = {};  // id of what was made or changed; "" = nothing that could be read
  KeptReply reply = {};
};

class RequestKeys {
 public:
  virtual ~RequestKeys() = default;
  // kAlreadyExists for an id that is there. Of the same caller, at most the newest `keptMax` stay.
  virtual Result<Ok> add(const RequestKey& key, std::uint32_t keptMax) = 0;
  // State and reference; kInternal when it is not there: a change that could not be told from one
  // that did not happen must not come to be.
  virtual Result<Ok> mark(const std::string& id, KeyState state, std::string_view reference) = 0;
  // kAnswered or kWithheld, with the reply.
  virtual Result<Ok> end(const std::string& id, KeyState state, const KeptReply& reply) = 0;
  virtual Result<Ok> remove(const std::string& id) = 0;  // also one that is not there
  // Removes those made before `before` (microseconds), the oldest first, at most so many.
  virtual Result<Ok> forget(std::int64_t before, std::uint32_t atMost) = 0;
  virtual Result<std::optional<RequestKey>> find(const std::string& id) const = 0;
  virtual Result<std::uint32_t> countOf(const std::string& caller) const = 0;
};

// The repositories of one transaction; not to be kept beyond it.
class Tables {
 public:
  virtual ~Tables() = default;
  virtual Resellers& resellers() = 0;
  virtual Plans& plans() = 0;
  virtual Accounts& accounts() = 0;
  virtual Domains& domains() = 0;
  virtual DatabaseUsers& databaseUsers() = 0;
  virtual Jobs& jobs() = 0;
  virtual RequestKeys& requestKeys() = 0;
  virtual Events& events() = 0;
  virtual const Resellers& resellers() const = 0;
  virtual const Plans& plans() const = 0;
  virtual const Accounts& accounts() const = 0;
  virtual const Domains& domains() const = 0;
  virtual const DatabaseUsers& databaseUsers() const = 0;
  virtual const Jobs& jobs() const = 0;
  virtual const RequestKeys& requestKeys() const = 0;
  virtual const Events& events() const = 0;
  virtual const Directory& directory() const = 0;
  // Who asked for what this transaction changes, for its events. Of a job's changes the job tells.
  virtual void because(const std::string& requestId) = 0;
  // Writes the events of what was changed; the last thing in a transaction, which Store::write()
  // sees to.
  virtual Result<Ok> finish(std::int64_t now) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Counts what was committed: as long as it stays the same, so does what a read sees. Raised
  // before write() returns.
  virtual std::uint64_t changes() const = 0;

  // Work: (Tables&) -> Result<T>, may be repeated when the database asks for it. A value is
  // returned only after it is durable; an error leaves everything as it was. Transactions do not
  // nest.
  template <typename Work>
  std::invoke_result_t<Work, Tables&> write(Work work) {
    const CacheEmptied emptied(accounts_);
    return collect<Tables>(work, [this](const auto& inner) {
      return writeTransaction([&inner](Tables& tables) -> Result<Ok> {
        TRY(inner(tables));
        return tables.finish(SystemClock().nowMicros());
      });
    });
  }
  // The same, but never keeps anything: every check runs as it would.
  template <typename Work>
  std::invoke_result_t<Work, Tables&> rehearse(Work work) {
    std::optional<std::invoke_result_t<Work, Tables&>> answer;
    auto done = writeTransaction([&](Tables& tables) -> Result<Ok> {
      answer.emplace(work(tables));
      return Error{Code::kCancelled, "rehearsal", ""};
    });
    if (!answer.has_value()) return done.error();
    return std::move(*answer);
  }
  // Work: (const Tables&) -> Result<T>; sees one snapshot.
  template <typename Work>
  std::invoke_result_t<Work, const Tables&> read(Work work) {
    return collect<const Tables>(work,
                                 [this](const auto& inner) { return readTransaction(inner); });
  }
  // As Accounts::find(), but what is asked for all the time is answered without the database.
  Result<Account> account(std::string_view idOrUsername);

 protected:
  virtual Result<Ok> writeTransaction(const std::function<Result<Ok>(Tables&)>& work) = 0;
  virtual Result<Ok> readTransaction(const std::function<Result<Ok>(const Tables&)>& work) = 0;

 private:
  template <typename T, typename Work, typename Run>
  std::invoke_result_t<Work, T&> collect(Work& work, Run run) {
    std::optional<std::invoke_result_t<Work, T&>> answer;
    auto done = run([&](T& tables) -> Result<Ok> {
      answer.emplace(work(tables));
      if (!answer->ok()) return answer->error();
      return Ok{};
    });
    if (!done.ok()) return done.error();
    return std::move(*answer);
  }

  RecordCache<Account> accounts_;  // by what it was asked for by
};

}  // namespace bulkhead::api
