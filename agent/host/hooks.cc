#include "agent/host/hooks.h"

#include <array>

#include "agent/host/outside.h"

namespace bulkhead::agent::hooks {
namespace {

constexpr int kWrongUse = 2;  // Python's argparse: these are not my options
constexpr std::array kScripts = {kUserPost, kUserPre, kDomainPost, kPackagePost, kAdminPost};

}  // namespace

Invocation adminCreated(const std::string& user) {
  return {kAdminPost,
          {"create", "--username", user},
          std::vector<std::string>{"create", "--name", user}};
}
Invocation adminRemoved(const std::string& user) {
  return {kAdminPost, {"delete", "--name", user}, {}};
}
Invocation userCreated(const std::string& user, const std::string& owner) {
  return {kUserPost, {"create", "--username", user, "--owner", owner}, {}};
}
Invocation userRenamed(const std::string& oldName, const std::string& name) {
  return {kUserPost, {"modify", "-u", oldName, "--new-username", name}, {}};
}
Invocation userMoved(const std::string& user, const std::string& owner) {
  return {kUserPost, {"modify", "-u", user, "--new-owner", owner}, {}};
}
Invocation userRemoving(const std::string& user) {
  return {kUserPre, {"delete", "--username", user}, {}};
}
Invocation userRemoved(const std::string& user) {
  return {kUserPost, {"delete", "--username", user}, {}};
}
Invocation userRestored(const std::string& user) {
  return {kUserPost, {"restore", "--username", user}, {}};
}
Invocation domainRenamed(const std::string& user,
                         const std::string& oldName,
                         const std::string& name,
                         Subdomains subdomains) {
  Invocation call{
      kDomainPost, {"modify", "-u", user, "--domain", oldName, "--new-domain", name}, {}};
  if (subdomains == Subdomains::kFollow) call.arguments.emplace_back("--include-subdomains");
  return call;
}
Invocation packageRenamed(const std::string& oldName, const std::string& name) {
  return {kPackagePost, {"rename", "--name", oldName, "--new-name", name}, {}};
}

std::string pathOf(const Invocation& invocation) {
  return std::string(kDirectory) + "/" + invocation.script;
}

Result<std::vector<std::string>> present(const Host& host) {
  std::vector<std::string> found;
  const auto directory = host.inspect(kDirectory);
  if (!directory.ok() && directory.error().code == Code::kNotFound) return found;
  for (const auto* script : kScripts) {
    const auto info = host.inspect(std::string(kDirectory) + "/" + script);
    // One that may not be looked at counts as present: its run says why it is refused.
    if (info.ok() || info.error().code != Code::kNotFound) found.emplace_back(script);
  }
  return found;
}

Result<Told> run(Host& host, const Invocation& invocation, const std::string& key) {
  OutsideProgram program{pathOf(invocation), invocation.arguments, key};
  TRY_ASSIGN(auto told, tell(host, program));
  if (told.exitCode != kWrongUse || !invocation.otherwise) return told;
  program.arguments = *invocation.otherwise;
  return tell(host, program);
}

}  // namespace bulkhead::agent::hooks
