#include "cli/doctor/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace bulkhead::cli::doctor {
namespace {

constexpr std::size_t kSeverityWidth = 8;
constexpr std::size_t kLabelWidth = 10;

// In the order in which one is the other's ground.
constexpr std::array<std::string_view, 9> kOrder = {
    "account.create", "limits.set", "quota.set",      "account.suspend", "engine.ensure",
    "service.apply",  "site.apply", "firewall.setup", "firewall.open"};

std::string flat(const std::string& prefix, const Json& value) {
  if (value.is_object()) {
    std::string text;
    for (const auto& [key, member] : value.items())
      text += flat(prefix.empty() ? key : prefix + "." + key, member);
    return text;
  }
  if (value.is_array()) {
    std::string list;
    for (const auto& item : value)
      list +=
          (list.empty() ? "" : ",") + (item.is_string() ? item.get<std::string>() : item.dump());
    return list.empty() ? "" : " " + prefix + "=" + list;
  }
  return " " + prefix + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
}

std::string coloured(const std::string& text, const char* code, const Terminal& terminal) {
  if (!terminal.colour || !terminal.outIsTerminal) return text;
  return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

const char* colourOf(const std::string& severity) {
  if (severity == "danger") return "31";
  return severity == "notice" ? "36" : "33";
}

std::string_view outcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kNone:
      return "";
    case Outcome::kMended:
      return "mended";
    case Outcome::kDecision:
      return "needs a decision";
    case Outcome::kFailed:
      return "failed";
  }
  return "";
}

std::string row(const std::string& label, const std::string& text) {
  if (text.empty()) return "";
  return "  " + padded(label, kLabelWidth) + printable(text) + "\n";
}

std::string section(const Finding& finding, const Terminal& terminal) {
  auto text = coloured(padded(printable(finding.severity), kSeverityWidth),
                       colourOf(finding.severity), terminal) +
              "  " + printable(finding.kind + " " + finding.object) + ": " +
              printable(finding.code);
  if (finding.outcome != Outcome::kNone)
    text += "  [" +
            coloured(std::string(outcomeName(finding.outcome)),
                     finding.outcome == Outcome::kMended ? "32" : "31", terminal) +
            "]";
  text += "\n" + row("desired", finding.desired) + row("found", finding.found);
  if (finding.outcome == Outcome::kMended) return text + row("by", finding.repair->line());
  return text + row("failed", finding.failure) +
         row("repair", finding.repair ? finding.repair->line() : "") + row("next", finding.advice);
}

bool isOpen(const Finding& finding) { return finding.outcome != Outcome::kMended; }

std::map<std::string, std::size_t> countsOf(const std::vector<Finding>& findings) {
  std::map<std::string, std::size_t> counts;
  for (const auto& finding : findings)
    if (isOpen(finding)) ++counts[finding.severity];
  return counts;
}

std::string summary(const Report& report) {
  std::string text = std::to_string(report.look.checked) + " objects checked: ";
  std::size_t open = 0;
  std::string parts;
  for (const auto& [severity, count] : countsOf(report.look.findings)) {
    parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " " + printable(severity);
    open += count;
  }
  text += open == 0 ? "nothing differs" : std::to_string(open) + " differ (" + parts + ")";
  const auto steps = report.mended ? 0 : stepsOf(report.look.findings).size();
  if (steps > 0)
    text += "; " + std::to_string(steps) + " repairs are possible: bulkhead doctor --fix";
  if (report.look.dropped > 0)
    text += "; " + std::to_string(report.look.dropped) + " more are not shown";
  text += "\n";
  if (!report.panel.empty())
    text += "the panel's own record was not compared: " + printable(report.panel) + "\n";
  return text;
}

Json jsonOf(const std::optional<Step>& step) {
  if (!step) return nullptr;
  return {{"operation", step->operation}, {"parameters", step->parameters}};
}

}  // namespace

std::string Step::line() const { return operation + flat("", parameters); }

std::vector<Step> stepsOf(const std::vector<Finding>& findings) {
  std::vector<Step> steps;
  std::set<std::string> seen;
  for (const auto& finding : findings)
    if (finding.repair && seen.insert(finding.repair->line()).second)
      steps.push_back(*finding.repair);
  const auto rank = [](const Step& step) {
    return std::find(kOrder.begin(), kOrder.end(), step.operation) - kOrder.begin();
  };
  std::stable_sort(steps.begin(), steps.end(),
                   [&rank](const Step& a, const Step& b) { return rank(a) < rank(b); });
  return steps;
}

std::string renderReport(const Report& report, const Terminal& terminal) {
  std::string text;
  for (const auto& finding : report.look.findings)
    text += section(finding, terminal);
  return text + summary(report);
}

std::string renderPlan(const Report& report) {
  std::string text;
  std::size_t number = 0;
  for (const auto& step : stepsOf(report.look.findings))
    text += std::to_string(++number) + ". " + printable(step.line()) + "\n";
  std::size_t decisions = 0;
  for (const auto& finding : report.look.findings)
    if (!finding.repair) ++decisions;
  if (number == 0) text += "no repair is needed or possible\n";
  if (decisions > 0)
    text += std::to_string(decisions) + " need a decision: bulkhead doctor shows them\n";
  return text;
}

Json reportJson(const Report& report) {
  Json out = {{"ok", exitCodeOf(report) == ExitCode::kOk},
              {"checked", report.look.checked},
              {"dropped", report.look.dropped},
              {"panel_compared", report.panel.empty()},
              {"open", countsOf(report.look.findings)}};
  if (!report.panel.empty()) out["panel_problem"] = report.panel;
  out["findings"] = Json::array();
  for (const auto& finding : report.look.findings) {
    Json entry = {{"kind", finding.kind},
                  {"object", finding.object},
                  {"code", finding.code},
                  {"severity", finding.severity},
                  {"desired", finding.desired},
                  {"found", finding.found},
                  {"next", finding.advice},
                  {"repair", jsonOf(finding.repair)},
                  {"revert", jsonOf(finding.revert)}};
    if (finding.outcome != Outcome::kNone) entry["outcome"] = outcomeName(finding.outcome);
    if (!finding.failure.empty()) entry["failure"] = finding.failure;
    out["findings"].push_back(std::move(entry));
  }
  out["plan"] = Json::array();
  if (!report.mended)
    for (const auto& step : stepsOf(report.look.findings))
      out["plan"].push_back(jsonOf(step));
  return out;
}

ExitCode exitCodeOf(const Report& report) {
  const auto counts = countsOf(report.look.findings);
  if (counts.empty()) return report.look.dropped == 0 ? ExitCode::kOk : ExitCode::kFindings;
  return counts.size() == 1 && counts.contains("unknown") ? ExitCode::kUnreachable
                                                          : ExitCode::kFindings;
}

}  // namespace bulkhead::cli::doctor
