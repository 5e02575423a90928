#include "cli/doctor/doctor.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/cli_server.h"

namespace bulkhead::cli::doctor {
namespace {

Finding differing(const std::string& object, const std::string& code) {
  Finding finding;
  finding.kind = "account";
  finding.object = object;
  finding.code = code;
  finding.severity = "broken";
  finding.desired = "as it should be";
  finding.found = "otherwise";
  finding.advice = "do something";
  return finding;
}

Finding mendable(const std::string& object, const std::string& code, const std::string& operation) {
  auto finding = differing(object, code);
  finding.repair = Step{operation, {{"username", object}}};
  return finding;
}

// What its looks find, one after the other; the last one again and again. A repair takes away what
// it is said to mend.
class FakeAgent final : public Agent {
 public:
  std::vector<Look> looks{{}};
  std::size_t looked = 0;
  std::vector<std::string> performed;
  std::optional<Error> down;
  std::optional<Error> refusal;  // of every repair
  bool mends = true;
  std::vector<AgentAccount> known;

  Result<Look> look() override {
    if (down) return *down;
    return looks[std::min(looked++, looks.size() - 1)];
  }
  Result<std::vector<AgentAccount>> accounts() override { return known; }
  Result<Ok> perform(const Step& step) override {
    performed.push_back(step.line());
    if (refusal) return *refusal;
    if (mends)
      for (auto& one : looks)
        std::erase_if(one.findings, [&step](const Finding& finding) {
          return (finding.repair && finding.repair->line() == step.line()) ||
                 (finding.revert && finding.revert->line() == step.line());
        });
    return Ok{};
  }
};

class FakePanel final : public Panel {
 public:
  std::vector<AgentAccount> known;
  std::optional<Error> down;
  Result<std::vector<AgentAccount>> accounts() override {
    if (down) return *down;
    return known;
  }
};

struct Scene {
  FakeAgent agent;
  FakePanel panel;
  Terminal terminal;
  Options options;
  Scene() { options.secondLook = std::chrono::milliseconds(0); }

  test::Ran run(bool json = false) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    test::Ran ran;
    ran.code = runDoctor(options, agent, panel, terminal, json);
    ran.out = ::testing::internal::GetCapturedStdout();
    ran.err = ::testing::internal::GetCapturedStderr();
    return ran;
  }
  void find(std::vector<Finding> findings) { agent.looks = {Look{std::move(findings), 7, 0}}; }
};

TEST(Doctor, EndsWellWhenNothingDiffers) {
  Scene scene;
  scene.find({});
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.out, "7 objects checked: nothing differs\n");
  EXPECT_EQ(scene.agent.looked, 1U);
}

TEST(Doctor, SaysWhatIsWantedWhatIsThereAndWhatMendsIt) {
  Scene scene;
  scene.find({mendable("alice", "home_mode", "account.create")});
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kFindings);
  EXPECT_EQ(
      ran.out,
      "broken    account alice: home_mode\n"
      "  desired   as it should be\n"
      "  found     otherwise\n"
      "  repair    account.create username=alice\n"
      "  next      do something\n"
      "7 objects checked: 1 differ (1 broken); 1 repairs are possible: bulkhead doctor --fix\n");
  EXPECT_TRUE(scene.agent.performed.empty());
}

TEST(Doctor, ColoursAreForATerminalOnly) {
  Scene scene;
  scene.find({differing("alice", "home_mode")});
  EXPECT_EQ(scene.run().out.find('\x1b'), std::string::npos);
  scene.terminal = {true, true, true};
  EXPECT_NE(scene.run().out.find("\x1b[33mbroken"), std::string::npos);
}

TEST(Doctor, WhatIsGoneAtASecondLookWasAnOperationAtWork) {
  Scene scene;
  const auto stays = differing("alice", "home_mode");
  scene.agent.looks = {Look{{stays, differing("bob", "unfinished")}, 2, 0},
                       Look{{stays, differing("carol", "unfinished")}, 2, 0}};
  const auto ran = scene.run();
  EXPECT_NE(ran.out.find("alice"), std::string::npos);
  EXPECT_EQ(ran.out.find("bob"), std::string::npos);
  EXPECT_EQ(ran.out.find("carol"), std::string::npos);
}

