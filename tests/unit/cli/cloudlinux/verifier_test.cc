#include "cli/cloudlinux/verifier.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/unit/cli/cloudlinux/fake_panel.h"

namespace bulkhead::cli::cloudlinux {
namespace {

using Bend = std::function<void(const ScriptCall&, ScriptRun&)>;

struct Verdict {
  std::vector<CheckResult> results;

  const CheckResult& of(const std::string& name) const {
    for (const auto& result : results)
      if (result.check.name == name) return result;
    throw std::logic_error("no check " + name);
  }
  std::string findings() const {
    std::string out;
    for (const auto& result : results)
      for (const auto& finding : result.findings)
        out += std::string(result.check.name) + ": " + finding.text + "\n";
    return out;
  }
  std::string skipped() const {
    std::string out;
    for (const auto& result : results)
      if (result.outcome == Outcome::kSkipped)
        out += std::string(result.check.name) + ": " + result.skippedBecause + "\n";
    return out;
  }
};

Verdict verify(FakePanel& panel, FakeHost& host, const std::string& ini = FakePanel::ini()) {
  World world(host, "/opt/fake/integration.ini");
  world.setIni(parseIntegrationIni(ini));
  return {Verifier(world, panel, {}, /*repeats=*/2).run()};
}
Verdict verifyBent(Bend bend) {
  FakePanel panel;
  FakeHost host;
  panel.bend = std::move(bend);
  return verify(panel, host);
}

bool isCall(const ScriptCall& call, std::vector<std::string> words) {
  return call.arguments == words;
}
bool isRoots(const ScriptCall& call, std::vector<std::string> words) {
  return call.person.uid == 0 && call.arguments == words;
}
void rewrite(ScriptRun& run, const std::function<void(Json&)>& change) {
  auto document = Json::parse(run.out);
  change(document);
  run.out = document.dump() + "\n";
}

TEST(Verifier, FindsNothingWrongWithAGoodPanel) {
  FakePanel panel;
  FakeHost host;
  const auto verdict = verify(panel, host);
  EXPECT_EQ(verdict.findings(), "");
  EXPECT_EQ(verdict.skipped(), "");
  EXPECT_GT(verdict.results.size(), 190U);
  EXPECT_GT(panel.calls, 350);
}

TEST(Verifier, HasOneNameForEachCheckAndRefersOnlyBackwards) {
  FakePanel panel;
  FakeHost host;
  std::set<std::string_view> names;
  for (const auto& result : verify(panel, host).results) {
    EXPECT_TRUE(result.check.like.empty() || names.count(result.check.like) == 1)
        << result.check.name;
    EXPECT_TRUE(names.insert(result.check.name).second) << result.check.name;
    EXPECT_FALSE(result.check.section.empty()) << result.check.name;
    EXPECT_EQ(static_cast<std::size_t>(result.number), names.size());
  }
}

TEST(Verifier, PlaysTheUserWithMostDomainsASecondOneAndAStranger) {
  FakePanel panel;
  FakeHost host;
  std::set<std::string> callers;
  panel.bend = [&callers](const ScriptCall& call, ScriptRun&) {
    callers.insert(call.person.name + (call.place == Place::kCage ? " caged" : ""));
  };
  (void)verify(panel, host);
  EXPECT_EQ(callers, (std::set<std::string>{"root", "alice", "alice caged", "bob", "bob caged",
                                            "nobody", "rita"}));
}

TEST(Verifier, SkipsWhatAPanelDoesNotHave) {
  FakePanel panel;
  FakeHost host;
  auto ini = FakePanel::ini();
  ini.erase(ini.find("php = "), ini.find('\n', ini.find("php = ")) - ini.find("php = ") + 1);
  const auto verdict = verify(panel, host, ini);
  EXPECT_EQ(verdict.of("php answers root").outcome, Outcome::kSkipped);
  EXPECT_EQ(verdict.of("every php_version_id is listed by php").skippedBecause, "no answer to php");
  EXPECT_EQ(verdict.of("db_info and php are named too").outcome, Outcome::kFinding);
}

TEST(Verifier, SkipsTheCageWhereTheHostHasNone) {
  const auto verdict = verifyBent([](const ScriptCall& call, ScriptRun& run) {
    if (call.place != Place::kCage) return;
    run = {};
    run.failure = "a mount namespace: Operation not permitted";
    run.cageFailed = true;
  });
  EXPECT_EQ(verdict.of("domains works in a cage").skippedBecause,
            "no cage on this host: a mount namespace: Operation not permitted");
  EXPECT_EQ(verdict.findings(), "");
}

struct Wrong {
  const char* what;
  const char* check;    // the row that has to notice
  const char* finding;  // a part of what it says
  Bend bend;
};
std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.what; }

void mapOwn(const ScriptCall& call, ScriptRun& run, uid_t uid) {
  FakePanel other;
  auto pretended = call;
  pretended.person.uid = uid;
  for (const auto& [name, number] : fakeAccounts())
    if (number == uid) pretended.person.name = name;
  run = other.run(pretended);
}

std::vector<Wrong> wrongShapes() {
  return {
      {"an extra field", "users answers root", "schema",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"users"}))
           rewrite(run, [](Json& j) { j["data"][0]["shell"] = "/bin/sh"; });
       }},
      {"null left out", "users answers root", "schema",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"users"})) rewrite(run, [](Json& j) { j["data"][2].erase("package"); });
       }},
      {"a number as text", "resellers answers root", "schema",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"resellers"})) rewrite(run, [](Json& j) { j["data"][0]["id"] = "7"; });
       }},
      {"a list for no domains", "a stranger has no domains", "schema",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.arguments[0] == "domains" && run.out.find("\"data\":{}") != std::string::npos)
           rewrite(run, [](Json& j) { j["data"] = Json::array(); });
       }},
      {"text before the document", "domains answers root", "does not begin with a JSON object",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"domains"})) run.out = "** YOU ARE INSIDE LVE **\n" + run.out;
       }},
      {"two documents", "packages answers root", "exactly one",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"packages"})) run.out += run.out;
       }},
      {"a byte order mark", "admins answers root", "byte order mark",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"admins"})) run.out = "\xef\xbb\xbf" + run.out;
       }},
      {"bytes that are no UTF-8", "packages answers root", "UTF-8",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"packages"})) run.out.replace(run.out.find("Basic"), 5, "B\xff\xfeic");
       }},
      {"an unknown result", "users answers root", "which no document defines",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"users"})) run = FakePanel::error("NotImplemented", "later", 1);
       }},
      {"an error without words", "an unknown owner is not found", "schema",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.arguments[0] == "users" && run.exitCode == 4)
           rewrite(run, [](Json& j) { j["metadata"]["message"] = nullptr; });
       }},
      {"usage text for --help", "--help prints no usage text", "does not begin with a JSON object",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"users", "--help"})) run.out = "usage: users [--owner OWNER]\n";
       }},
      {"nothing at all", "php answers root", "printed nothing",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"php"})) run.out.clear();
       }},
  };
}

