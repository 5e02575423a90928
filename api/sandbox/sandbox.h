// The sandbox of the server, put on last: what somebody who takes over the process cannot do any
// more.
#pragma once
#include <string>
#include <vector>

#include "api/sandbox/seccomp_list.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Where the server may reach by network: nowhere, or by TCP and to resolve names, for a database on
// another host. Which host is up to the unit and its firewall.
enum class Network { kNone, kDatabase };

// No new privileges, and files below `stateDirectory` only, by Landlock; `readable` are single
// files besides, and one that is not there is passed over. For the calling thread and
// those it starts: call it before any other thread exists. Answers in words what the kernel could
// do; a kernel without Landlock is no refusal, because the unit's ProtectSystem=strict stands as
// well.
Result<std::string> confineFiles(const std::string& stateDirectory,
                                 const std::vector<std::string>& readable = {});

// Installs the list for every thread; any other system call kills the process. Refuses a list that
// names a "checked" call without a check here, or forgets one.
Result<Ok> confineSyscalls(const std::vector<SyscallRule>& rules, Network network = Network::kNone);

}  // namespace bulkhead::api
