#include "cli/cloudlinux_switch.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "cli/agent_admin.h"
#include "cli/output.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr std::string_view kIntegrationPackage = "bulkhead-cloudlinux";
constexpr std::size_t kStateWidth = 10;
constexpr int kDone = 200;

ExitCode needsRoot(const std::string& verb) {
  return complain({Code::kPermissionDenied, "this needs root", ""},
                  "sudo bulkhead cloudlinux " + verb);
}

std::string nextFor(const Error& error) {
  if (error.code == Code::kUnsupported)
    return "on a host for tests: bulkhead cloudlinux enable --force";
  if (error.message.find(kIntegrationPackage) != std::string::npos)  // the agent says so
    return "apt install " + std::string(kIntegrationPackage);
  if (error.code == Code::kUnavailable) return "look at: systemctl status bulkhead-agent";
  return "repair that and run the command again; what is done stays done";
}

ExitCode show(const Result<IntegrationReport>& report, bool json, bool judged) {
  if (!report.ok()) return complain(report.error(), nextFor(report.error()));
  std::cout << (json ? integrationJson(*report) + "\n" : renderIntegration(*report));
  return judged ? exitCodeOf(*report) : ExitCode::kOk;
}

void addSection(std::string& text,
                const std::string& title,
                const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  text += title + "\n";
  for (const auto& line : lines)
    text += "  " + printable(line) + "\n";
}

// The files are in place whatever comes of this.
void publishAccounts(const Client& panel, IntegrationReport& report) {
  const auto answer = panel.send({"POST", "/api/v1/cloudlinux/publications", ""});
  if (answer.ok() && answer->status == kDone) {
    report.accounts = "jobs are queued that tell CloudLinux of each (bulkhead job list)";
    return;
  }
  const auto problem = answer.ok() ? parseJson(answer->body) : Result<Json>(answer.error());
  report.accounts = problem.ok()  ? "the panel refused: " + problem->value("detail", "")
                    : answer.ok() ? "the panel refused, HTTP " + std::to_string(answer->status)
                                  : answer.error().message;
  report.next.push_back("tell CloudLinux of the accounts: bulkhead cloudlinux publish");
}

}  // namespace

std::string renderIntegration(const IntegrationReport& report) {
  std::string text = std::string("integration: ") + (report.enabled ? "on" : "off") + "\nhost: " +
                     (report.release.empty() ? "not CloudLinux" : printable(report.release)) + "\n";
  if (!report.accounts.empty()) text += "accounts: " + printable(report.accounts) + "\n";
  std::vector<std::string> lines;
  for (const auto& file : report.files)
    lines.push_back(padded(file.state, kStateWidth) + file.path);
  addSection(text, "files:", lines);
  addSection(text, "hook scripts:", report.hooks);
  lines.clear();
  for (const auto& check : report.checks) {
    auto line = padded(check.state, kStateWidth) + check.name;
    if (!check.found.empty()) line += " (" + check.found + ")";
    if (!check.advice.empty()) line += ": " + check.advice;
    lines.push_back(std::move(line));
  }
  addSection(text, "checks:", lines);
  addSection(text, "next:", report.next);
  return text;
}

std::string integrationJson(const IntegrationReport& report) {
  Json out = {{"enabled", report.enabled}, {"release", report.release}};
  out["files"] = Json::array();
  for (const auto& file : report.files)
    out["files"].push_back({{"path", file.path}, {"state", file.state}});
  out["hooks"] = report.hooks;
  out["checks"] = Json::array();
  for (const auto& check : report.checks)
    out["checks"].push_back({{"name", check.name},
                             {"state", check.state},
                             {"found", check.found},
                             {"advice", check.advice}});
  out["next"] = report.next;
  out["accounts"] = report.accounts;
  return printJson(out);
}

ExitCode exitCodeOf(const IntegrationReport& report) {
  if (!report.enabled) return ExitCode::kOk;
  const bool checks = std::any_of(report.checks.begin(), report.checks.end(),
                                  [](const auto& check) { return check.state == "attention"; });
  const bool files = std::any_of(report.files.begin(), report.files.end(), [](const auto& file) {
    return file.state == "edited" || file.state == "outdated";
  });
  return checks || files ? ExitCode::kFindings : ExitCode::kOk;
}

ExitCode runIntegrationEnable(const IntegrationOptions& options, const Client& panel, bool json) {
  if (::geteuid() != 0) return needsRoot("enable");
  auto report = enableIntegration(options);
  if (report.ok()) publishAccounts(panel, *report);
  return show(report, json, /*judged=*/false);
}

ExitCode runIntegrationDisable(bool json) {
  if (::geteuid() != 0) return needsRoot("disable");
  return show(disableIntegration(), json, /*judged=*/false);
}

ExitCode runIntegrationStatus(bool json) {
  if (::geteuid() != 0) return needsRoot("status");
  return show(inspectIntegration(), json, /*judged=*/true);
}

}  // namespace bulkhead::cli
