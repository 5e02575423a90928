#include "agent/host/systemd.h"

#include <algorithm>

namespace bulkhead::agent::systemd {
namespace {

constexpr std::chrono::milliseconds kReloadLimit{60000};  // some seconds with thousands of units
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

}  // namespace

Result<std::map<std::string, std::string>> show(const Host& host,
                                                const std::string& unit,
                                                const std::vector<std::string>& properties) {
  std::string wanted;
  for (const auto& property : properties)
    wanted += (wanted.empty() ? "" : ",") + property;
  TRY_ASSIGN(const auto done,
             host.query({Program::kSystemctl, {"show", "--property=" + wanted, "--", unit}, ""}));
  TRY(expectSuccess(done, "show " + unit));
  std::map<std::string, std::string> values;
  for (std::size_t at = 0; at < done.output.size();) {
    const auto end = std::min(done.output.find('\n', at), done.output.size());
    const auto line = done.output.substr(at, end - at);
    const auto equals = line.find('=');
    if (equals != std::string::npos) {
      auto& value = values[line.substr(0, equals)];
      value += (value.empty() ? "" : "\n") + line.substr(equals + 1);
    }
    at = end + 1;
  }
  return values;
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
