// What the doctor says, for people and for programs.
#pragma once
#include <string>

#include "cli/doctor/finding.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace bulkhead::cli::doctor {

struct Report {
  Look look;
  std::string panel;    // why its record was not compared; "" = it was
  bool mended = false;  // findings have an outcome
};

std::string renderReport(const Report& report, const Terminal& terminal);
// The repairs in order, one a line.
std::string renderPlan(const Report& report);
Json reportJson(const Report& report);

// The repairs that are needed, in order, each once.
std::vector<Step> stepsOf(const std::vector<Finding>& findings);
// kOk: nothing differs (any more). kUnreachable: nothing is known to differ, but not all could be
// looked at. kFindings: something differs.
ExitCode exitCodeOf(const Report& report);

}  // namespace bulkhead::cli::doctor
