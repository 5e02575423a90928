#include "cli/cloudlinux/verify.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <iostream>

#include "cli/cloudlinux/report.h"
#include "cli/cloudlinux/verifier.h"
#include "cli/cloudlinux/world.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

Result<Ok> checkNames(const HostView& host, const CastNames& names) {
  for (const auto& name : {names.user, names.other, names.stranger})
    if (!name.empty() && !host.person(name))
      return Error{Code::kNotFound, "this host has no account " + name, ""};
  return Ok{};
}

}  // namespace

ExitCode runVerify(const VerifyOptions& options, const Terminal& terminal, bool json) {
  if (::geteuid() != 0)
    return complain({Code::kPermissionDenied, "this needs root: it has to become other users", ""},
                    "sudo bulkhead cloudlinux verify");
  const auto& host = thisHost();
  if (!host.look(options.integrationIni))
    return complain({Code::kNotFound, "there is no " + options.integrationIni, ""},
                    "bulkhead cloudlinux enable, or --integration-ini FILE for another panel's");
  const auto names = checkNames(host, options.names);
  if (!names.ok())
    return complain(names.error(),
                    "give --user, --other and --stranger names of this host, or none");
  // A script that leaves processes behind leaves them to us, where a deadline can find them.
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);  // ignoring: it cannot fail on Linux 3.4 and later
  World world(host, options.integrationIni);
  world.setIni(parseIntegrationIni(host.read(options.integrationIni)));
  auto cage = Cage::make(host.read("/etc/cagefs/cagefs.mp"));
  if (!cage.ok()) std::cerr << "warning: no cage: " << printable(cage.error().message) << "\n";
  HostScripts scripts(cage.ok() ? &cage.value() : nullptr);
  const auto results = Verifier(world, scripts, options.names).run();
  if (json)
    std::cout << printJson(reportJson(world, results)) << "\n";
  else
    std::cout << renderReport(world, results, terminal);
  return summarise(results).findings() == 0 ? ExitCode::kOk : ExitCode::kFindings;
}

}  // namespace bulkhead::cli::cloudlinux
