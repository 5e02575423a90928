#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "agent/host/hooks.h"
#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using Event = rpc::HookRun::Event;
using Outcome = rpc::HookResult::Outcome;

// A host with every hook script; what they answer is the test's.
struct Scene : testing::AccountScene {
  testing::OpCall<rpc::HookRun, rpc::HookResult> call;
  std::vector<int> exitCodes;  // of the runs, in order; then 0
  std::string said;

  Scene() {
    for (const auto* script : {hooks::kUserPost, hooks::kUserPre, hooks::kDomainPost,
                               hooks::kPackagePost, hooks::kAdminPost})
      host.addFile(path(script), "#!/bin/sh\n", {0755, 0, 0});
    host.addFile("/etc/group", host.content("/etc/group") + "sudo:x:27:ops,opsadm\n");
    host.onProgram(Program::kSystemdRun, [this](const Command&) {
      const int code = exitCodes.empty() ? 0 : exitCodes.front();
      if (!exitCodes.empty()) exitCodes.erase(exitCodes.begin());
      return ProgramOutput{code, said, false};
    });
    host.resetFaults();
  }
  static std::string path(const std::string& script) {
    return std::string(hooks::kDirectory) + "/" + script;
  }
  rpc::HookRun::Builder of(Event event) {
    auto params = call.params();
    for (const auto field : capnp::Schema::from<rpc::HookRun>().getFields())
      capnp::toDynamic(params).clear(field);
    params.setEvent(event);
    return params;
  }
  void calledBefore(const std::string& name) {
    auto record = alice;
    record.previousName = name;
    ASSERT_TRUE(Registry(host).put(record).ok());
    host.resetFaults();
  }
  Result<Proof> run() { return call.perform(hookRun(), host); }
  // What systemd was told to start, script first.
  std::vector<std::string> started(std::size_t which = 0) const {
    const auto& words = host.commands().at(which).arguments;
    const auto end = std::find(words.begin(), words.end(), "--");
    return {end + 1, words.end()};
  }
  void expectArguments(Event event, const std::string& script, std::vector<std::string> words) {
    words.insert(words.begin(), path(script));
    const auto done = run();
    ASSERT_TRUE(done.ok()) << static_cast<int>(event) << " " << done.error().message;
    EXPECT_EQ(started(), words);
    EXPECT_EQ(call.reply().getOutcome(), Outcome::SUCCEEDED);
  }
};

TEST(HookRun, TellsThatAUserWasCreated) {
  Scene scene;
  auto params = scene.of(Event::USER_CREATED);
  params.setUsername("alice");
  params.setOwner("root");
  scene.expectArguments(Event::USER_CREATED, "post_modify_user.py",
                        {"create", "--username", "alice", "--owner", "root"});
}

TEST(HookRun, TellsThatAUserWasRenamed) {
  Scene scene;
  scene.calledBefore("eve");
  auto params = scene.of(Event::USER_RENAMED);
  params.setUsername("alice");
  params.setOldUsername("eve");
  scene.expectArguments(Event::USER_RENAMED, "post_modify_user.py",
                        {"modify", "-u", "eve", "--new-username", "alice"});
}

TEST(HookRun, TellsOfAMovedHomeByTheSameNameTwice) {
  Scene scene;
  auto params = scene.of(Event::USER_RENAMED);
  params.setUsername("alice");
  params.setOldUsername("alice");
  scene.expectArguments(Event::USER_RENAMED, "post_modify_user.py",
                        {"modify", "-u", "alice", "--new-username", "alice"});
}

TEST(HookRun, TellsThatAUserHasAnotherOwner) {
  Scene scene;
  auto params = scene.of(Event::USER_MOVED);
  params.setUsername("alice");
  params.setOwner("rita");
  scene.expectArguments(Event::USER_MOVED, "post_modify_user.py",
                        {"modify", "-u", "alice", "--new-owner", "rita"});
}

TEST(HookRun, TellsBeforeAUserIsRemoved) {
  Scene scene;
  scene.of(Event::USER_REMOVING).setUsername("alice");
  scene.expectArguments(Event::USER_REMOVING, "pre_modify_user.py",
                        {"delete", "--username", "alice"});
}

