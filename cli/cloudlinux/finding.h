// What a check has to say: nothing when all is well, else findings.
#pragma once
#include <string>
#include <vector>

namespace bulkhead::cli::cloudlinux {

// Stated: a document of CloudLinux says so, or its tools were seen to insist. Reading: the
// documents leave it open and this is how we read them; another panel may have its reasons.
enum class Severity { kStated, kReading };

struct Finding {
  Severity severity;
  std::string text;
};
using Findings = std::vector<Finding>;

}  // namespace bulkhead::cli::cloudlinux
