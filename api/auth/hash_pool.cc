// Bounded argon2id.
#include "api/auth/hash_pool.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace bulkhead::api {
namespace {

const char* withoutWord(const std::string& encoded) {
  return encoded.c_str() + (encoded.starts_with(kPeppered) ? kPeppered.size() : 0);
}

}  // namespace

class HashPool::Slot {
 public:
  explicit Slot(HashPool& pool) : pool_(pool) {}
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() { pool_.leave(); }

 private:
  HashPool& pool_;
};

HashPool::HashPool(HashCost cost,
                   std::optional<Pepper> pepper,
                   std::size_t atOnce,
                   std::size_t queued)
    : cost_(cost), pepper_(std::move(pepper)), atOnce_(atOnce), queued_(queued) {
  // Chooses the fastest code for this processor; harmless when somebody did it before.
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
}

Result<Ok> HashPool::enter() {
  std::unique_lock lock(mutex_);
  if (running_ >= atOnce_) {
    if (waiting_ >= queued_) return Error{Code::kBusy, "too many logins at this moment", ""};
    ++waiting_;
    free_.wait(lock, [this] { return running_ < atOnce_; });
    --waiting_;
  }
  ++running_;
  return Ok{};
}

void HashPool::leave() {
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  free_.notify_one();
}

Result<std::string> HashPool::hash(const std::string& password) {
  TRY(enter());
  const Slot slot(*this);
  const std::string mixed = pepper_ ? pepper_->mixed(password) : password;
  std::array<char, crypto_pwhash_STRBYTES> encoded{};
  const int failed = crypto_pwhash_str_alg(encoded.data(), mixed.data(), mixed.size(), cost_.passes,
                                           cost_.memoryBytes, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return Error{Code::kUnavailable, "not enough memory to hash a password", ""};
  return (pepper_ ? std::string(kPeppered) : "") + encoded.data();
}

Result<bool> HashPool::verify(const std::string& encoded, const std::string& password) {
  TRY(enter());
  const Slot slot(*this);
  const bool peppered = encoded.starts_with(kPeppered);
  // Without its pepper nothing fits; the time is spent all the same.
  const std::string mixed = peppered && pepper_ ? pepper_->mixed(password) : password;
  return crypto_pwhash_str_verify(withoutWord(encoded), mixed.data(), mixed.size()) == 0;
}

bool HashPool::isOutdated(const std::string& encoded) const {
  return encoded.starts_with(kPeppered) != pepper_.has_value() ||
         crypto_pwhash_str_needs_rehash(withoutWord(encoded), cost_.passes, cost_.memoryBytes) != 0;
}

}  // namespace bulkhead::api