std::vector<Wrong> wrongProcesses() {
  return {
      {"exit 0 on an error", "an unknown option is a bad request", "exit 0 although",
       [](const ScriptCall&, ScriptRun& run) { run.exitCode = 0; }},
      {"exit 1 on success", "users answers root", "exit 1 although",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"users"})) run.exitCode = 1;
       }},
      {"noise on stderr", "domains works in a cage", "stderr is not empty",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.place == Place::kCage) run.err = "perl: warning: Setting locale failed.\n";
       }},
      {"death by a closed pipe", "a reader that goes away ends nothing by a signal", "signal 13",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.streams == Streams::kNobodyReads) run.signal = 13;
       }},
      {"no end", "db_info answers root", "time limit",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"db_info"})) {
           run = {};
           run.timedOut = true;
         }
       }},
      {"no start in the cage", "panel_info works in a cage", "could not be started",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.place == Place::kCage) {
           run = {};
           run.failure = "/opt/fake/cpapi: No such file or directory";
         }
       }},
      {"another order each time", "users answers root", "two runs in a row",
       [](const ScriptCall& call, ScriptRun& run) {
         static int turn = 0;
         if (isRoots(call, {"users"}))
           rewrite(run, [](Json& j) {
             std::rotate(j["data"].begin(), j["data"].begin() + ++turn % 7, j["data"].end());
           });
       }},
      {"slowness", "no call takes longer than a second", "took 1700 ms",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isRoots(call, {"packages"})) run.milliseconds = 1700;
       }},
  };
}

