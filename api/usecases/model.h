// What the API knows about: people, plans, accounts, domains and jobs, as plain values. Ids are
// "adm_", "rsl_", "pln_", "acc_", "dom_" or "job_" and a ULID. Times are UTC, microseconds since
// the epoch. An owner is the panel name of an administrator or a reseller; no name belongs to both.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::api {

// Who acts, proved by the transport or by a session; goes into every job, RPC and audit record.
struct Actor {
  std::string name;       // "admin:alice", or "local:root" for root on the Unix socket
  std::string requestId;  // of the request
  std::string traceparent;
  // Id of the key by which the caller knows this change again ("" = none, see repeats.h): the
  // transaction that makes the change writes it too, by noteDone().
  std::string requestKey = {};
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
  // Above every uid that a host gives, and below 2^31.
  std::uint32_t hostId() const { return 1'000'000'000U + number; }
};

struct PlanLimits {              // 0 = unlimited
  std::uint32_t cpuPercent = 0;  // 100 = one CPU
  std::uint64_t memoryBytes = 0;
  std::uint32_t tasks = 0;
  std::uint64_t diskBytes = 0;
  std::uint64_t inodes = 0;
  std::uint32_t domainsMax = 0;
};
struct Plan {
  std::string id;
  std::string name;  // unique, 1-64 printable characters
  PlanLimits limits;
  std::int64_t createdAt = 0;
  std::uint64_t revision = 0;   // counts changes; the ETag
  std::string owner = {};       // "" in stores = the main administrator
  std::string resellerId = {};  // of an owner that is a reseller; "" = an administrator
};

enum class AccountState { kCreating, kActive, kSuspended, kDeleting, kFailed };
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
  std::uint32_t progressPercent() const;  // finished steps of all
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
};
template <typename T>
struct Page {
  std::vector<T> items;
  std::string nextCursor;  // "" = last page
};

}  // namespace bulkhead::api
