// What the API knows about: people, plans, accounts, domains and jobs, as plain values. Ids are
// "adm_", "rsl_", "pln_", "acc_", "dom_" or "job_" and a ULID. Times are UTC, microseconds since
// the epoch. An owner is the panel name of an administrator or a reseller; no name belongs to both.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/types/limits.h"

namespace bulkhead::api {

// What of the panel somebody reaches. Whatever lies beyond is to him as if it were not there.
// Administrators reach everything; a reseller its accounts, with what belongs to these, its plans
// and itself; the user of an account that account with what belongs to it.
struct Reach {
  enum class Kind { kNothing, kAccount, kReseller, kEverything };
  Kind kind = Kind::kEverything;
  std::string id = {};  // "acc_..." or "rsl_..."
  bool everything() const { return kind == Kind::kEverything; }
};

// Who acts, proved by the transport or by a session; goes into every job, RPC and audit record.
struct Actor {
  std::string name;       // "admin:alice", or "local:root" for root on the Unix socket
  std::string requestId;  // of the request
  std::string traceparent;
  // Id of the key by which the caller knows this change again ("" = none, see repeats.h): the
  // transaction that makes the change writes it too, by noteDone().
  std::string requestKey = {};
  Reach reach = {};  // looked at again by the transaction that makes the change
};

// An administrator as callers see one; what it logs in with stays with the authority.
struct Administrator {
  std::string id;  // "" of the main one before it was created
  std::string name;
  bool main = false;                         // exactly one is
  std::optional<std::string> email = {};     // absent = not told
  std::optional<std::string> locale = {};    // "EN_us"
  std::optional<std::string> unixUser = {};  // whom the host knows this administrator as
  std::int64_t createdAt = 0;
  std::uint64_t revision = 0;
  bool disabled = false;  // comes in by nothing, and goes on owning what it owns
};

struct Reseller {
  std::string id;
  std::uint32_t number = 0;  // counts up, never reused; the host's tools know it as hostId()
  std::string name;
  std::optional<std::string> email = {};
  std::optional<std::string> locale = {};
  std::string accountId;  // its own hosting account; "" = none
  std::string accountName;
  std::string owner = {};         // an administrator; "" in stores = the main one
  std::uint32_t accountsMax = 0;  // 0 = unlimited
  std::int64_t createdAt = 0;
  std::uint64_t revision = 0;
  bool disabled = false;  // comes in by nothing, and goes on owning what it owns; not in stores
  // Above every uid that a host gives, and below 2^31.
  std::uint32_t hostId() const { return 1'000'000'000U + number; }
};

// What a plan may leave out; the list is closed, and each of them is refused where it is asked for.
// The values are bits, as stores keep them.
enum class Feature : std::uint32_t {
  kAliases = 1,        // domains that show another one's site
  kDatabaseUsers = 2,  // users of the host's database server
  kPhp = 4,            // another PHP for a domain than the host's own
  kPreviewPort = 8,    // a port under which a new account's site can be seen
};
class FeatureSet {
 public:
  FeatureSet() = default;
  explicit FeatureSet(std::uint32_t bits) : bits_(bits) {}
  bool has(Feature feature) const { return (bits_ & static_cast<std::uint32_t>(feature)) != 0; }
  void add(Feature feature) { bits_ |= static_cast<std::uint32_t>(feature); }
  std::uint32_t bits() const { return bits_; }
  bool operator==(const FeatureSet&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

struct PlanLimits {              // 0 = unlimited
  std::uint32_t cpuPercent = 0;  // 100 = one CPU
  std::uint64_t memoryBytes = 0;
  std::uint32_t tasks = 0;
  std::uint64_t diskBytes = 0;
  std::uint64_t inodes = 0;
  std::uint32_t domainsMax = 0;  // sites and aliases
  std::uint32_t sitesMax = 0;
  std::uint32_t databaseUsersMax = 0;
  IoLimits io = {};
  // For whoever bills it: the panel neither counts nor holds it.
  std::uint64_t transferBytesPerMonth = 0;
  std::optional<FeatureSet> features = {};  // absent = every feature, also those to come
  bool allows(Feature feature) const { return !features || features->has(feature); }
};
struct Plan {
  std::string id;
  std::string name;  // unique, 1-64 printable characters
  PlanLimits limits;
  std::int64_t createdAt = 0;
  std::uint64_t revision = 0;   // counts changes; the ETag
  std::string owner = {};       // "" in stores = the main administrator
  std::string resellerId = {};  // of an owner that is a reseller; "" = an administrator
  std::string limitsJob = {};   // that brings its accounts to these limits; "" = none was needed
};

// How long a deleted account can be restored: over a weekend, when whoever misses it is not there
// to ask. Its name, uid, domains and disk space stay taken as long.
inline constexpr std::chrono::hours kRestoreWindow{72};

// kDeleted: suspended on the host, and to be purged at restoreUntil. kDeleting: on the way to one
// of them, or being purged.
enum class AccountState { kCreating, kActive, kSuspended, kDeleting, kFailed, kDeleted };
struct Account {
  std::string id;
  std::string username;
  std::string planId;
  std::string planName;
  AccountState state = AccountState::kCreating;
  std::uint32_t uid = 0;          // 0 until the agent gave one
  std::uint16_t previewPort = 0;  // 0 = none
  std::int64_t createdAt = 0;
  std::uint64_t revision = 0;
  std::string owner = {};       // "" in stores = the main administrator
  std::string resellerId = {};  // of an owner that is a reseller; "" = an administrator
  std::optional<std::string> email = {};
  std::optional<std::string> locale = {};
  std::int64_t deletedAt = 0;     // 0 = it is not deleted
  std::int64_t restoreUntil = 0;  // of a deleted one
  bool wasSuspended = false;      // a deleted one comes back so
};

enum class DomainState { kPending, kActive, kRemoving };
enum class DomainKind { kSite, kAlias };
struct Domain {
  std::string id;
  std::string name;  // A-labels
  std::string accountId;
  DomainState state = DomainState::kPending;
  bool primary = false;  // the account's main domain; exactly one of each account
  std::int64_t createdAt = 0;
  DomainKind kind = DomainKind::kSite;
  std::string target = {};              // id of the site that an alias shows; "" = a site itself
  std::string targetName = {};          // of an alias
  std::optional<std::string> php = {};  // "alt-php83"; absent = the host's own
  std::uint64_t revision = 1;
};

// A user of the host's MySQL or MariaDB server, and whose it is.
struct DatabaseUser {
  std::string name;
  std::string accountId;
  std::int64_t createdAt = 0;
};

struct StepEvidence {
  std::string check;
  std::string detail;
};
enum class StepState { kPending, kRunning, kSucceeded, kFailed, kUndone, kSkipped };
struct JobStep {
  std::string name;  // the operation: "account.create"
  StepState state = StepState::kPending;
  std::int64_t startedAt = 0;  // 0 = not yet
  std::int64_t endedAt = 0;
  std::vector<StepEvidence> evidence;
  std::uint64_t externalMicros = 0;  // spent inside other programs and engines
};
enum class JobState { kQueued, kRunning, kUndoing, kSucceeded, kFailed, kRolledBack };
struct Job {
  std::string id;
  std::string kind;  // "account.create"
  JobState state = JobState::kQueued;
  std::string accountId;
  std::string actor;
  std::vector<JobStep> steps;
  std::optional<Error> problem;
  std::int64_t createdAt = 0;
  std::int64_t endedAt = 0;
  // A job may be a part of another one, which has no steps of its own and ends with its last part.
  std::string parentId = {};
  struct Parts {
    std::uint32_t total = 0;  // 0 = this job has steps
    std::uint32_t ended = 0;
    std::uint32_t failed = 0;  // of those that ended
  };
  Parts parts = {};
  std::uint32_t progressPercent() const;  // finished steps, or parts, of all
  bool ended() const {
    return state == JobState::kSucceeded || state == JobState::kFailed ||
           state == JobState::kRolledBack;
  }
};

// One thing a dry run would do.
struct PlannedChange {
  std::string operation;  // the step it belongs to
  std::string kind;       // write_file, run, engine, ...
  std::string target = {};
  std::string diff;
};

struct PageQuery {
  std::string cursor;        // opaque; "" = first page
  std::uint32_t limit = 50;  // 1-200
  Reach within = {};         // what lies beyond is not in the list
};
template <typename T>
struct Page {
  std::vector<T> items;
  std::string nextCursor;  // "" = last page
};

}  // namespace bulkhead::api
