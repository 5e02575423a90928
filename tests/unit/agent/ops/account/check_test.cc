#include "tests/support/check_scene.h"

namespace bulkhead::agent {
namespace {

using Code = CheckScene::Code;
constexpr const char* kRecord = "/var/lib/bulkhead/agent/accounts/alice";
const std::string kSliceName = "bulkhead-account-20000.slice";

TEST(AccountCheck, SaysWhichLineOfAnAccountIsGoneAndAddsIt) {
  for (const auto& [path, code] :
       {std::pair{"/etc/passwd", Code::PASSWD_ENTRY}, std::pair{"/etc/shadow", Code::SHADOW_ENTRY},
        std::pair{"/etc/group", Code::GROUP_ENTRY}, std::pair{"/etc/gshadow", Code::GSHADOW_ENTRY},
        std::pair{"/etc/subuid", Code::SUBUID_RANGE}, std::pair{"/etc/subgid", Code::SUBGID_RANGE}})
    expectFound(accountCheck(),
                {path, [path = path](CheckScene& s) { s.removeLine(path, "alice:"); }, code,
                 "accountCreate"});
}

TEST(AccountCheck, OverwritesNoLineThatIsNotItsOwn) {
  const std::vector<CheckCase> cases = {
      {"another home", [](CheckScene& s) { s.replace("/etc/passwd", "/home/alice", "/srv/alice"); },
       Code::PASSWD_ENTRY},
      {"somebody else has the uid",
       [](CheckScene& s) { s.replace("/etc/passwd", "alice:x", "mallory:x"); }, Code::PASSWD_ENTRY},
      {"another gid",
       [](CheckScene& s) { s.replace("/etc/group", "alice:x:20000", "alice:x:1000"); },
       Code::GROUP_ENTRY},
      {"another range",
       [](CheckScene& s) { s.replace("/etc/subuid", "alice:603979776", "alice:100000"); },
       Code::SUBUID_RANGE},
      {"two lines", [](CheckScene& s) { s.append("/etc/shadow", "alice:!:::::::"); },
       Code::SHADOW_ENTRY},
      {"a password",
       [](CheckScene& s) { s.replace("/etc/shadow", "alice:!*:", "alice:$y$j9T$x$y:"); },
       Code::PASSWORD_SET},
      {"no password needed",
       [](CheckScene& s) { s.replace("/etc/shadow", "alice:!*:", "alice::"); },
       Code::PASSWORD_SET}};
  for (const auto& one : cases)
    expectFound(accountCheck(), one);
}

TEST(AccountCheck, SaysWhatIsWrongWithAHome) {
  const std::vector<CheckCase> cases = {
      {"gone", [](CheckScene& s) { (void)s.host.removeTree("/home/alice"); }, Code::HOME_MISSING},
      {"a link",
       [](CheckScene& s) {
         (void)s.host.removeTree("/home/alice");
         s.host.addSymlink("/home/alice", "/etc");
         auto record = s.record();
         record.quota.reset();
         s.put(record);
       },
       Code::HOME_KIND},
      {"root's",
       [](CheckScene& s) {
         s.host.addDirectory("/home/alice", {0700, 0, 0});
       },
       Code::HOME_OWNER},
      {"of another group",
       [](CheckScene& s) {
         s.host.addDirectory("/home/alice", {0700, 20000, 0});
       },
       Code::HOME_OWNER, "accountCreate"},
      {"somebody else's",
       [](CheckScene& s) {
         s.host.addDirectory("/home/alice", {0700, 4242, 4242});
       },
       Code::HOME_OWNER},
      {"open",
       [](CheckScene& s) {
         s.host.addDirectory("/home/alice", {0755, 20000, 20000});
       },
       Code::HOME_MODE, "accountCreate"}};
  for (const auto& one : cases)
    expectFound(accountCheck(), one);
}

TEST(AccountCheck, SaysWhichLimitsDoNotHold) {
  const std::vector<CheckCase> cases = {
      {"the slice's file was edited",
       [](CheckScene& s) { s.replace(CheckScene::kSlice, "TasksMax=infinity", "TasksMax=9"); },
       Code::SLICE_LIMITS, "limitsSet"},
      {"the slice has no file", [](CheckScene& s) { (void)s.host.removeFile(CheckScene::kSlice); },
       Code::SLICE_LIMITS, "limitsSet"},
      {"systemd says another limit",
       [](CheckScene& s) { s.systemd.properties[kSliceName + " MemoryMax"] = "4096"; },
       Code::SLICE_LIMITS, "limitsSet"},
      {"a drop-in says another limit",
       [](CheckScene& s) {
         s.systemd.properties[kSliceName + " MemoryMax"] = "4096";
         s.systemd.properties[kSliceName + " DropInPaths"] = "/etc/systemd/system.control/x.conf";
       },
       Code::SLICE_OVERRIDDEN},
      {"another quota",
       [](CheckScene& s) { (void)s.host.setProjectQuota("/home/alice", 20000, 4096, 1); },
       Code::QUOTA_LIMITS, "quotaSet"},
      {"a home outside of its project",
       [](CheckScene& s) { (void)s.host.setProject("/home/alice", 7); }, Code::QUOTA_PROJECT}};
  for (const auto& one : cases) {
    if (std::string(one.what) == "systemd says another limit") {
      // A systemd that goes on saying it is not mended by saying it again.
      CheckScene scene;
      one.happens(scene);
      ASSERT_EQ(scene.look(accountCheck()).size(), 1U);
      EXPECT_EQ(scene.look(accountCheck())[0].getCode(), one.code);
      continue;
    }
    expectFound(accountCheck(), one);
  }
}

TEST(AccountCheck, SaysWhatOfAnEngineIsMissing) {
  const std::vector<CheckCase> cases = {
      {"the engine is stopped",
       [](CheckScene& s) {
         s.systemd.active.erase(engine::unitName(20000));
         s.engine.up = false;
       },
       Code::ENGINE_STOPPED, "engineEnsure"},
      {"the engine does not start at boot",
       [](CheckScene& s) { s.systemd.enabled.erase(engine::unitName(20000)); },
       Code::ENGINE_STOPPED, "engineEnsure"},
      {"root's context is gone",
       [](CheckScene& s) { (void)s.host.removeTree(engine::contextDirectory("alice")); },
       Code::ENGINE_CONTEXT, "engineEnsure"},
      {"root's context was edited",
       [](CheckScene& s) {
         s.host.addFile(engine::contextDirectory("alice") + "/meta.json", "{}", {0600, 0, 0});
       },
       Code::ENGINE_CONTEXT, "engineEnsure"},
      {"a service is gone", [](CheckScene& s) { s.engine.containers.clear(); },
       Code::SERVICE_MISSING, "serviceApply"},
      {"a service is stopped", [](CheckScene& s) { s.engine.containers.at("web").running = false; },
       Code::SERVICE_DIFFERS, "serviceApply"},
      {"a service is of another image",
       [](CheckScene& s) { s.engine.containers.at("web").image = testing::FakeEngine::id("old"); },
       Code::SERVICE_DIFFERS, "serviceApply"},
      {"the engine does not answer", [](CheckScene& s) { s.engine.up = false; }, Code::UNREADABLE}};
  for (const auto& one : cases)
    expectFound(accountCheck(), one);
}

TEST(AccountCheck, SaysWhatOfASuspendedAccountRuns) {
  const auto suspend = [](CheckScene& s) {
    testing::OpCall<rpc::AccountRef, rpc::Account> call;
    call.params().setUsername("alice");
    CheckScene::must(call.perform(accountSuspend(), s.host));
  };
  const std::vector<CheckCase> cases = {
      {"its engine", [](CheckScene& s) { s.setState(AccountState::kSuspended); }, Code::ENGINE_RUNS,
       "accountSuspend"},
      {"its engine at the next boot",
       [&](CheckScene& s) {
         suspend(s);
         s.systemd.enabled.insert(engine::unitName(20000));
       },
       Code::ENGINE_RUNS, "accountSuspend"},
      {"a process",
       [&](CheckScene& s) {
         suspend(s);
         s.host.addProcess(20000, 4711, "miner");
       },
       Code::PROCESSES, "accountSuspend"},
      {"a process of its sub-uids",
       [&](CheckScene& s) {
         suspend(s);
         s.host.addProcess(603979776 + 33, 4711, "miner");
       },
       Code::PROCESSES, "accountSuspend"}};
  for (const auto& one : cases)
    expectFound(accountCheck(), one);
  CheckScene scene;
  suspend(scene);
  EXPECT_EQ(scene.look(accountCheck()).size(), 0U);
}

TEST(AccountCheck, SaysWhichAccountIsNotWholeOrNotUnderstood) {
  const std::vector<CheckCase> cases = {
      {"half made", [](CheckScene& s) { s.setState(AccountState::kCreating); }, Code::UNFINISHED},
      {"half deleted", [](CheckScene& s) { s.setState(AccountState::kDeleting); },
       Code::UNFINISHED},
      {"half renamed", [](CheckScene& s) { s.setState(AccountState::kRenaming); },
       Code::UNFINISHED},
      {"a record that is none",
       [](CheckScene& s) {
         s.host.addFile(kRecord, "{", {0600, 0, 0});
       },
       Code::RECORD_UNREADABLE},
      {"systemd does not answer",
       [](CheckScene& s) {
         s.host.onProgram(Program::kSystemctl, [](const Command&) {
           return ProgramOutput{1, "no bus\n", false};
         });
       },
       Code::UNREADABLE}};
  for (const auto& one : cases)
    expectFound(accountCheck(), one);
}

TEST(AccountCheck, ComparesNothingThatWasNeverAskedFor) {
  CheckScene scene;
  (void)scene.create("bob");  // without engine, service or quota
  EXPECT_EQ(scene.look(accountCheck()).size(), 0U);
  EXPECT_EQ(scene.call->reply().getChecked(), 2U);
}

TEST(AccountCheck, GoesThroughTheAccountsPageByPageWithFewCallsOfSystemd) {
  CheckScene scene;
  for (int i = 0; i < 100; ++i)
    (void)scene.create("user" + std::to_string(1000 + i));
  scene.host.addDirectory("/home/user1099", {0755, 20100, 20100});
  const auto before = scene.host.queries().size();
  std::string after;
  std::size_t checked = 0;
  std::size_t found = 0;
  do {
    CheckScene::Call call;
    call.params().setAfter(after);
    ASSERT_TRUE(call.perform(accountCheck(), scene.host).ok());
    checked += call.reply().getChecked();
    found += call.reply().getFindings().size();
    after = call.reply().getNext().cStr();
  } while (!after.empty());
  EXPECT_EQ(checked, 101U);
  EXPECT_EQ(found, 1U);
  EXPECT_EQ(scene.host.queries().size() - before, 3U);  // one a page
}

TEST(AccountCheck, ShowsNoSecretOfTheShadowFiles) {
  CheckScene scene;
  scene.replace("/etc/shadow", "alice:!*:", "alice:$y$j9T$salt$secret:");
  scene.append("/etc/shadow", "alice:$y$j9T$salt$other:::::::");
  for (const auto finding : scene.look(accountCheck()))
    for (const auto text : {finding.getDesired(), finding.getFound(), finding.getAdvice()})
      EXPECT_EQ(std::string(text.cStr()).find("salt"), std::string::npos);
}

TEST(AccountCheck, ChangesNothing) {
  CheckScene scene;
  scene.removeLine("/etc/subuid", "alice:");
  scene.setState(AccountState::kSuspended);
  scene.host.resetFaults();
  EXPECT_GT(scene.look(accountCheck()).size(), 1U);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