TEST(Doctor, CouldNotLookIsAnotherEndThanDiffers) {
  Scene scene;
  scene.agent.down = Error{Code::kUnavailable, "the agent does not answer", ""};
  EXPECT_EQ(scene.run().code, ExitCode::kUnreachable);
  scene.agent.down.reset();
  auto blind = differing("ufw", "unreadable");
  blind.severity = "unknown";
  scene.find({blind});
  EXPECT_EQ(scene.run().code, ExitCode::kUnreachable);
  scene.find({blind, differing("alice", "home_mode")});
  EXPECT_EQ(scene.run().code, ExitCode::kFindings);
  scene.agent.looks = {Look{{}, 7, 3}};
  EXPECT_EQ(scene.run().code, ExitCode::kFindings);
}

TEST(Doctor, PlansEachRepairOnceInTheOrderInWhichTheyRestOnEachOther) {
  Scene scene;
  scene.options.plan = true;
  scene.find({mendable("alice", "service_missing", "service.apply"),
              mendable("alice", "subuid_range", "account.create"),
              mendable("alice", "subgid_range", "account.create"), differing("x", "foreign_user")});
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kFindings);
  EXPECT_EQ(ran.out,
            "1. account.create username=alice\n2. service.apply username=alice\n"
            "1 need a decision: bulkhead doctor shows them\n");
  EXPECT_TRUE(scene.agent.performed.empty());
}

TEST(Doctor, ARefusedRepairIsNeverCalledMended) {
  Scene scene;
  scene.options.fix = true;
  scene.agent.refusal = Error{Code::kConflict, "the record has changed since", ""};
  const auto gone = mendable("alice", "port_closed", "firewall.open");
  scene.agent.looks = {Look{{gone}, 7, 0}, Look{{gone}, 7, 0}, Look{{}, 7, 0}};
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kFindings);
  EXPECT_EQ(ran.out.find("[mended]"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("the record has changed since"), std::string::npos) << ran.out;
}

TEST(Doctor, WhatOnlyThePanelKnowsIsNotGoneBecauseThePanelDoesNotAnswer) {
  struct OncePanel final : Panel {
    int left = 2;  // both looks; after the repair it is away
    Result<std::vector<AgentAccount>> accounts() override {
      if (left-- > 0) return std::vector<AgentAccount>{{"carol", "active"}};
      return Error{Code::kUnavailable, "HTTP 503", ""};
    }
  } panel;
  Scene scene;
  scene.options.fix = true;
  scene.find({mendable("alice", "home_mode", "account.create")});
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const auto code = runDoctor(scene.options, scene.agent, panel, scene.terminal, false);
  const auto out = ::testing::internal::GetCapturedStdout();
  (void)::testing::internal::GetCapturedStderr();
  EXPECT_EQ(code, ExitCode::kFindings);
  EXPECT_NE(out.find("carol: panel_only  [needs a decision]"), std::string::npos) << out;
}

TEST(Doctor, MendsLooksAgainAndSaysWhatHasBecomeOfEach) {
  Scene scene;
  scene.options.fix = true;
  scene.find({mendable("alice", "home_mode", "account.create"), differing("x", "foreign_user")});
  const auto ran = scene.run();
  EXPECT_EQ(scene.agent.performed, std::vector<std::string>{"account.create username=alice"});
  EXPECT_EQ(ran.code, ExitCode::kFindings);
  EXPECT_NE(ran.out.find("account alice: home_mode  [mended]"), std::string::npos);
  EXPECT_NE(ran.out.find("account x: foreign_user  [needs a decision]"), std::string::npos);
  EXPECT_NE(ran.out.find("1 differ (1 broken)\n"), std::string::npos);
  scene.find({mendable("alice", "home_mode", "account.create")});
  EXPECT_EQ(scene.run().code, ExitCode::kOk);
}

TEST(Doctor, BelievesNoRepairThatTheSecondLookDoesNotShow) {
  Scene scene;
  scene.options.fix = true;
  scene.agent.mends = false;
  scene.find({mendable("alice", "home_mode", "account.create")});
  auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kFindings);
  EXPECT_NE(ran.out.find("[failed]"), std::string::npos);
  EXPECT_NE(ran.out.find("it is still so after the repair"), std::string::npos);
  scene.agent.refusal = Error{Code::kConflict, "the account is being renamed", ""};
  ran = scene.run();
  EXPECT_NE(ran.out.find("the account is being renamed"), std::string::npos);
}

