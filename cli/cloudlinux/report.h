// What came of the checks, for people and for machines.
#pragma once
#include <string>
#include <vector>

#include "cli/cloudlinux/verifier.h"
#include "cli/output.h"

namespace bulkhead::cli::cloudlinux {

struct Summary {
  int ok = 0;
  int stated = 0;   // rows with a finding against what is stated
  int reading = 0;  // rows with findings against our reading only
  int skipped = 0;
  int calls = 0;
  int findings() const { return stated + reading; }
};
Summary summarise(const std::vector<CheckResult>& results);

// One line a check (number, check, caller, result, milliseconds), findings below theirs.
std::string renderReport(const World& world,
                         const std::vector<CheckResult>& results,
                         const Terminal& terminal);
Json reportJson(const World& world, const std::vector<CheckResult>& results);

}  // namespace bulkhead::cli::cloudlinux
