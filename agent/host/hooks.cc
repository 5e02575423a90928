#include "agent/host/hooks.h"

#include <array>

#include "agent/host/engine_reply.h"
#include "agent/host/outside.h"

namespace bulkhead::agent::hooks {
namespace {

constexpr int kWrongUse = 2;               // Python's argparse: these are not my options
constexpr std::size_t kOutputShown = 800;  // a last traceback; all of it is in the journal
constexpr std::array kScripts = {kUserPost, kUserPre, kDomainPost, kPackagePost, kAdminPost};

// The end of what was said tells why it failed; line ends become visible separators.
std::string shown(const std::string& output) {
  std::string text =
      output.size() > kOutputShown ? output.substr(output.size() - kOutputShown) : output;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::string all;
  for (const char c : text)
    all += c == '\n' ? std::string(" | ") : std::string(1, c);
  return printable(all, 2 * kOutputShown);
}

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

Result<End> run(Host& host, const Invocation& invocation, const std::string& key) {
  OutsideProgram program{pathOf(invocation), invocation.arguments, key};
  End end;
  end.line = lineOf(program);
  const auto started = host.now();
  auto done = runOutside(host, program);
  if (done.ok() && done->exitCode == kWrongUse && invocation.otherwise) {
    program.arguments = *invocation.otherwise;
    end.line = lineOf(program);
    done = runOutside(host, program);
  }
  if (!done.ok() && done.error().code == Code::kNotFound) return end;
  if (!done.ok() && done.error().code == Code::kTimeout) {
    end.outcome = Outcome::kTimedOut;
    return end;
  }
  if (!done.ok()) return done.error();
  end.exitCode = done->exitCode;
  end.output = shown(done->output);
  end.outcome = done->exitCode == 0 ? Outcome::kSucceeded : Outcome::kFailed;
  // systemd ended it: it says so by an exit code that a script may have too.
  if (done->exitCode != 0 && host.now() - started >= program.timeLimit)
    end.outcome = Outcome::kTimedOut;
  return end;
}

}  // namespace bulkhead::agent::hooks
