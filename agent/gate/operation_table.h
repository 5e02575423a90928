// The table of privileged operations, read from the schema's annotations when the agent starts. It
// is the only thing that grants: what is not in it does not exist.
#pragma once
#include <sys/capability.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <capnp/schema.h>

#include "agent/gate/locks.h"
#include "agent/ops/op.h"
#include "common/core/result.h"

namespace bulkhead::agent {

inline constexpr std::chrono::seconds kTimeLimitMax{
    600};  // longer work is a job of several operations

enum class Risk { kRead, kMutate, kDestroy };
enum class Place { kCore, kWorker };

struct AuditField {
  std::string name;                              // "limits.tasks"
  std::vector<capnp::StructSchema::Field> path;  // from the parameters
  bool secret = false;
};

struct Operation {
  std::string name;    // "account.create"
  std::string method;  // "accountCreate"
  Risk risk = Risk::kRead;
  Place place = Place::kWorker;
  std::vector<std::string> capabilityNames;
  std::vector<cap_value_t> capabilities;
  std::chrono::seconds timeLimit{30};
  std::vector<Service> locks;
  std::string summary;
  capnp::StructSchema callType, paramsType, replyType;
  // Names of accounts: first the one that it is about, then one that this one is to get.
  std::vector<capnp::StructSchema::Field> accountFields;
  std::vector<AuditField> auditFields;
  std::optional<OpEntry> entry;
};

// kAll: a method without an operation is refused; so the product starts. Tests bring some
// operations only.
enum class Coverage { kAll, kSome };

class OperationTable {
 public:
  static Result<OperationTable> build(std::vector<OpEntry> entries, Coverage coverage);

  // Nothing for a method that the schema does not have, or that has no operation.
  const Operation* find(std::uint64_t interfaceId, std::uint16_t ordinal) const;
  const Operation* findByMethod(std::string_view method) const;  // "accountCreate"
  const std::map<std::uint16_t, Operation>& all() const { return operations_; }
  std::set<std::string> names() const;
  std::set<std::string, std::less<>> namesOf(Risk risk) const;

 private:
  std::map<std::uint16_t, Operation> operations_;
};

}  // namespace bulkhead::agent