TEST(HookRun, TellsAfterAUserIsRemoved) {
  Scene scene;
  scene.of(Event::USER_REMOVED).setUsername("eve");
  scene.expectArguments(Event::USER_REMOVED, "post_modify_user.py",
                        {"delete", "--username", "eve"});
}

TEST(HookRun, TellsThatAUserWasRestored) {
  Scene scene;
  scene.of(Event::USER_RESTORED).setUsername("alice");
  scene.expectArguments(Event::USER_RESTORED, "post_modify_user.py",
                        {"restore", "--username", "alice"});
}

TEST(HookRun, TellsThatADomainWasRenamedWithItsSubdomains) {
  Scene scene;
  ASSERT_TRUE(Registry(scene.host).putSite({"alice", "new.example", {}, SiteMode::kServe}).ok());
  scene.host.resetFaults();
  auto params = scene.of(Event::DOMAIN_RENAMED);
  params.setUsername("alice");
  params.setOldDomain("old.example");
  params.setDomain("new.example");
  params.setIncludeSubdomains(true);
  scene.expectArguments(Event::DOMAIN_RENAMED, "post_modify_domain.py",
                        {"modify", "-u", "alice", "--domain", "old.example", "--new-domain",
                         "new.example", "--include-subdomains"});
}

TEST(HookRun, TellsThatAPackageWasRenamedAndLeavesNothingForSystemdToReplace) {
  Scene scene;
  auto params = scene.of(Event::PACKAGE_RENAMED);
  params.setOldPackage("G\xc3\xb3i Pro & <x> \"q\"");
  params.setPackage("${HOME} $PATH a;id");
  scene.expectArguments(
      Event::PACKAGE_RENAMED, "post_modify_package.py",
      {"rename", "--name", "G\xc3\xb3i Pro & <x> \"q\"", "--new-name", "$${HOME} $$PATH a;id"});
}

TEST(HookRun, TellsOfAnAdministratorInTheOtherFormWhenTheFirstIsNotUnderstood) {
  Scene scene;
  scene.exitCodes = {2, 0};
  scene.of(Event::ADMIN_CREATED).setAdmin("opsadm");
  ASSERT_TRUE(scene.run().ok());
  const auto script = Scene::path("post_modify_admin.py");
  EXPECT_EQ(scene.started(0), (std::vector<std::string>{script, "create", "--username", "opsadm"}));
  EXPECT_EQ(scene.started(1), (std::vector<std::string>{script, "create", "--name", "opsadm"}));
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::SUCCEEDED);
}

TEST(HookRun, TellsThatAnAdministratorIsGoneAlsoWhenSudoIsGoneBefore) {
  Scene scene;
  scene.of(Event::ADMIN_REMOVED).setAdmin("former");
  scene.expectArguments(Event::ADMIN_REMOVED, "post_modify_admin.py",
                        {"delete", "--name", "former"});
}

TEST(HookRun, StartsTheScriptAsAUnitWithLimitsAndACleanEnvironment) {
  Scene scene;
  scene.of(Event::USER_RESTORED).setUsername("alice");
  ASSERT_TRUE(scene.run().ok());
  const auto line = scene.host.commandLines().at(0);
  for (const auto* option :
       {"systemd-run --wait --pipe", "--unit=bulkhead-outside-user-alice",
        "--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin", "--property=RuntimeMaxSec=150",
        "--property=TasksMax=", "--property=MemoryMax=", "--working-directory=/"})
    EXPECT_NE(line.find(option), std::string::npos) << line;
  EXPECT_GT(scene.host.commands().at(0).timeLimit, std::chrono::seconds(150));
}

