// Inbox: what other threads hand to one socket thread (new connections, finished answers, "stop"),
// with an eventfd that wakes it. The only bridge between threads: Pistache's own queues are never
// fed from outside.
#pragma once
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "api/http/connection.h"
#include "common/os/fd.h"

namespace bulkhead::api {

// A finished answer. Names its connection by id as well: the descriptor may belong to another
// client by now.
struct FinishedAnswer {
  int fd;
  std::uint64_t connectionId;
  AnswerBytes bytes;
  AfterAnswer after;
};

// There is something to take of this connection's stream.
struct StreamNews {
  int fd;
  std::uint64_t connectionId;
};

class Inbox {
 public:
  struct Content {
    std::vector<std::shared_ptr<Connection>> arrivals;
    std::vector<FinishedAnswer> answers;
    std::vector<StreamNews> news;
  };

  Inbox() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!wake_) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  int fd() const { return wake_.get(); }

  void push(std::shared_ptr<Connection> arrival) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      content_.arrivals.push_back(std::move(arrival));
    }
    wake();
  }

  void push(FinishedAnswer answer) {
    bool first = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      first = content_.answers.empty();
      content_.answers.push_back(std::move(answer));
    }
    // Whoever put the first one in has woken the reader, or is about to.
    if (first) wake();
  }

  void push(StreamNews news) {
    bool first = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      first = content_.news.empty();
      content_.news.push_back(news);
    }
    if (first) wake();
  }

  // How often its thread has emptied it.
  std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

  void wake() const {
    (void)::eventfd_write(wake_.get(), 1);
  }  // ignoring: a full counter wakes as well

  Content takeAll() {
    turns_.fetch_add(1, std::memory_order_relaxed);
    eventfd_t count = 0;
    (void)::eventfd_read(wake_.get(), &count);  // ignoring: nothing to read is fine
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(content_, Content{});
  }

 private:
  Fd wake_;
  std::atomic<std::uint64_t> turns_{0};
  std::mutex mutex_;
  Content content_;
};

}  // namespace bulkhead::api
