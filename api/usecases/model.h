// What the API knows about: plans, accounts, domains and jobs, as plain values. Ids are "pln_", "acc_", "dom_" or "job_" and a ULID.
// Times are UTC, microseconds since the epoch.
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
  std::string requestId;  // ULID of the request
  std::string traceparent;
};

struct PlanLimits {  // 0 = unlimited
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
  std::uint64_t revision = 0;  // counts changes; the ETag
};

enum class AccountState { kCreating, kActive, kSuspended, kDeleting, kFailed };
struct Account {
  std::string id;
  std::string username;
  std::string planId;
  std::string planName;
  AccountState state = AccountState::kCreating;
  std::uint32_t uid = 0;  // 0 until the agent gave one
  std::uint16_t previewPort = 0;  // 0 = none
  std::int64_t createdAt = 0;
  std::uint64_t revision = 0;
};

enum class DomainState { kPending, kActive, kRemoving };
struct Domain {
  std::string id;
  std::string name;  // A-labels
  std::string accountId;
  DomainState state = DomainState::kPending;
  bool primary = false;
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
  bool ended() const { return state == JobState::kSucceeded || state == JobState::kFailed || state == JobState::kRolledBack; }
};

// One thing a dry run would do.
struct PlannedChange {
  std::string operation;  // the step it belongs to
  std::string kind;       // write_file, run, engine, ...
  std::string target;
  std::string diff;
};

struct PageQuery {
  std::string cursor;       // opaque; "" = first page
  std::uint32_t limit = 50;  // 1-200
};
template <typename T>
struct Page {
  std::vector<T> items;
  std::string nextCursor;  // "" = last page
};

}  // namespace bulkhead::api
