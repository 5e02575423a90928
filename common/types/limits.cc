#include "common/types/limits.h"

namespace bulkhead {
namespace {
constexpr std::uint32_t kCpuPercentMax = 100000;         // 1,000 CPUs: above it is a mistake
constexpr std::uint64_t kMemoryMinBytes = 32ULL << 20U;  // an engine does not start below
constexpr std::uint64_t kMemoryMaxBytes = 1ULL << 46U;   // 64 TiB: keeps every sum inside 63 bits
constexpr std::uint32_t kTasksMin = 16;
constexpr std::uint32_t kTasksMax = 4194304;  // the kernel's pid_max
constexpr std::uint64_t kIoBytesMin = 1ULL
                                      << 20U;  // below, a container's image does not load in time
constexpr std::uint64_t kIoBytesMax = 1ULL << 40U;  // no disk is faster: above it is a mistake
constexpr std::uint64_t kIoOpsMin = 20;
constexpr std::uint64_t kIoOpsMax = 1'000'000'000;  // the kernel counts them in 32 bits

Result<Ok> checkRate(
    std::uint64_t rate, std::uint64_t min, std::uint64_t max, const char* why, const char* field) {
  if (rate != 0 && (rate < min || rate > max)) return Error{Code::kInvalidArgument, why, field};
  return Ok{};
}
}  // namespace

Result<IoLimits> IoLimits::check(const IoLimits& wanted) {
  constexpr const char* kBytes = "I/O: 0 (unlimited) or 1 MiB to 1 TiB a second";
  constexpr const char* kOps = "I/O: 0 (unlimited) or 20 to 1000000000 operations a second";
  TRY(checkRate(wanted.readBytesPerSecond, kIoBytesMin, kIoBytesMax, kBytes,
                "io_read_bytes_per_second"));
  TRY(checkRate(wanted.writeBytesPerSecond, kIoBytesMin, kIoBytesMax, kBytes,
                "io_write_bytes_per_second"));
  TRY(checkRate(wanted.readOpsPerSecond, kIoOpsMin, kIoOpsMax, kOps, "io_read_ops_per_second"));
  TRY(checkRate(wanted.writeOpsPerSecond, kIoOpsMin, kIoOpsMax, kOps, "io_write_ops_per_second"));
  return wanted;
}

Result<ResourceLimits> ResourceLimits::check(std::uint32_t cpuPercent,
                                             std::uint64_t memoryBytes,
                                             std::uint32_t tasks,
                                             const IoLimits& io) {
  if (cpuPercent > kCpuPercentMax)
    return Error{Code::kInvalidArgument, "cpu: at most 100000 percent", "cpu_percent"};
  if (memoryBytes != 0 && (memoryBytes < kMemoryMinBytes || memoryBytes > kMemoryMaxBytes))
    return Error{Code::kInvalidArgument, "memory: 0 (unlimited) or 32 MiB to 64 TiB",
                 "memory_bytes"};
  if (tasks != 0 && (tasks < kTasksMin || tasks > kTasksMax))
    return Error{Code::kInvalidArgument, "tasks: 0 (unlimited) or 16 to 4194304", "tasks"};
  TRY(IoLimits::check(io));
  return ResourceLimits{cpuPercent, memoryBytes, tasks, io};
}

Result<AccountPort> AccountPort::parse(std::uint32_t number) {
  if (number < kFirst || number > kLast)
    return Error{Code::kInvalidArgument, "port: 32768 to 60999", "port"};
  return AccountPort(static_cast<std::uint16_t>(number));
}

}  // namespace bulkhead
