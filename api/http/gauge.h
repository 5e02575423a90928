// ConnectionGauge: how many connections are open, with a cap. Thread-safe.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
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

  // A place whatever the cap says; it counts like the others.
  Slot force() {
    const std::lock_guard<std::mutex> lock(mutex_);
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

// UidGauge: how many connections each user has open, with one cap for every user. Thread-safe.
class UidGauge {
 public:
  // 0 = no cap. Root is never refused: it could not be kept out anyhow.
  explicit UidGauge(std::size_t mostOfEach) : most_(mostOfEach) {}

  class Slot {
   public:
    Slot() = default;
    Slot(UidGauge* gauge, uid_t uid) : gauge_(gauge), uid_(uid), taken_(true) {}
    Slot(Slot&& other) noexcept
        : gauge_(std::exchange(other.gauge_, nullptr)), uid_(other.uid_), taken_(other.taken_) {}
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      if (gauge_) gauge_->release(uid_);
    }
    bool taken() const { return taken_; }

   private:
    UidGauge* gauge_ = nullptr;  // nullptr: nothing to give back
    uid_t uid_ = 0;
    bool taken_ = false;
  };

  Slot acquire(uid_t uid) {
    if (most_ == 0 || uid == 0) return Slot(nullptr, uid);
    const std::lock_guard<std::mutex> lock(mutex_);
    std::size_t& open = open_[uid];
    if (open >= most_) return Slot();
    ++open;
    return Slot(this, uid);
  }

 private:
  // Only users with a connection have an entry, so there are never more than connections.
  void release(uid_t uid) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = open_.find(uid);
    if (--found->second == 0) open_.erase(found);
  }

  std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<uid_t, std::size_t> open_;
};

}  // namespace bulkhead::api
