#include "api/usecases/ticker.h"

#include <pthread.h>

#include <exception>

#include "common/log/log.h"

namespace bulkhead::api {

void Ticker::start() {
  stopping_ = false;
  thread_ = std::thread([this] {
    (void)::pthread_setname_np(::pthread_self(), name_.c_str());  // ignoring: only for people
    run();
  });
}

void Ticker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Ticker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      work_();
    } catch (const std::exception&) {  // a fault of ours must not end the panel
      logLine(LogLevel::kError, "fault in work that is done again and again", {{"what", name_}});
    }
    lock.lock();
    woken_.wait_for(lock, every_, [this] { return stopping_; });
  }
}

}  // namespace bulkhead::api
