// HostedScene: a host with its systemd, firewall and web server, on which accounts get an engine, a
// site and an open port through the operations themselves.
#pragma once
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "agent/host/catalogue.h"
#include "agent/host/engine.h"
#include "agent/host/systemd.h"
#include "agent/ops/all_ops.h"
#include "agent/registry/registry.h"
#include "tests/paths.h"
#include "tests/support/fake_engine.h"
#include "tests/support/fake_nginx.h"
#include "tests/support/fake_ufw.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {

struct HostedScene {
  testing::FakeHost host;
  testing::FakeSystemd systemd{host};
  testing::FakeEngine engine{host};
  testing::FakeUfw ufw{host};
  testing::FakeNginx nginx{host, systemd};

  HostedScene() {
    std::ifstream file(std::string(BULKHEAD_SOURCE_DIR) + "/policy/images.json");
    std::stringstream text;
    text << file.rdbuf();
    host.addFile(kCataloguePath, text.str());
  }

  template <typename T>
  static void must(const Result<T>& done) {
    if (!done.ok()) throw std::logic_error(done.error().message);
  }
  Identity create(const std::string& name) {
    testing::OpCall<rpc::AccountCreate, rpc::Account> request;
    request.params().setUsername(name);
    must(request.perform(accountCreate(), host));
    return Registry(host).find(*Username::parse(name))->identity;
  }
  // There is one FakeEngine: it is the account's from now on.
  void startEngine(const Identity& who) {
    systemd.onStart = [this, who](const std::string& unit) {
      if (unit == engine::siteMountUnit(who.uid))
        host.addDirectory(engine::siteDirectory(who.uid), {0710, who.uid, 33});
      if (unit == engine::unitName(who.uid)) engine.up = true;
    };
    systemd.onStop = [this, who](const std::string& unit) {
      if (unit == engine::unitName(who.uid)) engine.up = false;
    };
    testing::OpCall<rpc::AccountRef, rpc::Engine> request;
    request.params().setUsername(who.username);
    must(request.perform(engineEnsure(), host));
  }
  void addSite(const Identity& who, const std::string& domain) {
    testing::OpCall<rpc::SiteApply, rpc::Site> request;
    request.params().setUsername(who.username);
    request.params().setDomain(domain);
    must(request.perform(siteApply(), host));
  }
  void openPort(const Identity& who, std::uint16_t port) {
    testing::OpCall<rpc::FirewallPort, rpc::FirewallRules> request;
    request.params().setUsername(who.username);
    request.params().setPort(port);
    must(request.perform(firewallOpen(), host));
  }
  testing::OpCall<rpc::AccountRename, rpc::Account> renaming;
  Result<Proof> rename(const std::string& from, const std::string& to) {
    renaming.params().setUsername(testing::wire(from));
    renaming.params().setNewName(testing::wire(to));
    return renaming.perform(accountRename(), host);
  }
};

}  // namespace bulkhead::agent
