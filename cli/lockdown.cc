#include "cli/lockdown.h"

#include <unistd.h>

#include <ctime>
#include <iostream>
#include <string>
#include <thread>

#include "cli/agent_admin.h"
#include "cli/output.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr int kDone = 200;

std::string timeText(std::int64_t since) {
  const auto seconds = static_cast<std::time_t>(since);
  std::tm parts{};
  char text[sizeof "0000-00-00T00:00:00Z"] = "";
  if (::gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return "";
  return text;
}

// What the panel shows; an error when it does not answer.
Result<bool> panelShows(const Client& panel) {
  TRY_ASSIGN(const auto answer, panel.send({"GET", "/api/v1/lockdown", ""}));
  if (answer.status != kDone)
    return Error{Code::kUnavailable, "HTTP " + std::to_string(answer.status), ""};
  TRY_ASSIGN(const auto body, parseJson(answer.body));
  return body.value("on", false);
}

bool panelFollows(const Client& panel, bool on, const LockdownOptions& options) {
  const auto end = std::chrono::steady_clock::now() + options.patience;
  while (true) {
    const auto shown = panelShows(panel);
    if (shown.ok() && shown.value() == on) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(options.pause);
  }
}

std::string sentence(const LockdownFacts& facts) {
  if (!facts.on) return "off: the panel changes what it is asked to\n";
  return "on" + (facts.since == 0 ? "" : " since " + timeText(facts.since)) +
         ": sessions and tokens of before have ended, changes are refused, sites are served\n"
         "new logins may read; root on this host ends it: bulkhead lockdown off\n";
}

}  // namespace

ExitCode runLockdown(LockdownVerb verb,
                     const std::function<Result<LockdownFacts>(LockdownVerb)>& ask,
                     const Client& panel,
                     const LockdownOptions& options,
                     bool json) {
  const auto facts = ask(verb);
  if (!facts.ok()) return complain(facts.error(), "look at: systemctl status bulkhead-agent");
  if (verb != LockdownVerb::kStatus && !panelFollows(panel, facts->on, options))
    return complain(
        {Code::kUnavailable,
         facts->on ? "locked down: the agent changes nothing; but the REST server does not answer, "
                     "and its sessions and tokens end only when it does"
                   : "the lockdown is over; but the REST server does not answer",
         ""},
        "look at: systemctl status bulkhead-api");
  if (!json) {
    std::cout << sentence(*facts);
    return ExitCode::kOk;
  }
  Json out = {{"on", facts->on}};
  if (facts->since != 0) out["since"] = timeText(facts->since);
  std::cout << printJson(out) << "\n";
  return ExitCode::kOk;
}

ExitCode runLockdown(LockdownVerb verb, const Client& panel, bool json) {
  if (::geteuid() != 0)
    return complain({Code::kPermissionDenied, "this needs root: it asks the agent itself", ""},
                    "sudo bulkhead lockdown");
  return runLockdown(verb, askLockdown, panel, {}, json);
}

}  // namespace bulkhead::cli
