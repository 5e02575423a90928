#include "agent/ops/host/as_recorded.h"

#include "tests/support/check_scene.h"

namespace bulkhead::agent {
namespace {

// Between the look and the repair somebody does something; then the repair is one no longer.
struct Meanwhile {
  const char* what;
  const OpEntry entry;                         // that finds
  std::function<void(CheckScene&)> breaks;     // so that a repair is offered
  std::function<void(CheckScene&)> meanwhile;  // what somebody did after the look
};

void closePort(CheckScene& s) {
  auto changed = s.record();
  changed.ports.clear();
  s.put(changed);
}
void losePortRule(CheckScene& s) {
  for (const auto* file : {"/etc/ufw/user.rules", "/etc/ufw/user6.rules"})
    s.removeLine(file, "### tuple ### allow tcp 33000");
}
void deleteAccount(CheckScene& s) {
  if (!Registry(s.host).retire(s.record()).ok()) throw std::logic_error("not retired");
}

TEST(AsRecorded, NothingComesBackThatSomebodyRemovedOrChangedAfterTheLook) {
  const auto slow = [](CheckScene& s) { s.host.addFile(CheckScene::kSlice, "[Slice]\n"); };
  const auto openHome = [](CheckScene& s) {
    s.host.addDirectory("/home/alice", {0777, s.alice.uid, s.alice.gid});
  };
  const auto stopEngine = [](CheckScene& s) {
    s.systemd.active[engine::unitName(s.alice.uid)] = "inactive";
  };
  const auto loseContainer = [](CheckScene& s) { s.engine.containers.clear(); };
  const auto loseVhost = [](CheckScene& s) { (void)s.host.removeFile(CheckScene::kVhost); };
  const std::vector<Meanwhile> cases = {
      {"the account was deleted", accountCheck(), openHome, deleteAccount},
      {"it got other limits", accountCheck(), slow,
       [](CheckScene& s) {
         auto changed = s.record();
         changed.limits.cpuPercent += 50;
         s.put(changed);
       }},
      {"it was suspended, so its engine stays off", accountCheck(), stopEngine,
       [](CheckScene& s) { s.setState(AccountState::kSuspended); }},
      {"it is being deleted", accountCheck(), stopEngine,
       [](CheckScene& s) { s.setState(AccountState::kDeleting); }},
      {"its service was removed", accountCheck(), loseContainer,
       [](CheckScene& s) {
         auto changed = s.record();
         changed.services.clear();
         s.put(changed);
       }},
      {"its port was closed", firewallCheck(), losePortRule, closePort},
      {"the account of its site was deleted", siteCheck(), loseVhost, deleteAccount},
      {"its site was removed", siteCheck(), loseVhost, [](CheckScene& s) {
         if (!Registry(s.host).removeSite(*DomainName::parse("alice.test")).ok())
           throw std::logic_error("not removed");
       }}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    CheckScene scene;
    one.breaks(scene);
    const auto findings = scene.look(one.entry);
    const auto kept = std::move(scene.call);  // the findings lie in it
    std::size_t offered = 0;
    one.meanwhile(scene);
    for (const auto finding : findings) {
      if (CheckScene::methodOf(finding.getRepair()).empty() ||
          CheckScene::methodOf(finding.getRepair()) == "firewallSetup")
        continue;
      ++offered;
      const auto done = scene.repair(finding.getRepair());
      ASSERT_FALSE(done.ok()) << CheckScene::methodOf(finding.getRepair());
      EXPECT_EQ(done.error().code, Code::kConflict) << done.error().message;
    }
    EXPECT_GT(offered, 0U);
  }
}

TEST(AsRecorded, IsForRepairsAlone) {
  CheckScene scene;
  testing::OpCall<rpc::AccountRef, rpc::Nothing> call;
  call.params().setUsername("alice");
  const auto params = capnp::toDynamic(call.params().asReader());
  EXPECT_EQ(checkAsRecorded("accountDelete", params, scene.host).error().code, Code::kUnsupported);
  EXPECT_EQ(checkAsRecorded("none", params, scene.host).error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace bulkhead::agent