TEST(HookRun, AnswersAFailureWithWhatTheScriptSaid) {
  Scene scene;
  scene.exitCodes = {1};
  scene.said = "Traceback\nValueError: \x1b[31mno\n";
  scene.of(Event::USER_RESTORED).setUsername("alice");
  const auto proof = scene.run();
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::FAILED);
  EXPECT_EQ(scene.call.reply().getExitCode(), 1);
  EXPECT_EQ(std::string(scene.call.reply().getOutput().cStr()), "Traceback | ValueError: ?[31mno");
  EXPECT_EQ(proof->at(0).check, "hook failed");
  EXPECT_EQ(proof->at(0).detail, "post_modify_user.py restore --username alice: exit code 1");
}

TEST(HookRun, SkipsAScriptThatIsNotThere) {
  Scene scene;
  ASSERT_TRUE(scene.host.removeFile(Scene::path("post_modify_user.py")).ok());
  scene.of(Event::USER_RESTORED).setUsername("alice");
  const auto proof = scene.run();
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::ABSENT);
  EXPECT_EQ(proof->at(0).detail,
            "post_modify_user.py restore --username alice: absent, nothing to tell");
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, RefusesAScriptThatOthersCanWrite) {
  for (const mode_t mode : {0775U, 0757U}) {
    Scene scene;
    scene.host.addFile(Scene::path("post_modify_user.py"), "#!/bin/sh\n", {mode, 0, 0});
    scene.of(Event::USER_RESTORED).setUsername("alice");
    const auto refused = scene.run();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
    EXPECT_TRUE(scene.host.commands().empty());
  }
}

TEST(HookRun, RefusesAScriptInADirectoryOfAnotherUser) {
  Scene scene;
  scene.host.addDirectory(hooks::kDirectory, {0755, 1000, 1000});
  scene.of(Event::USER_RESTORED).setUsername("alice");
  EXPECT_EQ(scene.run().error().code, Code::kPermissionDenied);
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, IsBusyWhileAnEarlierRunGoesOn) {
  Scene scene;
  scene.exitCodes = {1};
  scene.said =
      "Failed to start transient service unit: Unit bulkhead-outside-user-alice.service "
      "was already loaded or has a fragment file.\n";
  scene.of(Event::USER_RESTORED).setUsername("alice");
  EXPECT_EQ(scene.run().error().code, Code::kBusy);
}

TEST(HookRun, RefusesWhatTheRegistryContradicts) {
  Scene scene;
  scene.of(Event::USER_REMOVED).setUsername("alice");  // alive
  EXPECT_EQ(scene.run().error().code, Code::kConflict);
  scene.of(Event::USER_RESTORED).setUsername("nobody1");  // never was
  EXPECT_EQ(scene.run().error().code, Code::kNotFound);
  scene.addAccount("half", AccountState::kCreating);
  scene.of(Event::USER_RESTORED).setUsername("half");
  EXPECT_EQ(scene.run().error().code, Code::kConflict);
  auto params = scene.of(Event::USER_RENAMED);
  params.setUsername("alice");
  params.setOldUsername("half");  // alive under its old name
  EXPECT_EQ(scene.run().error().code, Code::kConflict);
  scene.calledBefore("half");  // and somebody else's by now
  EXPECT_EQ(scene.run().error().code, Code::kConflict);
  params.setOldUsername("eve");  // never its name
  EXPECT_EQ(scene.run().error().field, "oldUsername");
  scene.of(Event::USER_REMOVED).setUsername("sysop");
  scene.host.addFile("/etc/passwd",
                     scene.host.content("/etc/passwd") + "sysop:x:1000:1000::/:/bin/sh\n");
  EXPECT_EQ(scene.run().error().code, Code::kAlreadyExists);
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, RefusesADomainThatTheAccountDoesNotHave) {
  Scene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(Registry(scene.host).putSite({"bob", "bob.example", {}, SiteMode::kServe}).ok());
  auto params = scene.of(Event::DOMAIN_RENAMED);
  params.setUsername("alice");
  params.setOldDomain("old.example");
  params.setDomain("bob.example");
  EXPECT_EQ(scene.run().error().code, Code::kNotFound);
  params.setDomain("none.example");
  EXPECT_EQ(scene.run().error().code, Code::kNotFound);
  scene.of(Event::DOMAIN_RENAMED);
  params.setUsername("alice");
  params.setDomain("bob.example");
  params.setOldDomain("-x");
  EXPECT_EQ(scene.run().error().field, "oldDomain");
}

