// The slice of an account: how limits become a unit file, and how they are read back from systemd
// and from the kernel.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "agent/host/systemd.h"

namespace bulkhead::agent::systemd {
namespace {

constexpr std::uint64_t kPageBytes = 4096;  // the kernel rounds a memory limit down to whole pages
constexpr const char* kCgroupRoot = "/sys/fs/cgroup";

// One I/O limit: its name in a unit, in a line of cgroup v2's io.max, and its file in v1.
struct IoKind {
  const char* property;
  std::string_view key;
  const char* v1File;
  std::uint64_t IoLimits::*value;
};
constexpr std::array<IoKind, 4> kIoKinds = {
    {{"IOReadBandwidthMax", "rbps", "blkio.throttle.read_bps_device",
      &IoLimits::readBytesPerSecond},
     {"IOWriteBandwidthMax", "wbps", "blkio.throttle.write_bps_device",
      &IoLimits::writeBytesPerSecond},
     {"IOReadIOPSMax", "riops", "blkio.throttle.read_iops_device", &IoLimits::readOpsPerSecond},
     {"IOWriteIOPSMax", "wiops", "blkio.throttle.write_iops_device",
      &IoLimits::writeOpsPerSecond}}};
// systemd finds the disk below it.
constexpr const char* kIoPath = "/home";

std::string orUnlimited(std::uint64_t value, const std::string& unlimited) {
  return value == 0 ? unlimited : std::to_string(value);
}

std::string ioText(const IoLimits& limits) {
  std::string text;
  for (const auto& kind : kIoKinds)
    text += std::string(kind.property) + "=" + kIoPath + " " +
            orUnlimited(limits.*kind.value, "infinity") + "\n";
  return text;
}

bool namesDisk(std::string_view unit) {
  return unit.find(kIoKinds.front().property) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  return text;
}

// "infinity", "max" and v1's "-1" are no limit, as 0 is in ResourceLimits.
std::optional<std::uint64_t> number(std::string_view text) {
  text = trimmed(text);
  if (text == "infinity" || text == "max" || text == "-1" || text == "18446744073709551615")
    return 0;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct TimeUnit {
  std::string_view name;
  double micros;
};
constexpr std::array<TimeUnit, 9> kTimeUnits = {{{"us", 1.0},
                                                 {"ms", 1e3},
                                                 {"s", 1e6},
                                                 {"min", 6e7},
                                                 {"h", 3.6e9},
                                                 {"d", 8.64e10},
                                                 {"w", 6.048e11},
                                                 {"month", 2.6298e12},
                                                 {"y", 3.15576e13}}};

// systemd prints CPU time per second as a time span: "500ms", "1s", "2min 30s"; 1 s is 100 %.
std::optional<std::uint64_t> percentFromTimeSpan(std::string_view text) {
  if (text == "infinity") return 0;
  double micros = 0;
  while (!text.empty()) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto name = text.substr(0, text.find(' '));
    const auto* const unit = std::find_if(kTimeUnits.begin(), kTimeUnits.end(),
                                          [name](const TimeUnit& u) { return u.name == name; });
    if (unit == kTimeUnits.end()) return std::nullopt;
    micros += value * unit->micros;
    text.remove_prefix(name.size());
    if (!text.empty()) text.remove_prefix(1);
  }
  return static_cast<std::uint64_t>(micros / 1e4 + 0.5);
}

struct Expected {
  std::string what;
  std::uint64_t wanted = 0;
  std::optional<std::uint64_t> found;  // nullopt: not readable as a number
};

Result<std::string> compare(const std::string& where, const std::vector<Expected>& all) {
  std::string detail;
  for (const auto& one : all) {
    if (one.found != one.wanted)
      return Error{Code::kInternal,
                   where + ": " + one.what + " is " +
                       (one.found ? orUnlimited(*one.found, "unlimited") : "unreadable") +
                       ", wanted " + orUnlimited(one.wanted, "unlimited"),
                   ""};
    detail += (detail.empty() ? "" : ", ") + one.what + " " + orUnlimited(*one.found, "unlimited");
  }
  return detail;
}

std::optional<std::string> readAny(const Host& host, const std::vector<std::string>& paths) {
  for (const auto& path : paths)
    if (auto text = host.readFile(path); text.ok()) return std::string(trimmed(text.value()));
  return std::nullopt;
}

// v2's cpu.max is "QUOTA PERIOD" or "max PERIOD"; v1 has one file for each.
std::optional<std::uint64_t> cpuPercent(std::string_view quota, std::string_view period) {
  const auto quotaMicros = number(quota);
  const auto periodMicros = number(period);
  if (!quotaMicros || !periodMicros || *periodMicros == 0) return std::nullopt;
  return *quotaMicros * 100 / *periodMicros;
}

// v1 has no word for "no memory limit": it is the largest page-aligned number.
std::optional<std::uint64_t> memoryBytes(std::string_view text) {
  const auto value = number(text);
  return value && *value >= (1ULL << 62U) ? 0 : value;
}

// What of the three controllers has files for this control group. A controller that this host does
// not offer cannot be asked.
std::vector<Expected> kernelLimits(const Host& host,
                                   const std::string& group,
                                   const ResourceLimits& limits) {
  const auto under = [&group](const std::string& controller, const std::string& file) {
    return std::string(kCgroupRoot) + controller + group + "/" + file;
  };
  std::vector<Expected> all;
  if (const auto text = readAny(host, {under("", "cpu.max")})) {
    const auto space = text->find(' ');
    if (space != std::string::npos)
      all.push_back({"cpu %", limits.cpuPercent,
                     cpuPercent(text->substr(0, space), text->substr(space + 1))});
  } else if (const auto quota = readAny(host, {under("/cpu,cpuacct", "cpu.cfs_quota_us"),
                                               under("/cpu", "cpu.cfs_quota_us")})) {
    const auto period = readAny(
        host, {under("/cpu,cpuacct", "cpu.cfs_period_us"), under("/cpu", "cpu.cfs_period_us")});
    all.push_back({"cpu %", limits.cpuPercent, cpuPercent(*quota, period.value_or(""))});
  }
  if (const auto text =
          readAny(host, {under("", "memory.max"), under("/memory", "memory.limit_in_bytes")}))
    all.push_back({"memory", limits.memoryBytes / kPageBytes * kPageBytes, memoryBytes(*text)});
  if (const auto text = readAny(host, {under("", "pids.max"), under("/pids", "pids.max")}))
    all.push_back({"tasks", limits.tasks, number(*text)});
  return all;
}

// What follows the last space: "/home 1048576" as systemd prints it, "8:0 1048576" as v1 does.
std::optional<std::uint64_t> lastNumber(std::string_view line) {
  const auto space = line.rfind(' ');
  return number(space == std::string_view::npos ? line : line.substr(space + 1));
}

std::vector<Expected> saidIoLimits(std::map<std::string, std::string>& properties,
                                   const IoLimits& limits) {
  std::vector<Expected> all;
  for (const auto& kind : kIoKinds) {
    const auto& said = properties[kind.property];
    if (limits.*kind.value == 0 && said.empty()) continue;
    all.push_back({kind.property, limits.*kind.value,
                   said.empty() ? std::optional<std::uint64_t>(0) : lastNumber(said)});
  }
  return all;
}

// "8:0 rbps=1048576 wbps=max riops=max wiops=max": one device, for only one is named.
std::optional<std::uint64_t> ioMax(std::string_view line, std::string_view key) {
  const std::string wanted = " " + std::string(key) + "=";
  const auto at = line.find(wanted);
  if (at == std::string_view::npos) return std::nullopt;
  const auto value = line.substr(at + wanted.size());
  return number(value.substr(0, value.find(' ')));
}

// Empty: the kernel has no line for the disk, so it holds nothing.
std::vector<Expected> kernelIoLimits(const Host& host,
                                     const std::string& group,
                                     const IoLimits& limits) {
  std::vector<Expected> all;
  const auto v2 = readAny(host, {std::string(kCgroupRoot) + group + "/io.max"});
  for (const auto& kind : kIoKinds) {
    if (limits.*kind.value == 0) continue;
    if (v2) {
      if (!v2->empty()) all.push_back({kind.property, limits.*kind.value, ioMax(*v2, kind.key)});
      continue;
    }
    const auto v1 =
        readAny(host, {std::string(kCgroupRoot) + "/blkio" + group + "/" + kind.v1File});
    if (v1 && !v1->empty()) all.push_back({kind.property, limits.*kind.value, lastNumber(*v1)});
  }
  return all;
}

// A host whose kernel cannot hold I/O limits still hosts, as one without project quotas does; the
// evidence says so.
Result<Proof> proveIo(const Host& host,
                      const std::string& slice,
                      const std::string& group,
                      const IoLimits& limits) {
  if (limits.none()) return Proof{};
  const auto kernel = kernelIoLimits(host, group, limits);
  if (kernel.empty())
    return Proof{{"kernel I/O limits",
                  std::string("not held: this host's kernel limits no disk below ") + kIoPath}};
  TRY_ASSIGN(auto held, compare("kernel: " + slice, kernel));
  return Proof{{"kernel I/O limits", std::move(held)}};
}

}  // namespace

// MemoryMax= is what systemd also writes to cgroup v1's memory.limit_in_bytes, so that one file
// serves both hierarchies.
std::string sliceText(const Identity& who, const ResourceLimits& limits) {
  return "# Written by bulkhead-agent; set limits with bulkhead, not here.\n"
         "[Unit]\n"
         "Description=Hosting account " +
         who.username +
         "\n\n"
         "[Slice]\n"
         "CPUQuota=" +
         (limits.cpuPercent == 0 ? "" : std::to_string(limits.cpuPercent) + "%") +
         "\n"
         "MemoryMax=" +
         orUnlimited(limits.memoryBytes, "infinity") +
         "\n"
         "TasksMax=" +
         orUnlimited(limits.tasks, "infinity") + "\n" +
         (limits.io.none() ? "" : ioText(limits.io));  // without, no controller is asked for
}

std::string slicePath(uid_t uid) { return std::string(kUnitDirectory) + "/" + sliceName(uid); }

std::string sliceName(uid_t uid) { return "bulkhead-account-" + std::to_string(uid) + ".slice"; }

Result<Ok> ensureSlice(Host& host, const Identity& who, const ResourceLimits& limits) {
  const auto name = sliceName(who.uid);
  const auto path = slicePath(who.uid);
  const auto text = sliceText(who, limits);
  // systemd resets in the kernel only what a unit still names: a limit is said to be none before
  // nothing is said of it.
  const auto before = host.readFile(path);
  if (before.ok() && namesDisk(*before) && !namesDisk(text))
    TRY(ensureUnitFile(host, name, path, text + ioText({})));
  TRY(ensureUnitFile(host, name, path, text));
  return start(host, sliceName(who.uid));
}

Result<Ok> removeSlice(Host& host, const Identity& who) {
  TRY(stop(host, sliceName(who.uid)));
  return removeUnitFile(host, sliceName(who.uid), slicePath(who.uid));
}

const std::vector<std::string>& sliceProperties() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"LoadState", "FragmentPath", "CPUQuotaPerSecUSec", "MemoryMax",
                                 "TasksMax",  "ActiveState",  "ControlGroup"};
    for (const auto& kind : kIoKinds)
      all.emplace_back(kind.property);
    return all;
  }();
  return names;
}

