// What the operations on the firewall share: reading a port, filling the list of rules.
#pragma once
#include <string>

#include "agent/host/ufw.h"
#include "agent/ops/op.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {

struct PortPlan {
  AccountRecord record;
  AccountPort port;
  ufw::Protocol protocol;
};

// What the registry says of the port: written before the firewall is changed, for it is what
// host.check goes by.
Result<Ok> keepPort(Host& host, const PortPlan& plan);
Result<Ok> dropPort(Host& host, const PortPlan& plan);

// kAny: also one that is half gone, or between two names.
enum class Standing { kActive, kAny };
// The account, the port and the protocol, and that the port is nobody else's.
Result<PortPlan> portPlan(rpc::FirewallPort::Reader in, const Host& host, Standing standing);

// The rules with that comment, or all when `account` is "".
Result<Ok> answerRules(const Host& host,
                       const std::string& account,
                       rpc::FirewallRules::Builder out);

}  // namespace bulkhead::agent
