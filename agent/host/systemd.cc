#include "agent/host/systemd.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bulkhead::agent::systemd {
namespace {

constexpr std::chrono::milliseconds kReloadLimit{60000};  // some seconds with thousands of units
constexpr std::size_t kUnitsOfOneCall = 100;              // a program's output is cut at 64 KiB
constexpr int kNotLoaded = 5;  // systemctl: "the unit is not loaded" (LSB: not installed)

Result<ProgramOutput> systemctl(Host& host,
                                std::vector<std::string> arguments,
                                std::chrono::milliseconds limit) {
  return host.run({Program::kSystemctl, std::move(arguments), "", limit});
}

// The first line of a program's output is enough for a person; the rest is in the journal.
std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<Ok> expectSuccess(const ProgramOutput& done, const std::string& what) {
  if (done.exitCode == 0) return Ok{};
  return Error{Code::kUnavailable,
               "systemd: " + what + " ended with " + std::to_string(done.exitCode) + ": " +
                   firstLine(done.output),
               ""};
}

// systemd reads unit files when it is told to; it knows by the time stamps that a file has changed
// since.
Result<Ok> reloadIfStale(Host& host, const std::string& unit, bool changed) {
  if (!changed) {
    TRY_ASSIGN(const auto properties, show(host, unit, {"NeedDaemonReload"}));
    const auto found = properties.find("NeedDaemonReload");
    if (found == properties.end() || found->second != "yes") return Ok{};
  }
  return reload(host);
}

// One unit's lines after the other's, with an empty line between them.
std::vector<Properties> propertiesIn(const std::string& output) {
  std::vector<Properties> all;
  bool inside = false;
  for (std::size_t at = 0; at < output.size();) {
    const auto end = std::min(output.find('\n', at), output.size());
    const auto line = output.substr(at, end - at);
    at = end + 1;
    const auto equals = line.find('=');
    if (!std::exchange(inside, !line.empty()) && inside) all.emplace_back();
    if (equals == std::string::npos) continue;
    auto& value = all.back()[line.substr(0, equals)];
    value += (value.empty() ? "" : "\n") + line.substr(equals + 1);
  }
  return all;
}

}  // namespace

Result<Properties> show(const Host& host,
                        const std::string& unit,
                        const std::vector<std::string>& properties) {
  TRY_ASSIGN(auto all, showAll(host, {unit}, properties));
  return std::move(all.front());
}

Result<std::vector<Properties>> showAll(const Host& host,
                                        const std::vector<std::string>& units,
                                        const std::vector<std::string>& properties) {
  std::string wanted;
  for (const auto& property : properties)
    wanted += (wanted.empty() ? "" : ",") + property;
  std::vector<Properties> all;
  for (std::size_t at = 0; at < units.size(); at += kUnitsOfOneCall) {
    const auto count = std::min(kUnitsOfOneCall, units.size() - at);
    Command command{Program::kSystemctl, {"show", "--property=" + wanted, "--"}, ""};
    for (std::size_t i = at; i < at + count; ++i)
      command.arguments.push_back(units[i]);
    TRY_ASSIGN(const auto done, host.query(command));
    TRY(expectSuccess(done, "show " + units[at]));
    auto some = propertiesIn(done.output);
    // Of one unit, no line at all is an answer too.
    if (count == 1 && some.empty()) some.emplace_back();
    if (some.size() != count || done.truncated)
      return Error{Code::kUnavailable, "systemd: not every unit that was asked for is answered",
                   ""};
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

Result<UnitState> unitState(const Host& host, const std::string& unit) {
  TRY_ASSIGN(auto properties, show(host, unit, {"LoadState", "ActiveState", "SubState"}));
  if (properties["LoadState"].empty() || properties["ActiveState"].empty())
    return Error{Code::kUnavailable, "systemd: no state of " + unit, ""};
  return UnitState{properties["LoadState"], properties["ActiveState"], properties["SubState"]};
}

Result<Ok> reload(Host& host) {
  TRY_ASSIGN(const auto done, systemctl(host, {"daemon-reload"}, kReloadLimit));
  return expectSuccess(done, "daemon-reload");
}

Result<Ok> ensureUnitFile(Host& host,
                          const std::string& unit,
                          const std::string& path,
                          const std::string& content) {
  const auto present = host.readFile(path);
  if (!present.ok() && present.error().code != Code::kNotFound) return present.error();
  const bool changed = !present.ok() || present.value() != content;
  if (changed) TRY(host.writeFile(path, content, {0644, 0, 0}));
  return reloadIfStale(host, unit, changed);
}

Result<Ok> removeUnitFile(Host& host, const std::string& unit, const std::string& path) {
  const auto present = host.inspect(path);
  if (!present.ok() && present.error().code != Code::kNotFound) return present.error();
  if (present.ok()) TRY(host.removeFile(path));
  TRY(reloadIfStale(host, unit, present.ok()));
  // A failed unit stays in systemd's memory after its file has gone. Ignoring the exit code: it is
  // 1 when there is nothing to forget.
  TRY(systemctl(host, {"reset-failed", "--", unit}, kReloadLimit));
  return Ok{};
}

Result<Ok> start(Host& host, const std::string& unit, std::chrono::milliseconds limit) {
  TRY_ASSIGN(const auto done, systemctl(host, {"start", "--", unit}, limit));
  return expectSuccess(done, "start " + unit);
}

Result<Ok> stop(Host& host, const std::string& unit, std::chrono::milliseconds limit) {
  TRY_ASSIGN(const auto done, systemctl(host, {"stop", "--", unit}, limit));
  if (done.exitCode == kNotLoaded) return Ok{};
  return expectSuccess(done, "stop " + unit);
}

Result<Ok> enable(Host& host, const std::string& unit) {
  TRY_ASSIGN(const auto done, systemctl(host, {"enable", "--quiet", "--", unit}, kReloadLimit));
  return expectSuccess(done, "enable " + unit);
}

Result<Ok> disable(Host& host, const std::string& unit) {
  TRY_ASSIGN(const auto state, unitState(host, unit));
  if (!state.isKnown()) return Ok{};
  TRY_ASSIGN(const auto done, systemctl(host, {"disable", "--quiet", "--", unit}, kReloadLimit));
  return expectSuccess(done, "disable " + unit);
}

}  // namespace bulkhead::agent::systemd
