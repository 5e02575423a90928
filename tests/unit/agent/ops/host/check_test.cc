#include "agent/ops/host/findings.h"
#include "common/audit/chain.h"
#include "common/audit/record.h"
#include "common/os/atomic_file.h"
#include "tests/support/check_scene.h"

namespace bulkhead::agent {
namespace {

using Code = CheckScene::Code;

TEST(HostCheck, SaysWhatDiffersOnTheHost) {
  const std::vector<CheckCase> cases = {
      {"a setting of the kernel is off",
       [](CheckScene& s) { s.host.addFile("/proc/sys/fs/protected_regular", "0\n"); },
       Code::SYSCTL},
      {"useradd may give the accounts' ids",
       [](CheckScene& s) { s.replace("/etc/login.defs", "19999", "60000"); }, Code::ID_RANGE},
      {"the agent's state can be read by others",
       [](CheckScene& s) {
         s.host.addDirectory("/var/lib/bulkhead/agent/accounts", {0755, 0, 0});
       },
       Code::FILE_OWNER},
      {"the policy is somebody else's",
       [](CheckScene& s) {
         s.host.addFile("/usr/share/bulkhead/policy/operations.json", "{}", {0644, 1000, 1000});
       },
       Code::FILE_OWNER},
      {"the registry's folder is a link",
       [](CheckScene& s) { s.host.addSymlink("/var/lib/bulkhead/edited-sites", "/tmp"); },
       Code::FILE_OWNER},
      {"a killed writer has left its file",
       [](CheckScene& s) {
         s.host.addFile("/etc/" + std::string(os::kTemporaryPrefix) + "00ff", "half");
       },
       Code::TEMPORARY_FILE},
      {"a lock is held by a process that is gone",
       [](CheckScene& s) { s.host.addFile("/etc/passwd.lock", "4711\n"); }, Code::STALE_LOCK},
      {"the audit log ends with something else",
       [](CheckScene& s) {
         s.host.addFile(std::string(kAuditDirectory) + "/" + segmentName(1), "{\"seq\":1}\n");
       },
       Code::AUDIT_LOG},
      {"a unit of the panel has failed",
       [](CheckScene& s) { s.systemd.active["bulkhead-gateway.service"] = "failed"; },
       Code::UNIT_FAILED},
      {"a setting cannot be read",
       [](CheckScene& s) { (void)s.host.removeFile("/proc/sys/fs/protected_fifos"); },
       Code::UNREADABLE}};
  for (const auto& one : cases)
    expectFound(hostCheck(), one);
}

TEST(HostCheck, SaysWhoHasIdsOfTheAccountsWithoutBeingOne) {
  const std::vector<CheckCase> cases = {
      {"a user in the range",
       [](CheckScene& s) {
         s.append("/etc/passwd", "mallory:x:20050:100::/home/mallory:/bin/bash");
       },
       Code::FOREIGN_USER},
      {"a user whose group is an account's",
       [](CheckScene& s) {
         s.append("/etc/passwd", "mallory:x:1001:20000::/home/mallory:/bin/bash");
       },
       Code::FOREIGN_USER},
      {"a group in the range", [](CheckScene& s) { s.append("/etc/group", "spies:x:20050:"); },
       Code::FOREIGN_GROUP},
      {"sub-ids of the accounts",
       [](CheckScene& s) { s.append("/etc/subuid", "mallory:603979776:65536"); },
       Code::FOREIGN_SUB_IDS},
      {"sub-gids that reach into theirs",
       [](CheckScene& s) { s.append("/etc/subgid", "mallory:600000000:4000000"); },
       Code::FOREIGN_SUB_IDS},
      {"a home of nobody",
       [](CheckScene& s) {
         s.host.addDirectory("/home/ghost", {0700, 4242, 4242});
       },
       Code::FOREIGN_HOME},
      {"a counter below a uid that is given",
       [](CheckScene& s) {
         s.host.addFile("/var/lib/bulkhead/agent/uid-high-water", "19999\n", {0600, 0, 0});
       },
       Code::UID_COUNTER},
      {"a counter that is gone",
       [](CheckScene& s) { (void)s.host.removeFile("/var/lib/bulkhead/agent/uid-high-water"); },
       Code::UID_COUNTER}};
  for (const auto& one : cases)
    expectFound(hostCheck(), one);
}

TEST(HostCheck, LeavesAloneWhatIsNobodysBusiness) {
  CheckScene scene;
  scene.append("/etc/passwd", "ann:x:1001:1001::/home/ann:/bin/bash");
  scene.append("/etc/subuid", "ann:100000:65536");
  scene.host.addDirectory("/home/ann", {0755, 1001, 1001});
  scene.host.addDirectory("/home/lost+found", {0700, 0, 0});
  scene.host.addFile("/etc/passwd.lock", "4711\n");
  scene.host.addDirectory("/proc/4711");
  scene.systemd.active["bulkhead-gateway.service"] = "inactive";
  EXPECT_EQ(scene.look(hostCheck()).size(), 0U);
}

TEST(HostCheck, BelievesALastRecordThatProvesItselfAndAWriterAtWork) {
  CheckScene scene;
  AuditRecord record;
  record.op = "site.apply";
  const auto line = formatAuditRecord(record, {1, {}, "boot", std::string(64, '0')});
  scene.host.addFile(std::string(kAuditDirectory) + "/" + segmentName(1),
                     line + "\n{\"seq\":2, half a reco");
  const auto temporary = "/etc/" + std::string(os::kTemporaryPrefix) + "00ff";
  scene.host.addFile(temporary, "half");
  scene.host.onPause([&] { (void)scene.host.removeFile(temporary); });
  EXPECT_EQ(scene.look(hostCheck()).size(), 0U);
}

TEST(HostCheck, ChangesNothing) {
  CheckScene scene;
  scene.append("/etc/passwd", "mallory:x:20050:100::/home/mallory:/bin/bash");
  (void)scene.look(hostCheck());
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(HostCheck, RefusesPagesThatAreNone) {
  CheckScene scene;
  for (const std::uint16_t limit : std::initializer_list<std::uint16_t>{0, 201}) {
    CheckScene::Call call;
    call.params().setLimit(limit);
    EXPECT_EQ(call.perform(hostCheck(), scene.host).error().field, "limit");
  }
  CheckScene::Call call;
  call.params().setAfter("../etc");
  EXPECT_EQ(call.perform(hostCheck(), scene.host).error().field, "after");
}

TEST(HostCheck, CountsWhatOneAnswerHasNoRoomFor) {
  CheckScene scene;
  std::string users;
  for (std::size_t i = 0; i < (kFindingsMax + 1); ++i)
    users += "u" + std::to_string(i) + ":x:20050:100::/:/bin/sh\n";
  scene.append("/etc/passwd", users);
  EXPECT_EQ(scene.look(hostCheck()).size(), kFindingsMax);
  EXPECT_EQ(scene.call->reply().getDropped(), 1U);
}

}  // namespace
}  // namespace bulkhead::agent
