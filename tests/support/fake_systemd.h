// FakeSystemd: what systemctl answers on a FakeHost, for the units that an account has. A test can
// let a unit fail to start, and can hear of a start, a stop or a reload.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>

#include "tests/support/fake_host.h"

namespace bulkhead::testing {

class FakeSystemd {
 public:
  explicit FakeSystemd(FakeHost& host) {
    host.onProgram(agent::Program::kSystemctl,
                   [this](const agent::Command& command) { return answer(command); });
  }
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;

  std::map<std::string, std::string> active;  // unit -> "active", "failed", ...; absent: "inactive"
  std::set<std::string> enabled;
  std::set<std::string> failing;   // units that fail to start
  std::set<std::string> ignoring;  // units whose reload does nothing
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
  agent::ProgramOutput show(const agent::Command& command, const std::string& unit) const {
    const auto found = active.find(unit);
    const auto state = found == active.end() ? "inactive" : found->second;
    std::string all = command.arguments.at(1).substr(command.arguments.at(1).find('=') + 1) + ",";
    std::string text;
    while (!all.empty()) {
      const auto name = all.substr(0, all.find(','));
      all.erase(0, name.size() + 1);
      text += name + "=";
      if (name == "LoadState") text += "loaded";
      if (name == "ActiveState") text += state;
      if (name == "SubState") text += state == "active" ? "running" : "dead";
      if (name == "NeedDaemonReload") text += "no";
      if (name == "MemoryCurrent") text += memoryCurrent;
      text += "\n";
    }
    return {0, text, false};
  }

  agent::ProgramOutput answer(const agent::Command& command) {
    const auto& verb = command.arguments.at(0);
    const auto& unit = command.arguments.back();
    if (verb == "show") return show(command, unit);
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
};

}  // namespace bulkhead::testing