std::vector<Wrong> wrongPrivacy() {
  const auto fromEnvironment = [](const ScriptCall& call, ScriptRun& run, const char* variable) {
    for (const auto& entry : call.environment)
      if (entry.starts_with(variable))
        mapOwn(call, run, static_cast<uid_t>(std::stoul(entry.substr(entry.find('=') + 1))));
  };
  return {
      {"everybody's domains for everybody", "a user gets its own domains", "tells the caller about",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isCall(call, {"domains"})) mapOwn(call, run, 0);
       }},
      {"users for a reseller", "a reseller's account gets no users", "answered ok instead of",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.arguments[0] == "users" && call.person.name == "rita") mapOwn(call, run, 0);
       }},
      {"PROXYEXEC_UID believed", "PROXYEXEC_UID makes nobody another user",
       "tells the caller about bob",
       [fromEnvironment](const ScriptCall& call, ScriptRun& run) {
         fromEnvironment(call, run, "PROXYEXEC_UID=");
       }},
      {"SUDO_UID believed", "SUDO_UID=0 opens no users", "answered ok instead of",
       [fromEnvironment](const ScriptCall& call, ScriptRun& run) {
         fromEnvironment(call, run, "SUDO_UID=");
       }},
      {"USER believed", "USER makes nobody another user", "the data are wrong",
       [](const ScriptCall& call, ScriptRun& run) {
         for (const auto& entry : call.environment)
           if (entry == "USER=bob") mapOwn(call, run, 1002);
       }},
      {"NotFound for who does not exist",
       "an owner that does not exist is refused in the same words", "answered NotFound",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.person.uid != 0 && isCall(call, {"domains", "--owner=nosuchq7z"}))
           run = FakePanel::notFound();
       }},
      {"other words for who exists", "an owner that does not exist is refused in the same words",
       "tells the difference",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.person.uid != 0 && isCall(call, {"domains", "--owner=bob"}))
           run = FakePanel::error("PermissionDenied", "user bob is not you", 2);
       }},
      {"names in a refusal", "a stranger gets nobody's domains", "tells the caller about carol",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.person.name == "nobody" && run.exitCode == 2)
           run = FakePanel::error("PermissionDenied", "only for alice, bob, carol", 2);
       }},
      {"a refusal before the syntax", "a bad option counts before a refusal",
       "answered PermissionDenied instead of BadRequest",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.person.uid != 0 && call.arguments[0] == "users") run = FakePanel::denied();
       }},
  };
}

std::vector<Wrong> wrongAnswers() {
  return {
      {"a filter that does nothing", "users --owner=X answers X's users", "has too much",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isCall(call, {"users", "--owner=root"}))
           run = FakePanel::ok(FakePanel().data["users"]);
       }},
      {"an empty list for an unknown owner", "an unknown owner is not found", "answered ok",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isCall(call, {"users", "--owner=nosuchq7z"})) run = FakePanel::ok(Json::array());
       }},
      {"options may be shortened", "an option is not abbreviated", "answered ok",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isCall(call, {"users", "--own=root"})) run = FakePanel::ok(Json::array());
       }},
      {"only one spelling of options", "users takes the value as a word of its own",
       "answered BadRequest",
       [](const ScriptCall& call, ScriptRun& run) {
         if (isCall(call, {"users", "--owner", "root"})) run = FakePanel::bad();
       }},
      {"an alias that is not found", "a domain's name may be given in its own script",
       "answered NotFound",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.arguments[0] == "domains" && call.arguments.size() == 2 &&
             call.arguments[1].find("\xd0") != std::string::npos)
           run = FakePanel::notFound();
       }},
      {"every field after all is allowed", "", "",
       [](const ScriptCall& call, ScriptRun& run) {
         if (call.arguments.size() == 2 && call.arguments[1] == "--fields=id,email")
           run = FakePanel::ok(FakePanel().data["users"]);
       }},
  };
}

class WrongPanel : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongPanel, IsNoticed) {
  const auto& wrong = GetParam();
  const auto verdict = verifyBent(wrong.bend);
  if (std::string_view(wrong.check).empty()) {
    EXPECT_EQ(verdict.findings(), "");
    return;
  }
  std::string said;
  for (const auto& finding : verdict.of(wrong.check).findings)
    said += finding.text + "\n";
  EXPECT_NE(said.find(wrong.finding), std::string::npos)
      << "it said: " << said << "\nall findings:\n"
      << verdict.findings();
}
INSTANTIATE_TEST_SUITE_P(Shapes, WrongPanel, ::testing::ValuesIn(wrongShapes()));
INSTANTIATE_TEST_SUITE_P(Processes, WrongPanel, ::testing::ValuesIn(wrongProcesses()));
INSTANTIATE_TEST_SUITE_P(Privacy, WrongPanel, ::testing::ValuesIn(wrongPrivacy()));
INSTANTIATE_TEST_SUITE_P(Answers, WrongPanel, ::testing::ValuesIn(wrongAnswers()));

TEST(Verifier, NoticesAnAccountThatAppearsByReading) {
  FakePanel panel;
  FakeHost host;
  panel.bend = [&host](const ScriptCall& call, ScriptRun&) {
    if (call.arguments[0] == "resellers") host.files["/etc/passwd"] = "root\nrob\n";
  };
  const auto verdict = verify(panel, host);
  EXPECT_EQ(verdict.of("reading changed no account of the system").outcome, Outcome::kFinding);
}

TEST(Verifier, TakesAChangeOfThePanelForNoFinding) {
  FakePanel panel;
  FakeHost host;
  panel.bend = [&panel](const ScriptCall& call, ScriptRun&) {
    if (isCall(call, {"users", "--fields=id,email"}))
      panel.data["users"][0]["email"] = "a@b.example";
  };
  EXPECT_EQ(verify(panel, host).findings(), "");
}

}  // namespace
}  // namespace bulkhead::cli::cloudlinux
