// CheckScene: a host on which nothing differs, with one account that has all there is; what one of
// the operations *.check finds on it; and its repairs, done as the command line would.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <capnp/dynamic.h>
#include <gtest/gtest.h>

#include "agent/host/container.h"
#include "agent/ops/host/as_recorded.h"
#include "tests/support/hosted_scene.h"

namespace bulkhead::agent {

struct CheckScene : HostedScene {
  using Code = rpc::Finding::Code;
  using Call = testing::OpCall<rpc::CheckPage, rpc::Findings>;
  static constexpr const char* kSlice = "/etc/systemd/system/bulkhead-account-20000.slice";
  static constexpr const char* kVhost = "/etc/nginx/bulkhead/sites/alice.test.conf";
  static constexpr std::uint16_t kPort = 33000;

  Identity alice;

  CheckScene() {
    for (const auto* name :
         {"protected_symlinks", "protected_hardlinks", "protected_regular", "protected_fifos"})
      host.addFile(std::string("/proc/sys/fs/") + name, "1\n");
    host.addFile("/etc/login.defs", "# ids\nUID_MAX\t\t19999\nGID_MAX 19999\n");
    host.addDirectory("/var/log/bulkhead", {0700, 0, 0});
    host.addFile("/usr/lib/bulkhead/images/web.id", "sha256:" + engine.archived + "\n");
    host.onSite([this](const Identity&, const std::string&) -> Result<HttpReply> {
      const auto found = engine.containers.find("web");
      if (found == engine.containers.end() || !found->second.running)
        return Error{Code_::kUnavailable, "nothing answers", ""};
      return HttpReply{404, ""};
    });
    testing::OpCall<rpc::Nothing, rpc::FirewallRules> firewall;
    must(firewall.perform(firewallSetup(), host));
    alice = create("alice");
    testing::OpCall<rpc::QuotaSet, rpc::Quota> quota;
    quota.params().setUsername("alice");
    quota.params().setDiskBytes(1U << 30U);
    quota.params().setInodes(1000);
    must(quota.perform(quotaSet(), host));
    startEngine(alice);
    testing::OpCall<rpc::ServiceApply, rpc::Service> service;
    service.params().setUsername("alice");
    service.params().setService("web");
    service.params().setPublishPort(kPort);
    must(service.perform(serviceApply(), host));
    addSite(alice, "alice.test");
    openPort(alice, kPort);
    host.resetFaults();
  }

  AccountRecord record() { return *Registry(host).find(*Username::parse("alice")); }
  void put(const AccountRecord& changed) { must(Registry(host).put(changed)); }
  void setState(AccountState state) {
    auto changed = record();
    changed.state = state;
    put(changed);
  }
  // The lines of a file, changed; its owner and mode stay.
  void replace(const std::string& path, const std::string& from, const std::string& to) {
    auto text = host.content(path);
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::logic_error(path + " has no " + from);
    const auto info = host.node(path)->info;
    host.addFile(path, text.replace(at, from.size(), to), {info.mode, info.uid, info.gid});
  }
  void append(const std::string& path, const std::string& line) {
    const auto info = host.node(path)->info;
    host.addFile(path, host.content(path) + line + "\n", {info.mode, info.uid, info.gid});
  }
  void removeLine(const std::string& path, const std::string& start) {
    const auto text = "\n" + host.content(path);
    const auto at = text.find("\n" + start);
    if (at == std::string::npos) throw std::logic_error(path + " has no " + start);
    const auto end = text.find('\n', at + 1);
    const auto info = host.node(path)->info;
    host.addFile(path, (text.substr(0, at) + text.substr(end)).substr(1),
                 {info.mode, info.uid, info.gid});
  }

  // ---- looking

  std::unique_ptr<Call> call = std::make_unique<Call>();
  capnp::List<rpc::Finding>::Reader look(const OpEntry& entry) {
    call = std::make_unique<Call>();
    must(call->perform(entry, host));
    return call->reply().getFindings();
  }
  static std::string nameOf(Code code) {
    const auto all = capnp::Schema::from<Code>().getEnumerants();
    return all[static_cast<unsigned>(code)].getProto().getName().cStr();
  }
  // The method that a repair is, "" when only a person can decide.
  static std::string methodOf(rpc::Repair::Reader repair) {
    const capnp::DynamicStruct::Reader chosen = repair;
    KJ_IF_MAYBE (field, chosen.which()) {
      const std::string name = field->getProto().getName().cStr();
      return name == "none" ? "" : name;
    }
    return "?";
  }
  Result<Proof> repair(rpc::Repair::Reader repair) {
    const auto method = methodOf(repair);
    for (const auto& entry : allOps()) {
      if (entry.method != method) continue;
      const capnp::DynamicStruct::Reader chosen = repair;
      const auto params = chosen.get(KJ_ASSERT_NONNULL(chosen.which()));
      const auto recorded =
          checkAsRecorded(method, params.as<capnp::DynamicStruct>(), std::as_const(host));
      if (!recorded.ok()) return recorded.error();
      // check, run and finish, on the machine itself.
      const auto done = entry.preview(params.as<capnp::DynamicStruct>(), host);
      if (!done.ok()) return done.error();
      return Proof{};
    }
    return Error{Code_::kNotFound, "no operation " + method, ""};
  }

 private:
  using Code_ = bulkhead::Code;
};

// One thing that is made differ, what is to be said of it, and which operation mends it.
struct CheckCase {
  const char* what;
  std::function<void(CheckScene&)> happens;
  CheckScene::Code code;
  const char* repair = "";
};

inline void expectFound(const OpEntry& entry, const CheckCase& one) {
  SCOPED_TRACE(one.what);
  CheckScene scene;
  ASSERT_EQ(scene.look(entry).size(), 0U) << scene.look(entry)[0].getFound().cStr();
  one.happens(scene);
  const auto findings = scene.look(entry);
  ASSERT_GT(findings.size(), 0U);
  for (const auto finding : findings) {
    EXPECT_EQ(CheckScene::nameOf(finding.getCode()), CheckScene::nameOf(one.code));
    EXPECT_EQ(CheckScene::methodOf(finding.getRepair()), one.repair);
    EXPECT_GT(finding.getObject().size(), 0U);
    EXPECT_GT(finding.getDesired().size(), 0U);
    EXPECT_GT(finding.getFound().size(), 0U);
    EXPECT_GT(finding.getAdvice().size(), 0U);
  }
  if (*one.repair == '\0') return;
  const auto kept = std::move(scene.call);  // the findings lie in it
  const auto done = scene.repair(findings[0].getRepair());
  ASSERT_TRUE(done.ok()) << done.error().message;
  const auto left = scene.look(entry);
  EXPECT_EQ(left.size(), 0U) << left[0].getFound().cStr();
}

}  // namespace bulkhead::agent
