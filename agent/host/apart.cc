#include "agent/host/apart.h"

namespace bulkhead::agent {
namespace {

// systemd ends the unit first, and so says what happened.
constexpr std::chrono::milliseconds kMargin{5000};

// What none of them needs. systemd 252 refuses nothing of this for a unit of root's.
constexpr std::array kCommon{
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "PrivateIPC=yes",
    "PrivateMounts=yes",
    "ProtectHostname=yes",
    "ProtectClock=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallArchitectures=native",
    "KeyringMode=private",
    "UMask=0077",
    "TasksMax=64",
    "MemoryMax=512M",
    "LimitCORE=0",
    "TimeoutStopSec=5",
    "InaccessiblePaths=-/root -/boot -/run/docker.sock -/run/containerd -/run/bulkhead"};

// Of ufw and the iptables that it starts: rules in the kernel (CAP_NET_RAW for the older kind of
// iptables, which an administrator may have chosen), its own files, and its locks in /run. It
// belongs to root, so it needs no right over files. It sets values of the kernel when it is
// enabled, hence no ProtectKernelTunables.
constexpr std::array kUfw{
    "CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW",
    "ReadWritePaths=/etc/ufw /run",
    "ReadWritePaths=-/etc/default/ufw -/lib/ufw -/var/lib/ufw",
    "ProtectHome=yes",
    "RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6",
    "IPAddressDeny=any",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@resources @clock @cpu-emulation @debug @module @mount @obsolete @raw-io",
    "SystemCallErrorNumber=EPERM"};

// Of bulkhead-quota: it opens a directory that may be closed to others, and makes one system call
// on it. The kernel refuses limits through a mount that is read-only, hence ReadWritePaths. No
// family of addresses at all ("none") is something that only unit files can say.
constexpr std::array kQuota{
    "CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_READ_SEARCH",
    "ProtectKernelTunables=yes",
    "ReadWritePaths=/home",
    "PrivateNetwork=yes",
    "RestrictAddressFamilies=AF_UNIX",
    "IPAddressDeny=any",
    "SystemCallFilter=@system-service quotactl quotactl_fd",
    "SystemCallFilter=~@resources @clock @cpu-emulation @debug @module @mount @obsolete @raw-io",
    "SystemCallErrorNumber=EPERM"};

template <std::size_t kCount>
void addAll(const std::array<const char*, kCount>& properties, std::vector<std::string>& settings) {
  for (const char* property : properties)
    settings.push_back(std::string("--property=") + property);
}

}  // namespace

std::optional<TransientUnit> unitApart(const Command& command, const std::string& path) {
  TransientUnit unit;
  addAll(kCommon, unit.settings);
  switch (command.program) {
    case Program::kUfw:
      unit.name = "bulkhead-ufw";
      addAll(kUfw, unit.settings);
      break;
    case Program::kQuota:
      unit.name = "bulkhead-quota";
      addAll(kQuota, unit.settings);
      break;
    case Program::kSystemctl:
    case Program::kSystemdRun:
    case Program::kNginx:
      return std::nullopt;
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(command.timeLimit).count();
  unit.settings.push_back("--property=RuntimeMaxSec=" + std::to_string(seconds));
  unit.settings.emplace_back("--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin");
  unit.settings.emplace_back("--setenv=LC_ALL=C.UTF-8");
  unit.program = path;
  unit.arguments = command.arguments;
  unit.timeLimit = command.timeLimit + kMargin;
  return unit;
}

}  // namespace bulkhead::agent
