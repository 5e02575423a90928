// cpapi.publish: writes down an account's domains for itself, so that CloudLinux's domains script
// can answer it while the panel restarts. The content is the registry's; the caller only says which
// of the sites is the main one. Off until the integration is configured.
#include <algorithm>

#include "agent/host/cloudlinux.h"
#include "agent/ops/account/common.h"
#include "common/cpapi/domain_line.h"
#include "common/types/document_root.h"
#include "common/types/domain_name.h"

namespace bulkhead::agent {
namespace {

struct Publish {
  static constexpr auto kMethod = "cpapiPublish";
  using Params = rpc::CpapiPublish;
  using Reply = rpc::CpapiSnapshot;
  struct Plan {
    Identity who;
    std::string content;
    std::uint32_t domains = 0;
  };

  static std::string line(const std::string& name,
                          const std::string& owner,
                          const std::string& root,
                          const std::string& main) {
    std::string text;
    cpapi::putSnapshotLine(text, {name, owner, root, name == main});
    return text;
  }

  static Result<Plan> check(Params::Reader in, const Host& host) {
    if (!cloudlinux::isEnabled(host))
      return Error{Code::kUnsupported, "the CloudLinux integration is off", ""};
    TRY_ASSIGN(const auto record, findStandingAccount(host, view(in.getUsername())));
    std::string main;
    if (in.getMainDomain().size() > 0) {
      auto parsed = DomainName::parse(view(in.getMainDomain()));
      if (!parsed.ok()) return Error{parsed.error().code, parsed.error().message, "mainDomain"};
      main = parsed->text();
    }
    TRY_ASSIGN(const auto name, Username::parse(record.identity.username));
    TRY_ASSIGN(const auto sites, Registry(host).sitesOf(name));
    std::vector<std::string> lines;
    for (const auto& site : sites) {
      TRY_ASSIGN(const auto domain, DomainName::parse(site.domain));
      const auto root = documentRoot(record.identity.home, domain.text());
      lines.push_back(line(site.domain, name.text(), root, main));
      for (const auto& alias : site.aliases)
        lines.push_back(line(alias, name.text(), root, main));
    }
    std::sort(lines.begin(), lines.end());
    Plan plan{record.identity, std::string(cpapi::kDomainsBegin) + "\n",
              static_cast<std::uint32_t>(lines.size())};
    for (std::size_t i = 0; i < lines.size(); ++i)
      plan.content += lines[i] + (i + 1 < lines.size() ? ",\n" : "\n");
    plan.content += cpapi::kDomainsEnd;
    return plan;
  }
  static std::string folder(const Plan& plan) {
    return std::string(cloudlinux::kSnapshots) + "/" + std::to_string(plan.who.uid);
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(host.makeDirectory(folder(plan), {0750, 0, plan.who.gid}));
    return host.writeFile(folder(plan) + "/domains.json", plan.content, {0640, 0, plan.who.gid});
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    const auto path = folder(plan) + "/domains.json";
    TRY_ASSIGN(const auto content, host.readFile(path));
    TRY_ASSIGN(const auto info, host.inspect(path));
    if (content != plan.content || info.uid != 0 || info.gid != plan.who.gid || info.mode != 0640)
      return Error{Code::kInternal, path + ": is not as it was written", ""};
    return Proof{{"snapshot", path + ": " + std::to_string(plan.domains) + " domains"}};
  }
  static Result<Ok> answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
    out.setDomains(plan.domains);
    return Ok{};
  }
};

}  // namespace

OpEntry cpapiPublish() { return entryFor<Publish>(); }

}  // namespace bulkhead::agent
