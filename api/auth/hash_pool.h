// HashPool: argon2id with a bounded number at a time, because each takes tens of megabytes and a
// whole core. Who comes when the queue is full is sent away instead of waiting.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/auth/pepper.h"
#include "common/core/result.h"

namespace bulkhead::api {

// OWASP's and ASVS's parameters for argon2id: m = 46 MiB, t = 1 at least; we take t = 2.
struct HashCost {
  unsigned long long passes = 2;
  std::size_t memoryBytes = 46U * 1024U * 1024U;
};

// Stands before the '$' that argon2's own form begins with.
inline constexpr std::string_view kPeppered = "hmac-sha256";

class HashPool {
 public:
  static constexpr std::size_t kAtOnce = 2;  // 92 MiB; the machine keeps a core for everything else
  static constexpr std::size_t kQueued = 16;  // about two seconds of waiting

  explicit HashPool(HashCost cost = {},
                    std::optional<Pepper> pepper = {},
                    std::size_t atOnce = kAtOnce,
                    std::size_t queued = kQueued);

  // The encoded hash with salt and parameters, and a word in front when there is a pepper. kBusy
  // when the queue is full, kUnavailable without memory.
  Result<std::string> hash(const std::string& password);
  Result<bool> verify(const std::string& encoded, const std::string& password);
  // True when the hash was made with other parameters than today's, or without the pepper.
  bool isOutdated(const std::string& encoded) const;

 private:
  class Slot;
  Result<Ok> enter();
  void leave();

  HashCost cost_;
  std::optional<Pepper> pepper_;
  std::size_t atOnce_;
  std::size_t queued_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::size_t running_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace bulkhead::api
