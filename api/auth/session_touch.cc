// The thread that writes when sessions were used last.
#include "api/auth/session_touch.h"

#include <pthread.h>

#include <utility>

namespace bulkhead::api {
namespace {

// More sessions in use within the time of one write are not kept track of: their next request is.
constexpr std::size_t kNotedMax = 1024;

}  // namespace

void SessionTouch::start() {
  running_ = true;
  thread_ = std::thread([this] {
    (void)::pthread_setname_np(::pthread_self(),
                               "api-sessions");  // ignoring: a name is only for people
    run();
  });
}

void SessionTouch::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SessionTouch::note(const std::string& sessionId, std::int64_t usedAt) {
  {
    const std::lock_guard lock(mutex_);
    if (running_) {
      if (noted_.size() < kNotedMax) noted_.insert_or_assign(sessionId, usedAt);
      changed_.notify_one();
      return;
    }
  }
  write(sessionId, usedAt);
}

void SessionTouch::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !running_ || !noted_.empty(); });
    const bool last = !running_;
    const auto noted = std::exchange(noted_, {});
    lock.unlock();
    for (const auto& [sessionId, usedAt] : noted)
      write(sessionId, usedAt);
    lock.lock();
    if (last) return;
  }
}

void SessionTouch::write(const std::string& sessionId, std::int64_t usedAt) {
  // Ignoring a failure: the session ends earlier, and its next request notes it again.
  (void)store_.touchSession(sessionId, usedAt);
}

}  // namespace bulkhead::api
