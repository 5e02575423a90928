// KeptAnswer: what many ask for and only one of them fetches at a time, for answers that take long
// when whoever gives them hangs.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "common/core/clock.h"

namespace bulkhead {

template <typename T>
class KeptAnswer {
 public:
  struct Terms {
    std::int64_t oldMicros;  // what is kept is given no longer than this, also while one asks
    std::chrono::milliseconds patience;  // for the one who asks, when nothing can be given
  };
  KeptAnswer(Terms terms, const Clock& clock) : terms_(terms), clock_(clock) {}

  // What is kept, when isFresh(kept, its age in microseconds). Otherwise fetch(what is kept),
  // called without a lock. Who comes meanwhile gets what is kept, or waits for it; nullopt after
  // that.
  template <typename IsFresh, typename Fetch>
  std::optional<T> get(const IsFresh& isFresh, const Fetch& fetch) {
    std::unique_lock lock(mutex_);
    if (kept_.has_value() && isFresh(*kept_, age())) return kept_;
    if (asking_) {
      answered_.wait_for(lock, terms_.patience, [this] { return mayBeGiven() || !asking_; });
      return mayBeGiven() ? kept_ : std::nullopt;
    }
    asking_ = true;
    const std::optional<T> before = kept_;
    lock.unlock();
    try {
      T fetched = fetch(before);
      lock.lock();
      kept_ = std::move(fetched);
      keptAt_ = clock_.nowMicros();
    } catch (...) {  // the next one may ask
      if (!lock.owns_lock()) lock.lock();
      asking_ = false;
      answered_.notify_all();
      throw;
    }
    asking_ = false;
    answered_.notify_all();
    return kept_;
  }

 private:
  // A clock that was set back makes nothing fresh.
  std::int64_t age() const {
    const std::int64_t age = clock_.nowMicros() - keptAt_;
    return age >= 0 ? age : INT64_MAX;
  }
  bool mayBeGiven() const { return kept_.has_value() && age() < terms_.oldMicros; }

  const Terms terms_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable answered_;
  bool asking_ = false;
  std::optional<T> kept_;
  std::int64_t keptAt_ = 0;
};

}  // namespace bulkhead
