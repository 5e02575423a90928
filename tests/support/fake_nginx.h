// FakeNginx: the machine's Nginx on a FakeHost. It loads the generation and the sites on a reload
// or a start, refuses files with the word "broken", and answers probes by host name.
#pragma once
#include <map>
#include <set>
#include <string>

#include "agent/host/nginx.h"
#include "agent/host/nginx_reload.h"
#include "tests/support/fake_host.h"
#include "tests/support/fake_systemd.h"

namespace bulkhead::testing {

class FakeNginx {
 public:
  FakeNginx(FakeHost& host, FakeSystemd& systemd) : host_(host), systemd_(systemd) {
    systemd.active[agent::nginx::kUnit] = "active";
    systemd.onReload = [this](const std::string&) { load(); };
    host.addDirectory("/var/log/nginx/domlogs", {0750, 0, 4});
    host.onProgram(agent::Program::kNginx, [this](const agent::Command&) { return test(); });
    host.onProbe([this](const agent::Probe& probe) { return answer(probe); });
    load();
  }
  FakeNginx(const FakeNginx&) = delete;
  FakeNginx& operator=(const FakeNginx&) = delete;

  std::set<std::string> refused;  // paths of files that `nginx -t` finds wrong
  bool siteAnswers = true;        // the account's web server
  int tests = 0;

  void load() {
    generation_ =
        agent::nginx::generationOnDisk(host_).ok() ? *agent::nginx::generationOnDisk(host_) : 0;
    served_.clear();
    for (const auto& path : host_.paths()) {
      if (!path.starts_with(agent::nginx::kSites)) continue;
      const auto vhost = agent::parseVhost(host_.content(path));
      if (!vhost.ok()) continue;
      served_[vhost->domain.text()] = vhost->mode;
      for (const auto& alias : vhost->aliases)
        served_[alias.text()] = vhost->mode;
    }
  }

 private:
  agent::ProgramOutput test() {
    ++tests;
    for (const auto& path : refused)
      if (host_.exists(path))
        return {1,
                "nginx: [emerg] 1271#1271: unknown directive \"broken\" in " + path +
                    ":3\nnginx: configuration file /etc/nginx/nginx.conf test failed\n",
                false};
    return {};
  }

  Result<agent::HttpReply> answer(const agent::Probe& probe) const {
    if (!systemd_.isActive(agent::nginx::kUnit)) return Error{Code::kUnavailable, "closed", ""};
    if (probe.socketPath == agent::nginx::kGenerationSocket && generation_ > 0)
      return agent::HttpReply{200, std::to_string(generation_)};
    const auto found = served_.find(probe.hostHeader);
    if (!probe.socketPath.empty() || found == served_.end())
      return Error{Code::kUnavailable, "closed", ""};
    if (found->second == agent::SiteMode::kSuspended)
      return agent::HttpReply{503, "<body data-bulkhead=\"suspended\">"};
    if (!siteAnswers) return agent::HttpReply{503, "<body data-bulkhead=\"starting\">"};
    return agent::HttpReply{200, "<h1>" + probe.hostHeader + "</h1>"};
  }

  FakeHost& host_;
  FakeSystemd& systemd_;
  std::uint64_t generation_ = 0;
  std::map<std::string, agent::SiteMode> served_;
};

}  // namespace bulkhead::testing
