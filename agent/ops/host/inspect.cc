// host.inspect: what this host is and offers. A part that cannot be read is left empty: a report
// that fails tells nothing at all.
#include <array>
#include <charconv>
#include <string>

#include "agent/host/quota.h"
#include "agent/host/systemd.h"
#include "agent/ops/op.h"

namespace bulkhead::agent {
namespace {

constexpr std::array<const char*, 6> kServices = {
    "nginx", "ufw", "named", "bulkhead-gateway", "bulkhead-api", "mariadb"};
constexpr std::uint64_t kKib = 1024;  // what /proc/meminfo calls kB

struct InspectHost {
  static constexpr auto kMethod = "hostInspect";
  using Params = rpc::Nothing;
  using Reply = rpc::HostReport;
  struct Plan {};
  static Result<Plan> check(Params::Reader /*in*/, const Host& /*host*/) { return Plan{}; }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
};

std::string read(const Host& host, const char* path) {
  auto text = host.readFile(path);
  return text.ok() ? std::move(text).value() : std::string();
}

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// The rest of the line that starts with `key`, without spaces around and quotes.
std::string valueOf(const std::string& text, const std::string& key) {
  auto at = ("\n" + text).find("\n" + key);
  if (at == std::string::npos) return "";
  const auto end = std::min(text.find('\n', at), text.size());
  auto value = text.substr(at + key.size(), end - at - key.size());
  const auto first = value.find_first_not_of(" \t\"");
  if (first == std::string::npos) return "";
  return value.substr(first, value.find_last_not_of(" \t\"") - first + 1);
}

template <typename T>
T leadingNumber(const std::string& text) {
  T value{};
  (void)std::from_chars(text.data(), text.data() + text.size(),
                        value);  // ignoring: 0 when there is none
  return value;
}

bool exists(const Host& host, const char* path) { return host.inspect(path).ok(); }

const char* cgroups(const Host& host) {
  if (exists(host, "/sys/fs/cgroup/cgroup.controllers")) return "v2";
  if (exists(host, "/sys/fs/cgroup/unified/cgroup.controllers")) return "hybrid";
  return exists(host, "/sys/fs/cgroup") ? "v1" : "";
}

std::uint32_t cpuCount(const std::string& cpuinfo) {
  std::uint32_t count = 0;
  for (std::size_t at = 0; (at = cpuinfo.find("processor\t", at)) != std::string::npos; ++at)
    if (at == 0 || cpuinfo[at - 1] == '\n') ++count;
  return count;
}

std::string serviceState(const Host& host, const char* name) {
  const auto state = systemd::unitState(host, std::string(name) + ".service");
  if (!state.ok()) return "unknown";
  return state->isKnown() ? state->active : "absent";
}

Result<Ok> InspectHost::answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
  out.setHostname(firstLine(read(host, "/proc/sys/kernel/hostname")));
  out.setKernel(firstLine(read(host, "/proc/sys/kernel/osrelease")));
  out.setOs(valueOf(read(host, "/usr/lib/os-release"), "PRETTY_NAME="));
  out.setVersion(BULKHEAD_VERSION);
  out.setCgroups(cgroups(host));
  const auto homes = host.fileSystem("/home");
  if (homes.ok()) {
    out.setProjectQuotas(quota::isSupported(*homes));
    out.setDiskFreeBytes(homes->freeBytes);
    out.setDiskTotalBytes(homes->totalBytes);
  }
  auto services = out.initServices(static_cast<unsigned>(kServices.size()));
  for (unsigned i = 0; i < services.size(); ++i) {
    services[i].setName(kServices.at(i));
    services[i].setState(serviceState(host, kServices.at(i)));
  }
  const auto memory = read(host, "/proc/meminfo");
  out.setMemoryTotalBytes(leadingNumber<std::uint64_t>(valueOf(memory, "MemTotal:")) * kKib);
  out.setMemoryAvailableBytes(leadingNumber<std::uint64_t>(valueOf(memory, "MemAvailable:")) *
                              kKib);
  out.setCpus(cpuCount(read(host, "/proc/cpuinfo")));
  out.setLoadPercent(
      static_cast<std::uint32_t>(leadingNumber<double>(read(host, "/proc/loadavg")) * 100));
  return Ok{};
}

}  // namespace

OpEntry hostInspect() { return entryFor<InspectHost>(); }

}  // namespace bulkhead::agent