TEST(Doctor, IsOneJsonDocumentForPrograms) {
  Scene scene;
  scene.find({mendable("alice", "home_mode", "account.create"), differing("x", "foreign_user")});
  const auto body = parseJson(scene.run(/*json=*/true).out);
  ASSERT_TRUE(body.ok());
  EXPECT_FALSE((*body)["ok"].get<bool>());
  EXPECT_EQ((*body)["checked"], 7);
  EXPECT_EQ((*body)["findings"][0]["code"], "home_mode");
  EXPECT_EQ((*body)["findings"][0]["repair"]["operation"], "account.create");
  EXPECT_EQ((*body)["findings"][0]["repair"]["parameters"]["username"], "alice");
  EXPECT_TRUE((*body)["findings"][1]["repair"].is_null());
  EXPECT_EQ((*body)["plan"].size(), 1U);
  EXPECT_EQ((*body)["open"]["broken"], 2);
  EXPECT_TRUE((*body)["panel_compared"].get<bool>());
}

TEST(Doctor, NamesAccountsThatOnlyOneSideKnows) {
  Scene scene;
  scene.find({});
  scene.agent.known = {
      {"alice", "active"}, {"bob", "active"}, {"carol", "suspended"}, {"dave", "creating"}};
  scene.panel.known = {
      {"alice", "active"}, {"carol", "active"}, {"erin", "active"}, {"frank", "creating"}};
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kFindings);
  EXPECT_NE(ran.out.find("account bob: agent_only"), std::string::npos);
  EXPECT_NE(ran.out.find("account carol: state_differs"), std::string::npos);
  EXPECT_NE(ran.out.find("account erin: panel_only"), std::string::npos);
  for (const auto* name : {"alice", "dave", "frank"})
    EXPECT_EQ(ran.out.find(name), std::string::npos) << name;
}

TEST(Doctor, WorksWhileThePanelDoesNotAnswer) {
  Scene scene;
  scene.find({});
  scene.panel.down = Error{Code::kUnavailable, "no answer", ""};
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_NE(ran.out.find("the panel's own record was not compared: no answer"), std::string::npos);
}

TEST(Doctor, RevertsTheOneSiteThatIsNamed) {
  Scene scene;
  auto edited = differing("alice.test", "vhost_edited");
  edited.kind = "site";
  edited.revert = Step{"site.apply", {{"domain", "alice.test"}}};
  auto other = edited;
  other.object = "bob.test";
  other.revert = Step{"site.apply", {{"domain", "bob.test"}}};
  scene.find({edited, other});
  scene.options.revert = "alice.test";
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(scene.agent.performed, std::vector<std::string>{"site.apply domain=alice.test"});
  EXPECT_NE(ran.out.find("site alice.test: vhost_edited  [mended]"), std::string::npos);
  scene.options.revert = "carol.test";
  EXPECT_EQ(scene.run().code, ExitCode::kNotFound);
}

TEST(Doctor, RefusesToAdoptAndSaysWhatToDoInstead) {
  Scene scene;
  scene.options.adopt = "alice.test";
  const auto ran = scene.run();
  EXPECT_EQ(ran.code, exitCodeFor(Code::kUnsupported));
  EXPECT_NE(ran.err.find("no place for edits"), std::string::npos);
  EXPECT_NE(ran.err.find("bulkhead doctor --revert alice.test"), std::string::npos);
  EXPECT_EQ(scene.agent.looked, 0U);
}

TEST(Doctor, ShowsNoControlCharacterOfWhatItFinds) {
  Scene scene;
  auto nasty = differing("alice", "vhost_edited");
  nasty.found = "\x1b[2Jgone\nfaked line";
  scene.find({nasty});
  const auto ran = scene.run();
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(ran.out.find("\nfaked"), std::string::npos);
}

TEST(Doctor, TakesOneWayAtATime) {
  EXPECT_EQ(test::runCli({"doctor", "--fix", "--plan"}).code, ExitCode::kUsage);
  EXPECT_EQ(test::runCli({"doctor", "--fix", "--revert", "a.test"}).code, ExitCode::kUsage);
}

}  // namespace
}  // namespace bulkhead::cli::doctor
