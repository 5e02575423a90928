// FirewallScene: an account and a firewall.
#pragma once
#include "tests/support/account_scene.h"
#include "tests/support/fake_ufw.h"
#include "tests/support/op_call.h"

namespace bulkhead::testing {

struct FirewallScene : AccountScene {
  FakeUfw ufw{host};
};

struct PortCall : OpCall<rpc::FirewallPort, rpc::FirewallRules> {
  PortCall(const std::string& name,
           std::uint16_t port,
           rpc::FirewallPort::Protocol protocol = rpc::FirewallPort::Protocol::TCP) {
    params().setUsername(wire(name));
    params().setPort(port);
    params().setProtocol(protocol);
  }
};

}  // namespace bulkhead::testing
