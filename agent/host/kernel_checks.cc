#include "agent/host/kernel_checks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "agent/host/engine_reply.h"

namespace bulkhead::agent {
namespace {

using State = HostCheck::State;

constexpr const char* kScripts = "/opt/cpvendor/bin/";
constexpr std::array kNames = {"panel_info", "db_info",   "packages", "users",
                               "domains",    "resellers", "admins",   "php"};

std::string inSysctl(const std::string& setting) {
  return "set " + setting + " in /etc/sysctl.d/90-cloudlinux.conf and run sysctl --system";
}

std::optional<std::string> read(const Host& host, const std::string& name) {
  std::string path = "/proc/sys/" + name;
  std::replace(path.begin() + 10, path.end(), '.', '/');
  auto text = host.readFile(path);
  if (!text.ok()) return std::nullopt;
  return printable(text->substr(0, text->find_first_of(" \t\n")), 40);
}

// The group's id; nullopt when there is no such group.
std::optional<std::string> groupId(const Host& host, const std::string& name) {
  const auto groups = host.readFile("/etc/group");
  if (!groups.ok()) return std::nullopt;
  const auto at = ("\n" + *groups).find("\n" + name + ":");
  if (at == std::string::npos) return std::nullopt;
  const auto second = groups->find(':', at + name.size() + 1);
  const auto end = groups->find_first_of(":\n", second + 1);
  if (second == std::string::npos || end == std::string::npos) return std::nullopt;
  return groups->substr(second + 1, end - second - 1);
}

HostCheck expect(const Host& host,
                 const std::string& name,
                 const std::vector<std::string>& good,
                 const std::string& meaning) {
  HostCheck check{name, State::kUnknown, "", "this kernel does not know it: boot CloudLinux's"};
  const auto found = read(host, name);
  if (!found) return check;
  check.found = *found;
  check.state =
      std::find(good.begin(), good.end(), *found) != good.end() ? State::kGood : State::kAttention;
  check.advice =
      check.state == State::kGood ? "" : meaning + ": " + inSysctl(name + " = " + good[0]);
  return check;
}

}  // namespace

std::vector<HostCheck> kernelChecks(const Host& host) {
  std::vector<HostCheck> all;
  HostCheck lve{"kernel module kmodlve", State::kAttention, "",
                "limits and cages need CloudLinux's kernel: boot it"};
  if (host.inspect("/sys/module/kmodlve").ok()) lve = {lve.name, State::kGood, "loaded", ""};
  all.push_back(lve);
  all.push_back(expect(host, "fs.enforce_symlinksifowner", {"1", "2"},
                       "a user's link can make the web server read another's files"));
  all.push_back(expect(host, "fs.symlinkown_gid", {groupId(host, "www-data").value_or("33")},
                       "links are judged for the web server's group only"));
  all.push_back(
      expect(host, "fs.proc_can_see_other_uid", {"0"}, "users see each other's processes"));
  const auto super = groupId(host, "clsupergid");
  if (super) {
    all.push_back(expect(host, "fs.proc_super_gid", {*super},
                         "the administrators' group cannot see all processes"));
  } else {
    all.push_back({"fs.proc_super_gid", State::kUnknown,
                   read(host, "fs.proc_super_gid").value_or(""),
                   "there is no group clsupergid: CloudLinux's lve-utils makes it"});
  }
  return all;
}

std::vector<HostCheck> scriptChecks(const Host& host) {
  std::vector<HostCheck> all;
  for (const auto* name : kNames) {
    HostCheck check{std::string(kScripts) + name, State::kGood, "root's alone", ""};
    const auto trusted = host.checkProgram(check.name);
    if (!trusted.ok()) {
      check.state = State::kAttention;
      check.found = trusted.error().code == Code::kNotFound ? "absent" : trusted.error().message;
      check.advice = "install the package bulkhead-cloudlinux again";
    }
    all.push_back(check);
  }
  return all;
}

}  // namespace bulkhead::agent
