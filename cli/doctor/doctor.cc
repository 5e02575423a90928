#include "cli/doctor/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <thread>

#include "cli/document.h"
#include "cli/pages.h"

namespace bulkhead::cli::doctor {
namespace {

constexpr int kDone = 200;
constexpr const char* kDeleted = "deleted";
constexpr const char* kPanelOnly = "panel_only";
constexpr const char* kStateDiffers = "state_differs";
constexpr const char* kAgentOnly = "agent_only";

class RestPanel final : public Panel {
 public:
  explicit RestPanel(const Client& client) : client_(client) {}
  Result<std::vector<AgentAccount>> accounts() override {
    TRY_ASSIGN(const auto commands, commandsOf(builtInDocument()));
    const auto list = std::find_if(commands.begin(), commands.end(), [](const Command& command) {
      return command.words == std::vector<std::string>{"account", "list"};
    });
    if (list == commands.end()) return Error{Code::kInternal, "no command lists accounts", ""};
    std::vector<AgentAccount> all;
    TRY(read(*list, {}, all));
    TRY(read(*list, {{"state", kDeleted}}, all));  // which a list leaves out
    return all;
  }

 private:
  Result<Ok> read(const Command& list, const Values& values, std::vector<AgentAccount>& all) {
    TRY_ASSIGN(const auto answer, readPages(client_, list, values));
    if (answer.status != kDone)
      return Error{Code::kUnavailable, "HTTP " + std::to_string(answer.status), ""};
    TRY_ASSIGN(const auto body, parseJson(answer.body, {64U << 20U, 32, 2'000'000}));
    for (const auto& entry : body.value("data", Json::array())) {
      if (!entry.is_object()) continue;
      // One that can still be restored is a suspended one on the host.
      const std::string state = entry.value("state", "");
      all.push_back({entry.value("username", ""), state == kDeleted ? "suspended" : state});
    }
    return Ok{};
  }

