// FakeSystemd: what systemctl answers on a FakeHost, for the units that an account has. A test can
// let a unit fail to start, and can hear of a start, a stop or a reload.
#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "tests/support/fake_host.h"

namespace bulkhead::testing {

class FakeSystemd {
 public:
  explicit FakeSystemd(FakeHost& host) : host_(host) {
    host.onProgram(agent::Program::kSystemctl,
                   [this](const agent::Command& command) { return answer(command); });
  }
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;

  std::map<std::string, std::string> active;  // unit -> "active", "failed", ...; absent: "inactive"
  std::set<std::string> enabled;
  std::set<std::string> failing;   // units that fail to start
  std::set<std::string> ignoring;  // units whose reload does nothing
  std::map<std::string, std::string>
      properties;  // "UNIT PROPERTY" -> a value that is not the true one
  std::string memoryCurrent = "[not set]";
  int reloads = 0;  // of any unit
  std::function<void(const std::string& unit)> onStart = [](const std::string&) {};
  std::function<void(const std::string& unit)> onStop = [](const std::string&) {};
  std::function<void(const std::string& unit)> onReload = [](const std::string&) {};

  bool isActive(const std::string& unit) const {
    const auto found = active.find(unit);
    return found != active.end() && found->second == "active";
  }

 private:
  agent::ProgramOutput showAll(const agent::Command& command) const {
    agent::ProgramOutput all;
    auto unit = std::find(command.arguments.begin(), command.arguments.end(), "--");
    while (++unit != command.arguments.end())
      all.output += (all.output.empty() ? "" : "\n") + show(command, *unit).output;
    return all;
  }

  agent::ProgramOutput show(const agent::Command& command, const std::string& unit) const {
    const auto found = active.find(unit);
    const auto state = found == active.end() ? "inactive" : found->second;
    std::string all = command.arguments.at(1).substr(command.arguments.at(1).find('=') + 1) + ",";
    std::string text;
    while (!all.empty()) {
      const auto name = all.substr(0, all.find(','));
      all.erase(0, name.size() + 1);
      text += name + "=";
      if (const auto lie = properties.find(unit + " " + name); lie != properties.end())
        text += lie->second;
      else if (name == "LoadState")
        text += "loaded";
      else if (name == "ActiveState")
        text += state;
      else if (name == "SubState")
        text += state == "active" ? "running" : "dead";
      else if (name == "NeedDaemonReload")
        text += isStale(unit) ? "yes" : "no";
      else if (name == "UnitFileState")
        text += enabled.contains(unit) ? "enabled" : "disabled";
      else if (name == "MemoryCurrent")
        text += memoryCurrent;
      else
        text += fromFile(unit, name);
      text += "\n";
    }
    return {0, text, false};
  }

  static std::string path(const std::string& unit) { return "/etc/systemd/system/" + unit; }

  // systemd knows a unit as it was when it was last read.
  std::string textOf(const std::string& unit) const {
    const auto found = loaded_.find(unit);
    return found == loaded_.end() ? host_.content(path(unit)) : found->second;
  }
  bool isStale(const std::string& unit) const { return textOf(unit) != host_.content(path(unit)); }

  std::string fromFile(const std::string& unit, const std::string& name) const {
    const auto text = textOf(unit);
    if (name == "FragmentPath") return text.empty() ? "" : path(unit);
    const auto setting = name == "CPUQuotaPerSecUSec" ? "CPUQuota" : name;
    if (setting.starts_with("IO")) {  // of no disk when there is none
      const auto begin = text.find("\n" + setting + "=");
      if (begin == std::string::npos) return "";
      const auto value = text.substr(begin + setting.size() + 2);
      return value.substr(0, value.find('\n'));
    }
    if (setting != "CPUQuota" && setting != "MemoryMax" && setting != "TasksMax") return "";
    const auto at = text.find("\n" + setting + "=");
    if (at == std::string::npos) return "infinity";
    const auto start = at + setting.size() + 2;
    const auto value = text.substr(start, text.find('\n', start) - start);
    if (setting != "CPUQuota") return value;
    if (value.empty()) return "infinity";
    const auto percent = std::stoull(value);
    std::string seconds = percent >= 100 ? std::to_string(percent / 100) + "s" : "";
    if (percent % 100 != 0)
      seconds += (seconds.empty() ? "" : " ") + std::to_string(percent % 100 * 10) + "ms";
    return seconds;
  }

  agent::ProgramOutput answer(const agent::Command& command) {
    const auto& verb = command.arguments.at(0);
    const auto& unit = command.arguments.back();
    if (verb == "show") return showAll(command);
    if (verb == "daemon-reload") loaded_.clear();
    if (verb == "start" && !loaded_.contains(unit)) loaded_[unit] = host_.content(path(unit));
    if (verb == "enable") enabled.insert(unit);
    if (verb == "disable") enabled.erase(unit);
    if (verb == "reset-failed" && active.contains(unit) && active[unit] == "failed")
      active.erase(unit);
    if (verb == "stop") {
      active.erase(unit);
      onStop(unit);
    }
    if (verb == "reload") {
      ++reloads;
      if (!ignoring.contains(unit)) onReload(unit);
    }
    if (verb == "start") {
      if (failing.contains(unit)) {
        active[unit] = "failed";
        return {1, "Job for " + unit + " failed.\n", false};
      }
      active[unit] = "active";
      onStart(unit);
    }
    return {};
  }

  FakeHost& host_;
  std::map<std::string, std::string> loaded_;
};

}  // namespace bulkhead::testing
