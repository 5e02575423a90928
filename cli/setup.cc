#include "cli/setup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <thread>
#include <vector>

#include "cli/agent_admin.h"
#include "cli/audit_seed.h"
#include "cli/certificate.h"
#include "cli/id_limits.h"
#include "cli/output.h"
#include "cli/panel_address.h"
#include "cli/program.h"
#include "common/os/atomic_file.h"
#include "common/os/open.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr const char* kSystemctl = "/usr/bin/systemctl";
constexpr const char* kNginx = "/usr/sbin/nginx";
// Debian's example site claims port 80 as default server, which the panel's own default server
// needs.
constexpr const char* kDebianDefaultSite = "/etc/nginx/sites-enabled/default";
// One line of ours in Nginx's own configuration; what it includes changes with the package.
constexpr const char* kNginxDirectory = "/etc/nginx/conf.d";
constexpr const char* kNginxSnippet = "bulkhead.conf";
constexpr const char* kNginxInclude = "include /usr/share/bulkhead/nginx/bulkhead.conf;\n";
// Made by systemd when Nginx starts with the package's drop-in; an Nginx that ran before has to be
// started again.
constexpr const char* kNginxRuntime = "/run/bulkhead-nginx";
// Engines that systemd starts with the host: those of the accounts that are not suspended.
constexpr const char* kEnabledUnits = "/etc/systemd/system/multi-user.target.wants";
constexpr std::string_view kEnginePrefix = "bulkhead-engine@";
constexpr std::string_view kRunAgain =
    "repair that and run bulkhead setup again; what is done stays done";
constexpr auto kStartPatience = std::chrono::seconds(20);

struct Step {
  std::string name;
  std::function<Result<std::string>()> act;  // answers the evidence
};

Result<std::string> checkPrograms() {
  const std::vector<std::string> needed = {kNginx,
                                           "/usr/sbin/ufw",
                                           "/usr/sbin/dockerd",
                                           "/usr/bin/rootlesskit",
                                           "/usr/bin/newuidmap",
                                           "/usr/bin/slirp4netns"};
  for (const auto& path : needed)
    if (::access(path.c_str(), X_OK) != 0)
      return Error{
          Code::kUnsupported,
          path + " is missing; install the packages that bulkhead depends on: apt install -f", ""};
  return std::to_string(needed.size()) + " programs found";
}

Result<std::string> startDaemons() {
  TRY(runProgram(kSystemctl, {"daemon-reload"}));
  TRY(runProgram(kSystemctl,
                 {"enable", "--now", "--quiet", "bulkhead-agent.socket",
                  "bulkhead-agent-admin.socket", "bulkhead-api.socket", "bulkhead-agent.service",
                  "bulkhead-api.service", "bulkhead-doctor.timer"}));
  TRY(runProgram(kSystemctl, {"is-active", "bulkhead-agent.service", "bulkhead-api.service"}));
  TRY_ASSIGN(const HostFacts facts, inspectHost());
  return "agent answers on " + facts.hostname + " (" + facts.os + ", cgroups " + facts.cgroups +
         (facts.projectQuotas
              ? ", project quotas)"
              : ", no project quotas: disk limits will be reported as unsupported)");
}

Result<Ok> includePanelInNginx() {
  TRY_ASSIGN(const Fd directory, os::openRootDirectory(kNginxDirectory));
  TRY(os::createFile(directory.get(), kNginxSnippet, kNginxInclude,
                     0644));  // an administrator's own version stays
  return Ok{};
}

Result<std::string> startNginx() {
  struct stat info {};
  const bool debianDefault = ::lstat(kDebianDefaultSite, &info) == 0 && S_ISLNK(info.st_mode);
  if (debianDefault && ::unlink(kDebianDefaultSite) != 0)
    return Error{Code::kInternal, std::string("cannot remove ") + kDebianDefaultSite, ""};
  TRY(includePanelInNginx());
  auto tested = runProgram(kNginx, {"-t", "-q"});
  if (!tested.ok())
    return Error{Code::kConflict,
                 "the configuration of Nginx is broken, repair it and run setup again: " +
                     tested.error().message,
                 ""};
  TRY(runProgram(kSystemctl, {"enable", "--now", "--quiet", "nginx.service"}));
  TRY(runProgram(kSystemctl,
                 {::access(kNginxRuntime, F_OK) == 0 ? "reload" : "restart", "nginx.service"}));
  TRY(runProgram(kSystemctl, {"is-active", "nginx.service"}));
  return std::string("configuration tested, running") +
         (debianDefault ? ", Debian's example site switched off" : "");
}

