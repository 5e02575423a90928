// ConnectionGauge: how many connections are open, with a cap. Thread-safe.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace bulkhead::api {

class ConnectionGauge {
 public:
  explicit ConnectionGauge(std::size_t most) : most_(most) {}

  // One place; gives it back when destroyed. The gauge must outlive it.
  class Slot {
   public:
    explicit Slot(ConnectionGauge* gauge) : gauge_(gauge) {}
    Slot(Slot&& other) noexcept : gauge_(std::exchange(other.gauge_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      if (gauge_) gauge_->release();
    }
    bool taken() const { return gauge_ != nullptr; }

   private:
    ConnectionGauge* gauge_;
  };

  // A slot with taken() == false when the cap is reached.
  Slot acquire() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (open_ >= most_) return Slot(nullptr);
    ++open_;
    return Slot(this);
  }

  std::size_t open() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return open_;
  }

  // True when no connection is left before the time is over.
  bool waitUntilEmpty(std::chrono::milliseconds most) {
    std::unique_lock<std::mutex> lock(mutex_);
    return empty_.wait_for(lock, most, [this] { return open_ == 0; });
  }

 private:
  void release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    // Notified under the lock: whoever waits may destroy the gauge as soon as it sees 0.
    if (--open_ == 0) empty_.notify_all();
  }

  std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t open_ = 0;
};

}  // namespace bulkhead::api