TEST(HookRun, RefusesThatADomainWasLeftWhichIsServed) {
  Scene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(Registry(scene.host).putSite({"bob", "bob.example", {}, SiteMode::kServe}).ok());
  ASSERT_TRUE(Registry(scene.host).putSite({"alice", "new.example", {}, SiteMode::kServe}).ok());
  auto params = scene.of(Event::DOMAIN_RENAMED);
  params.setUsername("alice");
  params.setOldDomain("bob.example");
  params.setDomain("new.example");
  const auto refused = scene.run();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_EQ(refused.error().field, "oldDomain");
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, RefusesThatRootIsNoAdministratorAnyMore) {
  Scene scene;
  scene.of(Event::ADMIN_REMOVED).setAdmin("root");
  EXPECT_EQ(scene.run().error().code, Code::kConflict);
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, RefusesAFieldThatTheEventDoesNotHave) {
  Scene scene;
  scene.of(Event::USER_RESTORED).setUsername("alice");
  scene.call.params().setOwner("root");
  EXPECT_EQ(scene.run().error().field, "owner");
  scene.of(Event::ADMIN_REMOVED).setAdmin("former");
  scene.call.params().setUsername("alice");
  EXPECT_EQ(scene.run().error().field, "username");
  scene.of(Event::PACKAGE_RENAMED).setPackage("a");
  scene.call.params().setOldPackage("b");
  scene.call.params().setIncludeSubdomains(true);
  EXPECT_EQ(scene.run().error().field, "includeSubdomains");
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, MakesNobodyAnAdministratorWhomRootDidNotMakeOne) {
  Scene scene;
  for (const auto* user : {"alice", "www-data", "op", "psadm"}) {
    scene.of(Event::ADMIN_CREATED).setAdmin(user);
    const auto refused = scene.run();
    ASSERT_FALSE(refused.ok()) << user;
    EXPECT_EQ(refused.error().code, Code::kPermissionDenied) << user;
  }
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, RefusesNamesThatAreNone) {
  Scene scene;
  for (const auto& text : testing::poison()) {
    scene.of(Event::USER_RESTORED).setUsername(testing::wire(text));
    EXPECT_FALSE(scene.run().ok()) << testing::shown(text);
    scene.of(Event::ADMIN_REMOVED).setAdmin(testing::wire(text));
    EXPECT_FALSE(scene.run().ok()) << testing::shown(text);
  }
  for (const auto* text : {"", "-x", "A", "a b", "a;id", "a\nb", "1a", "a'", "a$b", "a/b"}) {
    auto params = scene.of(Event::USER_MOVED);
    params.setUsername("alice");
    params.setOwner(text);
    EXPECT_EQ(scene.run().error().field, "owner") << testing::shown(text);
  }
  auto params = scene.of(Event::PACKAGE_RENAMED);
  params.setOldPackage("Basic");
  for (const auto& text :
       {std::string(), std::string("-x"), std::string("a\nb"), std::string("a\xff"),
        std::string("a\xc3"), std::string("a\x7f"), std::string(300, 'a')}) {
    params.setPackage(testing::wire(text));
    const auto refused = scene.run();
    ASSERT_FALSE(refused.ok()) << testing::shown(text);
    EXPECT_EQ(refused.error().field, "package");
  }
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(HookRun, ADryRunShowsTheCommandAndStartsNothing) {
  Scene scene;
  scene.of(Event::USER_RESTORED).setUsername("alice");
  DryRunHost preview(scene.host);
  ASSERT_TRUE(scene.call.preview(hookRun(), preview).ok());
  ASSERT_EQ(preview.changes().size(), 1U);
  EXPECT_NE(preview.changes()[0].target.find("post_modify_user.py restore --username alice"),
            std::string::npos);
  EXPECT_TRUE(scene.host.commands().empty());
}

}  // namespace
}  // namespace bulkhead::agent
