// transient: a program as a unit of its own that systemd starts and waits for, with the rights, the
// file system and the limits that its properties say and not those of the agent. Two units of one
// name never overlap, also not when the agent was killed in the middle of the first.
#pragma once
#include <string>
#include <vector>

#include "agent/host/host.h"

namespace bulkhead::agent {

struct TransientUnit {
  std::string name;                     // "bulkhead-ufw", [a-z0-9_.-]
  std::vector<std::string> settings;    // of systemd-run, as "--property=RuntimeMaxSec=30"
  std::string program;                  // absolute
  std::vector<std::string> arguments;   // as they are: systemd replaces nothing in them
  std::chrono::milliseconds timeLimit;  // of systemd-run itself
};

// Its exit code and output are the program's.
Command transientCommand(const TransientUnit& unit);
// Whether systemd refused because a unit of this name has not ended.
bool isStillRunning(const ProgramOutput& done);

}  // namespace bulkhead::agent