Result<Proof> proveSlice(const Host& host, const Identity& who, const ResourceLimits& limits) {
  TRY_ASSIGN(auto properties, show(host, sliceName(who.uid), sliceProperties()));
  return proveSlice(host, who, limits, std::move(properties));
}

Result<Proof> proveSlice(const Host& host,
                         const Identity& who,
                         const ResourceLimits& limits,
                         Properties properties) {
  const auto slice = sliceName(who.uid);
  if (properties["LoadState"] != "loaded" || properties["FragmentPath"] != slicePath(who.uid))
    return Error{Code::kInternal, "systemd: " + slice + " is not loaded from its own file", ""};
  std::vector<Expected> expected{
      {"cpu %", limits.cpuPercent, percentFromTimeSpan(properties["CPUQuotaPerSecUSec"])},
      {"memory", limits.memoryBytes, number(properties["MemoryMax"])},
      {"tasks", limits.tasks, number(properties["TasksMax"])}};
  for (auto& one : saidIoLimits(properties, limits.io))
    expected.push_back(std::move(one));
  TRY_ASSIGN(auto said, compare("systemd: " + slice, expected));
  Proof proof{{"systemd slice", slice + " " + properties["ActiveState"] + ": " + said}};
  const auto group = properties["ControlGroup"];
  if (properties["ActiveState"] != "active" || group.empty()) return proof;
  const auto kernel = kernelLimits(host, group, limits);
  TRY_ASSIGN(auto held, compare("kernel: " + slice, kernel));
  proof.push_back(
      {"kernel limits", kernel.empty() ? "this host offers no controller to the slice" : held});
  TRY_ASSIGN(auto io, proveIo(host, slice, group, limits.io));
  append(proof, std::move(io));
  return proof;
}

Result<Proof> proveNoSlice(const Host& host, const Identity& who) {
  const auto slice = sliceName(who.uid);
  TRY_ASSIGN(const auto state, unitState(host, slice));
  if (state.isActive()) return Error{Code::kInternal, "systemd: " + slice + " is still active", ""};
  const auto file = host.inspect(slicePath(who.uid));
  if (file.ok() || file.error().code != Code::kNotFound)
    return Error{Code::kInternal, "systemd: the file of " + slice + " is still there", ""};
  return Proof{{"systemd slice", slice + " " + state.load + ", " + state.active}};
}

}  // namespace bulkhead::agent::systemd
