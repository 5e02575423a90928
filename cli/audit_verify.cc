#include "cli/audit_verify.h"

#include <iostream>

#include "cli/output.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

Json asJson(const ChainReport& report) {
  Json out = {{"ok", !report.finding.has_value()},
              {"records", report.records},
              {"head", {{"seq", report.head.seq}, {"hash", report.head.hash}}}};
  if (report.finding) {
    const auto& finding = *report.finding;
    out["finding"] = {{"fault", chainFaultName(finding.fault)},
                      {"seq", finding.seq},
                      {"file", finding.file},
                      {"line", finding.line}};
  }
  return out;
}

}  // namespace

ExitCode runAuditVerify(const VerifyOptions& options, bool json) {
  const auto report = verifyAudit(options.directory);
  if (!report.ok())
    return complain(report.error(),
                    "name another --directory, or run it as root: sudo bulkhead audit verify");
  if (json) {
    std::cout << printJson(asJson(*report)) << "\n";
  } else if (!report->finding) {
    std::cout << "audit verify: ok, " << report->records << " records\n"
              << "head " << report->head.seq << " " << report->head.hash << "\n";
  } else {
    const auto& finding = *report->finding;
    std::cout << "audit verify: FAILED, record " << finding.seq << " is "
              << chainFaultName(finding.fault) << " (" << printable(finding.file) << " line "
              << finding.line << "); " << report->records << " records before it are good\n";
  }
  return report->finding ? ExitCode::kFindings : ExitCode::kOk;
}

}  // namespace bulkhead::cli
