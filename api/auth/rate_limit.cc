// Token buckets.
#include "api/auth/rate_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace bulkhead::api {

RateLimit::Bucket& RateLimit::refreshed(const std::string& key, std::int64_t now) {
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    makeRoom(now);
    found = buckets_.emplace(key, Bucket{full(), now}).first;
  }
  Bucket& bucket = found->second;
  // A clock that was set back must not take tries away, nor give any.
  bucket.credit = std::min(full(), bucket.credit + std::max<std::int64_t>(0, now - bucket.at));
  bucket.at = now;
  return bucket;
}

void RateLimit::makeRoom(std::int64_t now) {
  if (buckets_.size() < kKeysMax) return;
  std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.at >= full(); });
  if (buckets_.size() < kKeysMax) return;
  buckets_.erase(
      std::min_element(buckets_.begin(), buckets_.end(),
                       [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
}

std::optional<int> RateLimit::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = refreshed(key, clock_.nowMicros());
  if (bucket.credit < cost()) {
    const std::int64_t missing = cost() - bucket.credit;
    return static_cast<int>((missing + kMicrosPerSecond - 1) / kMicrosPerSecond);
  }
  bucket.credit -= cost();
  return std::nullopt;
}

void RateLimit::giveBack(const std::string& key) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = refreshed(key, clock_.nowMicros());
  bucket.credit = std::min(full(), bucket.credit + cost());
}

std::size_t RateLimit::keys() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

std::string addressKey(std::string_view address) {
  const std::string text(address);
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  std::array<char, INET6_ADDRSTRLEN> printed{};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    if (inet_ntop(AF_INET, &six.s6_addr[12], printed.data(), printed.size()) == nullptr)
      return text;
    return printed.data();
  }
  std::fill(std::begin(six.s6_addr) + 8, std::end(six.s6_addr), std::uint8_t{0});
  if (inet_ntop(AF_INET6, &six, printed.data(), printed.size()) == nullptr) return text;
  return std::string(printed.data()) + "/64";
}

}  // namespace bulkhead::api
