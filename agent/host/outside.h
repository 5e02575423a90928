// outside: runs a program of another product as plain root, outside of the agent's confinement. The
// agent and its workers lack most capabilities, see a file system that is mostly read-only and
// allow no new privileges; CloudLinux's programs mount file systems and talk to the kernel. So
// systemd starts them, as a unit of its own with time, memory and task limits: without a terminal,
// input or inherited descriptor, in /, with a clean environment.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent {

// One run of a program, 150 s: CloudLinux's own tools take up to a minute when they update a cage.
inline constexpr std::chrono::seconds kOutsideLimit{150};

struct OutsideProgram {
  std::string path;  // goes through checkProgram() before each start
  std::vector<std::string> arguments;
  // Part of the unit's name, [a-z0-9_.-]: two runs of the same key never overlap, also not when
  // the agent was killed in the middle of the first (kBusy).
  std::string key;
  std::chrono::seconds timeLimit = kOutsideLimit;
};

// "post_modify_user.py create --username alice": for people.
std::string lineOf(const OutsideProgram& program);

// kNotFound when the program is absent, kPermissionDenied when others than root could have changed
// it, kBusy, kTimeout; what the program itself answers is the output's exit code.
Result<ProgramOutput> runOutside(Host& host, const OutsideProgram& program);

}  // namespace bulkhead::agent
