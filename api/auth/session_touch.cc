// The thread that writes when sessions and tokens were used last.
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
  note(&Noted::sessions, sessionId, Use{usedAt, ""});
}

void SessionTouch::noteToken(const std::string& tokenId,
                             std::int64_t usedAt,
                             const std::string& address) {
  note(&Noted::tokens, tokenId, Use{usedAt, address});
}

void SessionTouch::note(Uses Noted::*which, const std::string& id, Use use) {
  {
    const std::lock_guard lock(mutex_);
    if (running_) {
      Uses& noted = noted_.*which;
      if (noted.size() < kNotedMax) noted.insert_or_assign(id, std::move(use));
      changed_.notify_one();
      return;
    }
  }
  Noted one;
  (one.*which).emplace(id, std::move(use));
  write(one);
}

void SessionTouch::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !running_ || !noted_.empty(); });
    const bool last = !running_;
    const Noted noted = std::exchange(noted_, {});
    lock.unlock();
    write(noted);
    lock.lock();
    if (last) return;
  }
}

void SessionTouch::write(const Noted& noted) {
  // Ignoring a failure: the session ends earlier, and the next request notes it again.
  for (const auto& [sessionId, use] : noted.sessions)
    (void)store_.touchSession(sessionId, use.at);
  for (const auto& [tokenId, use] : noted.tokens)
    (void)store_.touchApiToken(tokenId, use.at, use.address);
}

}  // namespace bulkhead::api
