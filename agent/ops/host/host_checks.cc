// What of the host itself the panel's promises rest on.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "agent/host/systemd.h"
#include "agent/ops/host/checks.h"
#include "common/audit/chain.h"

namespace bulkhead::agent {
namespace {

// A write takes milliseconds; what is there before and after is nobody's any more.
constexpr std::chrono::milliseconds kWriterTime{2000};

struct Setting {
  const char* name;
  unsigned least;
  const char* why;
};
constexpr std::array<Setting, 4> kSettings = {
    {{"protected_symlinks", 1, "a link in a shared directory leads others astray"},
     {"protected_hardlinks", 1, "an account can keep another's file by a hard link"},
     {"protected_regular", 1, "a planted file in a shared directory is written by others"},
     {"protected_fifos", 1, "a planted FIFO in a shared directory is written by others"}}};

struct OwnPath {
  const char* path;
  mode_t forbidden;  // bits that it must not have
};
constexpr mode_t kOpenToWriters = 022;
constexpr mode_t kOpenToAnybody = 077;
constexpr std::array<OwnPath, 23> kOwnPaths = {{
    {"/var/lib/bulkhead", kOpenToWriters},
    {"/var/lib/bulkhead/agent", kOpenToAnybody},
    {"/var/lib/bulkhead/agent/accounts", kOpenToAnybody},
    {"/var/lib/bulkhead/agent/sites", kOpenToAnybody},
    {"/var/lib/bulkhead/agent/renames", kOpenToAnybody},
    {"/var/lib/bulkhead/agent/audit-keys", kOpenToAnybody},
    {"/var/lib/bulkhead/agent/uid-high-water", kOpenToAnybody},
    {"/var/lib/bulkhead/edited-sites", kOpenToAnybody},
    {"/var/lib/bulkhead/nginx-marked", kOpenToAnybody},
    {"/var/log/bulkhead", kOpenToAnybody},
    {"/var/log/bulkhead/audit", kOpenToAnybody},
    {"/etc/bulkhead", kOpenToWriters},
    {"/etc/bulkhead/policy.d", kOpenToWriters},
    {"/etc/nginx/bulkhead", kOpenToWriters},
    {"/etc/nginx/bulkhead/sites", kOpenToWriters},
    {"/usr/share/bulkhead/policy", kOpenToWriters},
    {"/usr/share/bulkhead/policy/operations.json", kOpenToWriters},
    {"/usr/share/bulkhead/policy/images.json", kOpenToWriters},
    {"/usr/libexec/bulkhead/bulkhead-agent", kOpenToWriters},
    {"/usr/libexec/bulkhead/bulkhead-api", kOpenToWriters},
    {"/usr/sbin/bulkhead", kOpenToWriters},
    {"/etc/passwd", kOpenToWriters},
    {"/etc/shadow", 037},
}};

// Where workers write; the agent's start removes what it finds there.
constexpr std::array kWrittenFolders = {"/var/lib/bulkhead/agent",
                                        "/var/lib/bulkhead/agent/accounts",
                                        "/var/lib/bulkhead/agent/sites",
                                        "/etc",
                                        "/etc/nginx/bulkhead",
                                        "/etc/nginx/bulkhead/sites",
                                        "/etc/systemd/system"};
constexpr std::array kLocks = {"/etc/passwd.lock",  "/etc/shadow.lock", "/etc/group.lock",
                               "/etc/gshadow.lock", "/etc/subuid.lock", "/etc/subgid.lock"};
constexpr std::array kUnits = {"nginx.service", "bulkhead-agent.service", "bulkhead-api.service",
                               "bulkhead-gateway.service"};

std::optional<std::uint64_t> number(std::string_view text) {
  text = text.substr(0, text.find_first_of(" \t\r\n"));
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

// As useradd reads /etc/login.defs: the last line of a name counts.
std::optional<std::uint64_t> loginDef(const std::string& content, const std::string& name) {
  std::optional<std::uint64_t> found = 60000;  // what the shadow tools take without a line
  for (std::size_t at = 0; at < content.size();) {
    const auto end = std::min(content.find('\n', at), content.size());
    const auto line = std::string_view(content).substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(name) || line.size() == name.size()) continue;
    const auto value = line.find_first_not_of(" \t", name.size());
    if (value == name.size() || value == std::string_view::npos) continue;
    found = number(line.substr(value));
  }
  return found;
}

void checkIdRange(const Host& host, Findings& findings) {
  const auto content = host.readFile("/etc/login.defs");
  if (!content.ok()) {
    if (content.error().code != Code::kNotFound)
      findings.unreadable(FindingKind::HOST, "/etc/login.defs", content.error());
    return;
  }
  for (const auto* name : {"UID_MAX", "GID_MAX"}) {
    const auto value = loginDef(*content, name);
    if (value && *value < kUidFirst) continue;
    findings.add({FindingKind::HOST, "/etc/login.defs", FindingCode::ID_RANGE,
                  std::string(name) + " at most " + std::to_string(kUidFirst - 1),
                  value ? std::to_string(*value) : "no number",
                  "bulkhead setup sets it; until then useradd gives ids that accounts get"});
  }
}

void checkOwnPath(const Host& host, const OwnPath& own, Findings& findings) {
  const auto info = host.inspect(own.path);
  if (!info.ok() && info.error().code == Code::kNotFound) return;
  findings.checked();
  const std::string desired = "root's, without " + octal(own.forbidden);
  const std::string advice = std::string("chown root ") + own.path + " && chmod " +
                             (own.forbidden == kOpenToAnybody ? "go-rwx " : "go-w ") + own.path;
  if (!info.ok()) {  // a directory above that others can change, for example
    findings.add({FindingKind::HOST, own.path, FindingCode::FILE_OWNER, desired,
                  info.error().message, "make root the owner of the path from its top"});
    return;
  }
  const bool link = info->type == FileType::kSymlink;
  if (info->uid == 0 && !link && (info->mode & own.forbidden) == 0) return;
  findings.add({FindingKind::HOST, own.path, FindingCode::FILE_OWNER, desired,
                (link ? "a symbolic link, uid " : "uid ") + std::to_string(info->uid) + " mode " +
                    octal(info->mode),
                advice + "; and find out who changed it"});
}

}  // namespace

void checkSettings(const Host& host, Findings& findings) {
  for (const auto& setting : kSettings) {
    findings.checked();
    const auto name = std::string("fs.") + setting.name;
    const auto text = host.readFile(std::string("/proc/sys/fs/") + setting.name);
    if (!text.ok()) {
      findings.unreadable(FindingKind::HOST, name, text.error());
      continue;
    }
    const auto value = number(*text);
    if (value && *value >= setting.least) continue;
    findings.add({FindingKind::HOST, name, FindingCode::SYSCTL,
                  "at least " + std::to_string(setting.least),
                  value ? std::to_string(*value) : "no number",
                  std::string(setting.why) + ": set " + name +
                      " = 1 in /etc/sysctl.d/60-bulkhead.conf and run sysctl --system"});
  }
  checkIdRange(host, findings);
}

void checkOwnFiles(const Host& host, Findings& findings) {
  for (const auto& own : kOwnPaths)
    checkOwnPath(host, own, findings);
}

void checkLeftovers(const Host& host, Findings& findings) {
  std::vector<std::string> before;
  const auto look = [&host] {
    std::vector<std::string> paths;
    for (const auto* folder : kWrittenFolders) {
      const auto names = host.temporaries(folder);
      for (const auto& name : names.ok() ? names.value() : std::vector<std::string>{})
        paths.push_back(std::string(folder) + "/" + name);
    }
    return paths;
  };
  before = look();
  if (!before.empty()) host.pause(kWriterTime);
  for (const auto& path : before.empty() ? before : look())
    if (std::find(before.begin(), before.end(), path) != before.end())
      findings.add({FindingKind::HOST, path, FindingCode::TEMPORARY_FILE, "no unfinished file",
                    "a writer that was killed has left it",
                    "systemctl restart bulkhead-agent removes it"});
  for (const auto* path : kLocks) {
    const auto holder = host.readFile(path);
    if (!holder.ok()) continue;
    const auto pid = number(*holder);
    if (pid && host.inspect("/proc/" + std::to_string(*pid)).ok()) continue;
    findings.add({FindingKind::HOST, path, FindingCode::STALE_LOCK, "held by a process that lives",
                  pid ? "process " + std::to_string(*pid) + " is gone" : "names no process",
                  std::string("useradd and passwd wait for it in vain: rm ") + path});
  }
}

void checkAuditLog(const Host& host, Findings& findings) {
  findings.checked();
  const auto names = host.list(kAuditDirectory);
  if (!names.ok()) return findings.unreadable(FindingKind::HOST, kAuditDirectory, names.error());
  std::string last;
  for (const auto& name : names.value())
    if (parseSegmentName(name)) last = std::max(last, name);
  if (last.empty()) return;  // nothing was ever done
  const auto path = std::string(kAuditDirectory) + "/" + last;
  const auto content = host.readFile(path);
  if (!content.ok()) return findings.unreadable(FindingKind::HOST, path, content.error());
  // The agent may be writing: a line without its end is not looked at.
  const auto end = content->rfind('\n');
  if (end == std::string::npos) return;
  const auto before = end == 0 ? std::string::npos : content->rfind('\n', end - 1);
  const auto start = before == std::string::npos ? 0 : before + 1;
  const auto link = readLink(std::string_view(*content).substr(start, end - start));
  if (link && link->intact) return;
  findings.add({FindingKind::HOST, path, FindingCode::AUDIT_LOG, "a last record that proves itself",
                link ? "its hash does not fit" : "not of the written form",
                "bulkhead audit verify says where the chain breaks"});
}

void checkUnits(const Host& host, Findings& findings) {
  const auto states =
      systemd::showAll(host, {kUnits.begin(), kUnits.end()}, {"LoadState", "ActiveState"});
  if (!states.ok()) return findings.unreadable(FindingKind::HOST, "systemd", states.error());
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    findings.checked();
    const auto active = states.value()[i].find("ActiveState");
    if (active == states.value()[i].end() || active->second != "failed") continue;
    findings.add({FindingKind::HOST, kUnits.at(i), FindingCode::UNIT_FAILED, "it runs", "failed",
                  std::string("systemctl status ") + kUnits.at(i)});
  }
}

}  // namespace bulkhead::agent
