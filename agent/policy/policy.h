// Who may call what, and how often: data in policy/operations.json, which files in
// /etc/bulkhead/policy.d may tighten and never loosen. Whatever cannot be understood stops the
// agent from starting.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/policy/rate.h"
#include "common/core/result.h"

namespace bulkhead::agent {

// The kind of peer, decided by the socket and the kernel's word about the uid.
enum class Peer { kApi, kAdmin };
std::string_view peerName(Peer peer);  // "api", "admin"

struct PolicyRule {
  std::set<Peer> peers;
  std::uint32_t perMinute = 0;
  std::optional<std::uint32_t> perAccountPerMinute;
  bool breakGlass = false;  // stops a break-in, so that a full disk must not refuse it
  std::map<std::string, std::string> deniedAccounts;  // name -> file that denies it
  // The file that set each part last, for the explanation of a denial.
  std::string peersFrom, perMinuteFrom, perAccountFrom;
};
using PolicyRules = std::map<std::string, PolicyRule, std::less<>>;  // by operation

struct PolicyFiles {
  std::string shipped = "/usr/share/bulkhead/policy/operations.json";
  std::string overrides = "/etc/bulkhead/policy.d";  // *.json in the order of names; may be absent
  uid_t owner = 0;                                   // of every file and of the directory
};

// Every operation has one entry and every entry is an operation; an error names file and rule.
Result<PolicyRules> loadPolicy(const PolicyFiles& files, const std::set<std::string>& operations);

struct Decision {
  bool allowed = false;
  Code code = Code::kPermissionDenied;  // kBusy when only the rate forbids it
  std::string rule;                     // "operations.json:account.create"
  std::string reason;                   // for people
  bool breakGlass = false;
  // Nothing that the panel's own server would ever ask: no rule knows the operation for its peer.
  bool trespass = false;
};

// Of everything that destroys, together, of one kind of peer: whoever takes over the REST server
// takes away some accounts before a person looks, not all. An account's end are five calls at most.
inline constexpr std::uint32_t kDestroysAtOnce = 600;
inline constexpr std::uint32_t kDestroysPerMinute = 60;

class Policy {
 public:
  // `destructive`: the operations of risk "destroy".
  explicit Policy(PolicyRules rules, std::set<std::string, std::less<>> destructive = {})
      : rules_(std::move(rules)), destructive_(std::move(destructive)) {}
  // Counts the call when it is allowed. `accounts` are those that the call names: the one that it
  // is about first. Where a second one is, the first gets its name: then no rule may deny either of
  // them anything, or a denial would be escaped by the other name.
  Decision decide(std::string_view operation,
                  Peer peer,
                  const std::vector<std::string>& accounts,
                  std::chrono::steady_clock::time_point now);

 private:
  std::optional<Decision> denialOf(std::string_view operation,
                                   const std::vector<std::string>& accounts) const;
  // Of each kind of peer apart, so that none can use up what is another's.
  struct Used {
    RateTable perOperation;
    RateTable perAccount;
    RateTable destroying;
  };
  PolicyRules rules_;
  std::set<std::string, std::less<>> destructive_;
  std::map<Peer, Used> used_;
};

}  // namespace bulkhead::agent
