// JobRunner: a few threads that take unfinished jobs forward. Jobs of one account run one after
// another, in order; those of different accounts side by side. The store is the queue; what is in
// memory is rebuilt from it at start.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/jobs/execution.h"

namespace bulkhead::api {

class JobRunner {
 public:
  struct Options {
    unsigned threads = 8;  // each mostly waits for the agent; Pace::hooksAtOnce of them for hooks
    Pace pace;
    Surroundings surroundings;  // but for submit, which is the runner's own
  };
  JobRunner(Store& store, AgentPort& agent, const Clock& clock, Options options);
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;
  ~JobRunner();  // stop()

  // Picks up every unfinished job of the store and starts the threads.
  Result<Ok> start();
  // A job that is in the store now. Never blocks.
  void submit(const JobTicket& ticket);
  // The job as it is when it has ended, or when patience ends.
  Result<Job> wait(std::string_view id, std::chrono::milliseconds patience);
  // Finishes the calls that are under way (stop the agent client first to cut them short) and ends
  // the threads.
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Lane {  // the jobs of one account; the first one is next, or running
    std::deque<JobTicket> jobs;
    Waiting waiting;
  };
  void work();
  void addLocked(const JobTicket& ticket);

  Store& store_;
  Options options_;
  Surroundings surroundings_;
  std::atomic<bool> stopping_ = false;
  Execution execution_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable ended_;
  std::map<std::string, Lane> lanes_;           // by account id; a retry of a hook is alone in one
  std::set<std::pair<Time, std::string>> due_;  // lanes that nobody works on, by when to
  std::uint64_t endings_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace bulkhead::api
