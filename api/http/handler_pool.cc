// The threads that run handlers.
#include "api/http/handler_pool.h"

#include <pthread.h>

#include <utility>

namespace bulkhead::api {

void HandlerPool::start() {
  const auto spawn = [this](Lane lane, const char* name, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      threads_.emplace_back([this, lane, name] {
        (void)::pthread_setname_np(::pthread_self(), name);  // ignoring: a name is only for people
        run(stateOf(lane));
      });
    }
  };
  spawn(Lane::kWorker, "api-worker", sizes_.workers);
  spawn(Lane::kWaiting, "api-waiting", sizes_.waiting);
  spawn(Lane::kScript, "api-script", sizes_.scripts);
}

bool HandlerPool::submit(Lane lane, Task task) {
  LaneState& state = stateOf(lane);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_ || state.queue.size() >= sizes_.queued) return false;
    state.queue.push_back(std::move(task));
  }
  state.ready.notify_one();
  return true;
}

void HandlerPool::run(LaneState& lane) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    lane.ready.wait(lock, [this, &lane] { return stopped_ || !lane.queue.empty(); });
    if (stopped_) return;
    Task task = std::move(lane.queue.front());
    lane.queue.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds is freed outside the lock, too
    lock.lock();
  }
}

void HandlerPool::stop() {
  std::array<std::deque<Task>, 3> dropped;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      dropped[i].swap(lanes_[i].queue);
  }
  for (LaneState& lane : lanes_)
    lane.ready.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
}

}  // namespace bulkhead::api
