#include "common/types/limits.h"

namespace bulkhead {
namespace {
constexpr std::uint32_t kCpuPercentMax = 100000;         // 1,000 CPUs: above it is a mistake
constexpr std::uint64_t kMemoryMinBytes = 32ULL << 20U;  // an engine does not start below
constexpr std::uint64_t kMemoryMaxBytes = 1ULL << 46U;   // 64 TiB: keeps every sum inside 63 bits
constexpr std::uint32_t kTasksMin = 16;
constexpr std::uint32_t kTasksMax = 4194304;  // the kernel's pid_max
}  // namespace

Result<ResourceLimits> ResourceLimits::check(std::uint32_t cpuPercent,
                                             std::uint64_t memoryBytes,
                                             std::uint32_t tasks) {
  if (cpuPercent > kCpuPercentMax)
    return Error{Code::kInvalidArgument, "cpu: at most 100000 percent", "cpu_percent"};
  if (memoryBytes != 0 && (memoryBytes < kMemoryMinBytes || memoryBytes > kMemoryMaxBytes))
    return Error{Code::kInvalidArgument, "memory: 0 (unlimited) or 32 MiB to 64 TiB",
                 "memory_bytes"};
  if (tasks != 0 && (tasks < kTasksMin || tasks > kTasksMax))
    return Error{Code::kInvalidArgument, "tasks: 0 (unlimited) or 16 to 4194304", "tasks"};
  return ResourceLimits{cpuPercent, memoryBytes, tasks};
}

Result<AccountPort> AccountPort::parse(std::uint32_t number) {
  if (number < kFirst || number > kLast)
    return Error{Code::kInvalidArgument, "port: 32768 to 60999", "port"};
  return AccountPort(static_cast<std::uint16_t>(number));
}

}  // namespace bulkhead