  const Client& client_;
};

bool stands(const std::string& state) { return state == "active" || state == "suspended"; }

Finding ofPanel(const std::string& name, const char* code) {
  Finding finding;
  finding.kind = "account";
  finding.object = name;
  finding.code = code;
  finding.severity = "broken";
  return finding;
}

// What either is about to make or delete is a job's business.
void compare(const std::vector<AgentAccount>& agent,
             const std::vector<AgentAccount>& panel,
             std::vector<Finding>& findings) {
  std::map<std::string, std::string> known;
  for (const auto& account : agent)
    known[account.name] = account.state;
  for (const auto& account : panel) {
    const auto found = known.find(account.name);
    const std::string state = found == known.end() ? "" : found->second;
    if (found != known.end()) known.erase(found);
    if (!stands(account.state) || (!state.empty() && !stands(state)) || state == account.state)
      continue;
    auto finding = ofPanel(account.name, state.empty() ? kPanelOnly : kStateDiffers);
    finding.desired = "panel: " + account.state;
    finding.found = "agent: " + (state.empty() ? "no such account" : state);
    finding.advice = state.empty()
                         ? "look at bulkhead job list; bulkhead account delete " + account.name +
                               " ends it if it is not wanted"
                         : "bulkhead account " +
                               std::string(account.state == "active" ? "unsuspend " : "suspend ") +
                               account.name;
    findings.push_back(std::move(finding));
  }
  for (const auto& [name, state] : known) {
    if (!stands(state)) continue;
    auto finding = ofPanel(name, kAgentOnly);
    finding.desired = "the panel knows every account";
    finding.found = "agent: " + state + ", panel: no such account";
    finding.advice = "restore the panel's database from a backup that knows it";
    findings.push_back(std::move(finding));
  }
}

Result<Report> lookOnce(Agent& agent, Panel& panel) {
  Report report;
  TRY_ASSIGN(report.look, agent.look());
  const auto theirs = panel.accounts();
  if (!theirs.ok()) {
    report.panel = theirs.error().message;
    return report;
  }
  const auto ours = agent.accounts();
  if (ours.ok())
    compare(*ours, *theirs, report.look.findings);
  else
    report.panel = ours.error().message;
  return report;
}

// What the panel and the agent tell differently of one account; only seen when the panel answers.
bool isOfPanel(const Finding& finding) {
  return finding.code == kPanelOnly || finding.code == kStateDiffers || finding.code == kAgentOnly;
}

bool has(const std::vector<Finding>& findings, const Finding& wanted) {
  return std::any_of(findings.begin(), findings.end(),
                     [&wanted](const Finding& finding) { return finding.isSameAs(wanted); });
}

Result<Report> look(Agent& agent, Panel& panel, const Options& options) {
  TRY_ASSIGN(auto report, lookOnce(agent, panel));
  if (report.look.findings.empty()) return report;
  std::this_thread::sleep_for(options.secondLook);
  const auto before = std::move(report.look.findings);
  TRY_ASSIGN(report, lookOnce(agent, panel));
  std::erase_if(report.look.findings,
                [&before](const Finding& finding) { return !has(before, finding); });
  return report;
}

// Does the repairs, looks again, and says of each finding what has become of it.
Result<Report> mend(Agent& agent, Panel& panel, Report before) {
  std::map<std::string, std::string> refused;
  for (const auto& step : stepsOf(before.look.findings)) {
    const auto line = step.line();
    std::cerr << "repair: " << printable(line) << std::endl;
    if (const auto done = agent.perform(step); !done.ok()) refused[line] = done.error().message;
  }
  TRY_ASSIGN(auto after, lookOnce(agent, panel));
  after.mended = true;
  std::vector<Finding> all;
  for (auto& finding : before.look.findings) {
    const bool unseen = isOfPanel(finding) && !after.panel.empty();
    const bool still = unseen || has(after.look.findings, finding);
    if (!finding.repair) {
      // A repair of something else may have been its end as well.
      if (!still) continue;
      finding.outcome = Outcome::kDecision;
    } else if (const auto why = refused.find(finding.repair->line()); why != refused.end()) {
      // It may be gone all the same: as another finding, or because somebody else was at work.
      finding.outcome = Outcome::kFailed;
      finding.failure = why->second;
    } else if (still) {
      finding.outcome = Outcome::kFailed;
      finding.failure = "it is still so after the repair";
    } else {
      finding.outcome = Outcome::kMended;
    }
    all.push_back(std::move(finding));
  }
  for (auto& finding : after.look.findings)
    if (!has(all, finding)) all.push_back(std::move(finding));
  after.look.findings = std::move(all);
  return after;
}

ExitCode show(const Report& report, const Terminal& terminal, bool json) {
  std::cout << (json ? printJson(reportJson(report)) + "\n" : renderReport(report, terminal));
  return exitCodeOf(report);
}

ExitCode complainOf(const Error& error) {
  return complain(error, error.code == Code::kUnavailable
                             ? "look at: systemctl status bulkhead-agent"
                             : "look at: journalctl -u bulkhead-agent");
}

ExitCode revert(const Options& options, Agent& agent, const Terminal& terminal, bool json) {
  auto found = agent.look();
  if (!found.ok()) return complainOf(found.error());
  const auto finding = std::find_if(
      found->findings.begin(), found->findings.end(), [&options](const Finding& candidate) {
        return candidate.kind == "site" && candidate.object == options.revert && candidate.revert;
      });
  if (finding == found->findings.end())
    return complain({Code::kNotFound, "no edited file of a site " + options.revert, ""},
                    "bulkhead doctor lists what differs");
  if (const auto done = agent.perform(*finding->revert); !done.ok())
    return complain(done.error(), "mend that and run it again; the edited file is as it was");
  auto after = agent.look();
  if (!after.ok()) return complainOf(after.error());
  Report report;
  report.mended = true;
  report.look.checked = 1;
  finding->repair = finding->revert;
  finding->outcome = has(after->findings, *finding) ? Outcome::kFailed : Outcome::kMended;
  report.look.findings = {*finding};
  return show(report, terminal, json);
}

}  // namespace

ExitCode runDoctor(
    const Options& options, Agent& agent, Panel& panel, const Terminal& terminal, bool json) {
  // A site's file is what the registry says in Nginx's words; there is no place for other words.
  if (!options.adopt.empty())
    return complain({Code::kUnsupported,
                     "the file of " + options.adopt +
                         " is made from the panel's record, which has no place for edits",
                     ""},
                    "put what holds for all sites into /etc/nginx/conf.d, what holds for this one "
                    "into the account's own web server, then: bulkhead doctor --revert " +
                        options.adopt);
  if (!options.revert.empty()) return revert(options, agent, terminal, json);
  auto report = look(agent, panel, options);
  if (!report.ok()) return complainOf(report.error());
  if (options.plan && !json) {
    std::cout << renderPlan(*report);
    return exitCodeOf(*report);
  }
  if (!options.fix || report->look.findings.empty()) return show(*report, terminal, json);
  auto mended = mend(agent, panel, std::move(report).value());
  if (!mended.ok()) return complainOf(mended.error());
  return show(*mended, terminal, json);
}

ExitCode runDoctor(const Options& options,
                   const Client& client,
                   const Terminal& terminal,
                   bool json) {
  if (::geteuid() != 0)
    return complain({Code::kPermissionDenied, "this needs root: it asks the agent itself", ""},
                    "sudo bulkhead doctor");
  RestPanel panel(client);
  return runDoctor(options, localAgent(), panel, terminal, json);
}

}  // namespace bulkhead::cli::doctor
