// What the firewall is set to: ufw's own rule files, which hold the rules also while it is off and
// are never cut, and sshd's ports.
#pragma once
#include <cstdint>
#include <vector>

#include "agent/host/ufw.h"

namespace bulkhead::agent::ufw {

// The rules for what comes in, IPv4 first; a rule with several ports is several rules here.
Result<std::vector<Rule>> rules(const Host& host);

// The ports that sshd is set to serve, by its configuration or by systemd's socket; empty where
// there is no sshd.
Result<std::vector<std::uint16_t>> sshPorts(const Host& host);

}  // namespace bulkhead::agent::ufw
