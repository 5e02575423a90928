// AccountScene: a FakeHost with one active account, its systemd and its engine; where most tests of
// operations begin.
#pragma once
#include <capnp/message.h>

#include "agent/host/engine.h"
#include "agent/registry/registry.h"
#include "tests/support/fake_engine.h"
#include "tests/support/fake_host.h"
#include "tests/support/fake_systemd.h"

namespace bulkhead::testing {

struct AccountScene {
  FakeHost host;
  FakeSystemd systemd{host};
  FakeEngine engine{host};
  agent::AccountRecord alice;

  AccountScene() {
    alice = addAccount("alice");
    systemd.onStart = [this](const std::string& unit) {
      if (unit == agent::engine::siteMountUnit(alice.identity.uid))
        host.addDirectory(agent::engine::siteDirectory(alice.identity.uid),
                          {0710, alice.identity.uid, 33});
      if (unit == agent::engine::unitName(alice.identity.uid)) engine.up = true;
    };
    systemd.onStop = [this](const std::string& unit) {
      if (unit == agent::engine::unitName(alice.identity.uid)) engine.up = false;
    };
    host.resetFaults();
  }

  agent::AccountRecord addAccount(const std::string& name,
                                  agent::AccountState state = agent::AccountState::kActive) {
    agent::Registry registry(host);
    auto record = *registry.allocate(*Username::parse(name), {});
    record.state = state;
    if (!registry.put(record).ok()) throw std::logic_error("the scene cannot be set");
    host.addDirectory(record.identity.home, {0710, record.identity.uid, record.identity.gid});
    return record;
  }
};

}  // namespace bulkhead::testing
