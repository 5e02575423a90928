// HandlerPool: threads that run handlers, so that a slow one never holds up the threads that read
// and write sockets. Lanes with threads and queues of their own: requests that wait for a job, or
// come from users on the host, can not starve the others.
#pragma once
#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bulkhead::api {

enum class Lane {
  kInline,   // on the socket thread itself: only for what never blocks (memory, a local read of
             // microseconds)
  kWorker,   // anything else
  kWaiting,  // the caller asked to wait for a job
  kScript,   // the control panel interface: documents of many megabytes, asked for by any user
};

class HandlerPool {
 public:
  using Task = std::function<void()>;  // must not throw

  struct Sizes {
    std::size_t workers;
    std::size_t waiting;
    std::size_t queued;  // per lane
    std::size_t scripts = 0;
  };

  explicit HandlerPool(const Sizes& sizes) : sizes_(sizes) {}
  HandlerPool(const HandlerPool&) = delete;
  HandlerPool& operator=(const HandlerPool&) = delete;
  ~HandlerPool() { stop(); }

  void start();
  // False when the queue of that lane is full or the pool has stopped; the task was not taken then.
  // Not for kInline.
  [[nodiscard]] bool submit(Lane lane, Task task);
  // Drops what is still queued, waits for what is running. Idempotent.
  void stop();

 private:
  struct LaneState {
    std::deque<Task> queue;
    std::condition_variable ready;
  };

  void run(LaneState& lane);
  LaneState& stateOf(Lane lane) {
    return lanes_[lane == Lane::kWaiting ? 1 : lane == Lane::kScript ? 2 : 0];
  }

  Sizes sizes_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::array<LaneState, 3> lanes_;
  std::vector<std::thread> threads_;
};

}  // namespace bulkhead::api
