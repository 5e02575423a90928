// What the agent's checks found, as the command line shows it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::doctor {

// One operation of the agent that would mend something.
struct Step {
  std::string operation;            // "limits.set"
  Json parameters;                  // as the contract names them
  std::shared_ptr<void> call = {};  // the agent's own words, for the call; agent.cc knows them
  // What two equal repairs have in common.
  std::string line() const;  // "limits.set username=alice limits.cpuPercent=50"
};

enum class Outcome { kNone, kMended, kDecision, kFailed };

struct Finding {
  std::string kind;      // "account"
  std::string object;    // "alice"
  std::string code;      // "home_mode"
  std::string severity;  // "danger", "broken", "notice", "unknown"
  std::string desired;
  std::string found;
  std::string advice;
  std::optional<Step> repair = {};
  std::optional<Step> revert = {};  // throws away what a person has made of it
  Outcome outcome = Outcome::kNone;
  std::string failure = {};  // why the repair did not help

  bool isSameAs(const Finding& other) const {
    return kind == other.kind && object == other.object && code == other.code;
  }
};

struct Look {
  std::vector<Finding> findings;
  std::uint64_t checked = 0;  // objects
  std::uint64_t dropped = 0;  // findings that no answer had room for
};

struct AgentAccount {
  std::string name;
  std::string state;  // "active", "suspended", "creating", "deleting", "renaming"
};

}  // namespace bulkhead::cli::doctor
