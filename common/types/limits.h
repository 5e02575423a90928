// Limits of an account as the kernel and the file system know them. 0 = unlimited everywhere.
#pragma once
#include <cstdint>

#include "common/core/result.h"

namespace bulkhead {

// Of the disk that holds the home directories.
struct IoLimits {
  std::uint64_t readBytesPerSecond = 0;
  std::uint64_t writeBytesPerSecond = 0;
  std::uint64_t readOpsPerSecond = 0;
  std::uint64_t writeOpsPerSecond = 0;

  // Refuses what would make the account unusable or cannot be expressed: under 1 MiB/s or under 20
  // operations a second, over 1 TiB/s or over 1,000,000,000 operations a second.
  static Result<IoLimits> check(const IoLimits& wanted);
  bool none() const { return *this == IoLimits{}; }
  bool operator==(const IoLimits&) const = default;
};

struct ResourceLimits {
  std::uint32_t cpuPercent = 0;  // 100 = one CPU
  std::uint64_t memoryBytes = 0;
  std::uint32_t tasks = 0;
  IoLimits io = {};
  bool operator==(const ResourceLimits&) const = default;

  // Refuses what would make the account unusable or cannot be expressed: under 32 MiB, under 16
  // tasks, over 100,000 % CPU.
  static Result<ResourceLimits> check(std::uint32_t cpuPercent,
                                      std::uint64_t memoryBytes,
                                      std::uint32_t tasks,
                                      const IoLimits& io = {});
};

// A port that one account may open: Linux's ephemeral range, away from every well-known service.
class AccountPort {
 public:
  static constexpr std::uint16_t kFirst = 32768;
  static constexpr std::uint16_t kLast = 60999;
  static Result<AccountPort> parse(std::uint32_t number);
  std::uint16_t number() const { return number_; }

 private:
  explicit AccountPort(std::uint16_t number) : number_(number) {}
  std::uint16_t number_;
};

}  // namespace bulkhead