Result<std::string> startGateway(const Client& client) {
  TRY(runProgram(kSystemctl, {"enable", "--now", "--quiet", "bulkhead-gateway.service"}));
  TRY(runProgram(kSystemctl, {"is-active", "bulkhead-gateway.service"}));
  const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
  for (;;) {
    const auto answer = client.send({"GET", "/readyz", "", 10});
    if (answer.ok() && answer->status == 200)
      return std::string("REST server ready, TLS on 2087 and 2083");
    if (std::chrono::steady_clock::now() > deadline)
      return Error{
          Code::kUnavailable,
          "the REST server is not ready: " + (answer.ok() ? answer->body : answer.error().message),
          ""};
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

// After the package was removed and installed again, the engines of its accounts are enabled but
// stopped.
Result<std::string> startEngines() {
  std::vector<std::string> arguments = {"start", "--no-block", "--"};
  const std::size_t options = arguments.size();
  std::error_code ignored;  // no such directory: nothing is enabled
  for (const auto& entry : std::filesystem::directory_iterator(kEnabledUnits, ignored))
    if (const std::string name = entry.path().filename(); name.starts_with(kEnginePrefix))
      arguments.push_back(name);
  const std::size_t engines = arguments.size() - options;
  if (engines == 0) return std::string("no hosting account yet");
  TRY(runProgram(kSystemctl, arguments));
  return std::to_string(engines) + " engine(s) run or are being started";
}

Result<std::string> startFirewall() {
  TRY_ASSIGN(const auto rules, setUpFirewall());
  std::string text = "active, default deny; open:";
  for (const auto& rule : rules)
    if (rule.find("ALLOW") != std::string::npos || rule.find("allow") != std::string::npos)
      text += " " + rule.substr(0, rule.find(' '));
  return text;
}

// The code goes to root's terminal only; the server keeps a hash.
Result<std::string> oneTimeCode(const Client& client) {
  TRY_ASSIGN(const Response answer, client.send({"POST", "/api/v1/bootstrap-codes", "", 30}));
  if (answer.status == 409) return std::string();
  TRY_ASSIGN(const Json body, parseJson(answer.body));
  if (answer.status >= 400)
    return Error{Code::kInternal,
                 "no one-time code: " + body.value("detail", body.value("title", "")), ""};
  return body.value("code", "");
}

// Once, like the code; "" when it was shown before. Last of all, because setup may be run again but
// does not show it again.
Result<std::string> auditSeedUnlessShown() {
  const SeedOptions options;
  if (isAuditSeedShown(options.keyDirectory)) return std::string();
  return makeAuditSeed(options);
}

}  // namespace

ExitCode runSetup(const SetupOptions& options, const Client& client, bool json) {
  if (::geteuid() != 0)
    return complain({Code::kPermissionDenied, "setup needs root", ""}, "sudo bulkhead setup");
  std::vector<Step> steps = {{"programs", checkPrograms},
                             {"ids", [] { return ensureIdLimits(); }},
                             {"certificate", ensureGatewayCertificate},
                             {"daemons", startDaemons},
                             {"nginx", startNginx},
                             {"accounts", startEngines},
                             {"gateway", [&client] { return startGateway(client); }}};
  if (!options.skipFirewall) steps.push_back({"firewall", startFirewall});
  Json done = Json::array();
  for (const auto& step : steps) {
    auto evidence = step.act();
    if (!evidence.ok()) {
      Error failed = evidence.error();
      failed.message = step.name + ": " + failed.message;
      return complain(failed, kRunAgain);
    }
    if (!json) std::cout << "ok  " << step.name << ": " << printable(*evidence) << std::endl;
    done.push_back({{"name", step.name}, {"evidence", *evidence}});
  }
  auto code = oneTimeCode(client);
  if (!code.ok()) return complain(code.error(), kRunAgain);
  const auto seed = auditSeedUnlessShown();
  if (!seed.ok()) return complain(seed.error(), kRunAgain);
  const std::string link = code->empty() ? "" : panelAddress({}) + "/setup#code=" + *code;
  if (json) {
    std::cout << printJson({{"steps", done},
                            {"admin_link", link},
                            {"code", *code},
                            {"audit_seed", *seed}})
              << "\n";
  } else if (link.empty()) {
    std::cout << "An administrator exists already; log in at " << panelAddress({}) << "/login\n";
  } else {
    std::cout << "First administrator, once and within 15 minutes: " << link
              << "\nWithout a browser, with the code at its end: bulkhead bootstrap create NAME\n";
  }
  if (!json && !seed->empty())
    std::cout << "Seed of the audit log, shown once; keep it away from this host: " << *seed
              << "\nWith it in a file: bulkhead audit verify --seed FILE\n";
  return ExitCode::kOk;
}

}  // namespace bulkhead::cli
