// Ticker: does something again and again on a thread of its own, whatever becomes of one time.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace bulkhead::api {

class Ticker {
 public:
  // `name` is the thread's, at most 15 bytes. The work must not call stop().
  Ticker(std::string name, std::chrono::milliseconds every, std::function<void()> work)
      : name_(std::move(name)), every_(every), work_(std::move(work)) {}
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() { stop(); }

  void start();  // the first tick comes at once
  void stop();   // waits for a tick that is under way

 private:
  void run();

  const std::string name_;
  const std::chrono::milliseconds every_;
  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bulkhead::api
