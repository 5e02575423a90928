// Runs the table of checks against a panel, in order, and says what came of each.
#pragma once
#include <string>
#include <vector>

#include "cli/cloudlinux/answer.h"
#include "cli/cloudlinux/world.h"

namespace bulkhead::cli::cloudlinux {

enum class Outcome { kOk, kFinding, kSkipped };

struct CheckResult {
  int number = 0;  // its place in the table, from 1
  Check check;
  Outcome outcome = Outcome::kOk;
  Findings findings;
  std::string skippedBecause;
  std::vector<std::string> arguments;  // as given, words replaced
  int calls = 0;
  double medianMs = 0;
};

class Verifier {
 public:
  static constexpr int kRepeats = 3;  // the median of three forgets one hiccup of the host

  Verifier(World& world, Scripts& scripts, CastNames names, int repeats = kRepeats)
      : world_(world), scripts_(scripts), names_(std::move(names)), repeats_(repeats) {}

  std::vector<CheckResult> run();

 private:
  struct Prepared {
    ScriptCall call;
    std::vector<std::string> given;  // what the row added to the file's own arguments
  };
  void runTable(std::vector<Check> table);
  CheckResult runCheck(Check check);
  void runRule(CheckResult& result) const;
  Result<Prepared> prepare(const Check& check) const;
  void runScript(const Prepared& prepared, CheckResult& result);
  void judge(const Prepared& prepared, const ScriptRun& run, CheckResult& result);
  void judgeData(const Prepared& prepared, const Json& document, CheckResult& result) const;
  void judgeLikeness(const Prepared& prepared, const Answer& answer, CheckResult& result);
  void judgePrivacy(const Prepared& prepared, const ScriptRun& run, CheckResult& result) const;
  bool stillDiffers(const Prepared& prepared);
  void collect();

  World& world_;
  Scripts& scripts_;
  CastNames names_;
  int repeats_;
  std::map<std::string, std::string, std::less<>> refusals_;  // row -> its answer without names
  std::vector<CheckResult> results_;
};

}  // namespace bulkhead::cli::cloudlinux
