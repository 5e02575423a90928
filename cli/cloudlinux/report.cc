#include "cli/cloudlinux/report.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr std::size_t kNameWidth = 58;
constexpr std::size_t kCallerWidth = 13;
constexpr std::size_t kArgumentBytesMax = 60;

std::string_view severityName(Severity severity) {
  return severity == Severity::kStated ? "stated" : "our reading";
}

std::string_view outcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kFinding:
      return "finding";
    case Outcome::kSkipped:
      return "skipped";
  }
  return "";
}

bool breaksStated(const CheckResult& result) {
  return std::any_of(result.findings.begin(), result.findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::kStated; });
}

std::string commandOf(const CheckResult& result) {
  std::string out(result.check.script);
  for (const auto& argument : result.arguments)
    out +=
        " " + (argument.size() > kArgumentBytesMax ? argument.substr(0, kArgumentBytesMax) + "..."
                                                   : argument);
  return out;
}

std::string milliseconds(double value) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%9.1f", value);
  return text.data();
}

std::string callerOf(const CheckResult& result) {
  return result.check.rule == nullptr ? std::string(asName(result.check.as)) : "-";
}

std::string coloured(std::string text, const char* code, const Terminal& terminal) {
  if (!terminal.colour || !terminal.outIsTerminal) return text;
  return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

std::string line(const CheckResult& result, const Terminal& terminal) {
  const auto number = std::to_string(result.number);
  std::string out = std::string(4 - std::min<std::size_t>(4, number.size()), ' ') + number + "  " +
                    padded(std::string(result.check.name), kNameWidth) + "  " +
                    padded(callerOf(result), kCallerWidth) + "  ";
  const auto word = padded(std::string(outcomeName(result.outcome)), 7);
  out += coloured(word,
                  result.outcome == Outcome::kOk        ? "32"
                  : result.outcome == Outcome::kFinding ? "31"
                                                        : "33",
                  terminal);
  out += result.calls == 0 ? "" : "  " + milliseconds(result.medianMs);
  out += "\n";
  if (result.outcome == Outcome::kSkipped)
    out += "        " + printable(result.skippedBecause) + "\n";
  if (result.outcome == Outcome::kFinding && result.check.rule == nullptr)
    out += "        " + printable(commandOf(result)) + "\n";
  for (const auto& finding : result.findings)
    out += "        " + std::string(severityName(finding.severity)) + ", section " +
           std::string(result.check.section) + ": " + printable(finding.text) + "\n";
  return out;
}

std::string stringOf(const World& world, const char* key) {
  const auto& info = world.data("panel_info");
  const auto found = info.is_object() ? info.find(key) : info.end();
  return info.is_object() && found != info.end() && found->is_string() ? found->get<std::string>()
                                                                       : std::string("unknown");
}

std::string nameOf(const World& world, As as) {
  const auto person = world.cast(as);
  return person ? person->name : std::string("nobody");
}

}  // namespace

Summary summarise(const std::vector<CheckResult>& results) {
  Summary summary;
  for (const auto& result : results) {
    summary.calls += result.calls;
    if (result.outcome == Outcome::kOk) ++summary.ok;
    if (result.outcome == Outcome::kSkipped) ++summary.skipped;
    if (result.outcome == Outcome::kFinding)
      ++(breaksStated(result) ? summary.stated : summary.reading);
  }
  return summary;
}

std::string renderReport(const World& world,
                         const std::vector<CheckResult>& results,
                         const Terminal& terminal) {
  std::string out = "panel " + printable(stringOf(world, "name")) + " " +
                    printable(stringOf(world, "version")) + ", " + printable(world.iniPath()) +
                    "\nuser " + nameOf(world, As::kUser) + ", other " + nameOf(world, As::kOther) +
                    ", stranger " + nameOf(world, As::kStranger) + "\n\n";
  out += "  No  " + padded("CHECK", kNameWidth) + "  " + padded("CALLER", kCallerWidth) +
         "  RESULT          MS\n";
  for (const auto& result : results)
    out += line(result, terminal);
  const auto summary = summarise(results);
  out += "\n" + std::to_string(results.size()) + " checks, " + std::to_string(summary.calls) +
         " calls: " + std::to_string(summary.ok) + " ok, " + std::to_string(summary.stated) +
         " against what is stated, " + std::to_string(summary.reading) +
         " against our reading only, " + std::to_string(summary.skipped) + " skipped\n";
  return out;
}

Json reportJson(const World& world, const std::vector<CheckResult>& results) {
  const auto summary = summarise(results);
  Json out = {
      {"ok", summary.findings() == 0},
      {"panel", {{"name", stringOf(world, "name")}, {"version", stringOf(world, "version")}}},
      {"integration_ini", world.iniPath()},
      {"callers",
       {{"user", nameOf(world, As::kUser)},
        {"other", nameOf(world, As::kOther)},
        {"stranger", nameOf(world, As::kStranger)}}},
      {"summary",
       {{"checks", results.size()},
        {"calls", summary.calls},
        {"ok", summary.ok},
        {"stated_findings", summary.stated},
        {"reading_findings", summary.reading},
        {"skipped", summary.skipped}}}};
  auto& rows = out["checks"] = Json::array();
  for (const auto& result : results) {
    Json row = {{"number", result.number},
                {"name", result.check.name},
                {"section", result.check.section},
                {"severity", result.check.severity == Severity::kStated ? "stated" : "reading"},
                {"result", outcomeName(result.outcome)}};
    if (result.check.rule == nullptr) {
      row["caller"] = asName(result.check.as);
      row["script"] = result.check.script;
      row["arguments"] = result.arguments;
      row["calls"] = result.calls;
      row["median_ms"] = result.medianMs;
    }
    if (!result.skippedBecause.empty()) row["skipped_because"] = result.skippedBecause;
    row["findings"] = Json::array();
    for (const auto& finding : result.findings)
      row["findings"].push_back(
          {{"severity", finding.severity == Severity::kStated ? "stated" : "reading"},
           {"text", finding.text}});
    rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace bulkhead::cli::cloudlinux
