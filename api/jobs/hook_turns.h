// HookTurns: how many of the host's scripts may run at once, and one at a time for whom they are
// about. The agent would let the second one wait, and a thread of ours with it.
#pragma once
#include <cstddef>
#include <mutex>
#include <set>
#include <string>

namespace bulkhead::api {

class HookTurns {
 public:
  explicit HookTurns(std::size_t atOnce) : atOnce_(atOnce) {}

  // A guess: somebody else may be faster.
  bool isFree(const std::string& about) const {
    const std::lock_guard lock(mutex_);
    return running_.size() < atOnce_ && !running_.contains(about);
  }

  // A turn, if there is one; given back at the end.
  class Turn {
   public:
    Turn(HookTurns& turns, const std::string& about) : turns_(turns), about_(about) {
      const std::lock_guard lock(turns_.mutex_);
      taken_ = turns_.running_.size() < turns_.atOnce_ && turns_.running_.insert(about_).second;
    }
    ~Turn() {
      const std::lock_guard lock(turns_.mutex_);
      if (taken_) turns_.running_.erase(about_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    explicit operator bool() const { return taken_; }

   private:
    HookTurns& turns_;
    const std::string about_;
    bool taken_ = false;
  };

 private:
  const std::size_t atOnce_;
  mutable std::mutex mutex_;
  std::set<std::string> running_;
};

}  // namespace bulkhead::api
