#include "api/jobs/runner.h"

#include <algorithm>
#include <exception>

namespace bulkhead::api {
namespace {

// A retry waits for minutes and must not hold up what the account's next jobs do; the agent lets no
// two hooks of one account run at once.
const std::string& laneOf(const JobTicket& ticket) {
  return ticket.kind == kHookRetry ? ticket.id : ticket.accountId;
}

}  // namespace

JobRunner::JobRunner(Store& store, AgentPort& agent, const Clock& clock, Options options)
    : store_(store),
      options_(std::move(options)),
      surroundings_(options_.surroundings),
      execution_(store, agent, clock, options_.pace, surroundings_, stopping_) {
  surroundings_.submit = [this](const JobTicket& ticket) { submit(ticket); };
}

JobRunner::~JobRunner() { stop(); }

Result<Ok> JobRunner::start() {
  TRY_ASSIGN(const auto tickets,
             store_.read([](const Tables& tables) { return tables.jobs().unfinished(); }));
  const std::lock_guard lock(mutex_);
  for (const auto& ticket : tickets)
    addLocked(ticket);
  for (unsigned i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this] { work(); });
  return Ok{};
}

void JobRunner::submit(const JobTicket& ticket) {
  const std::lock_guard lock(mutex_);
  addLocked(ticket);
}

void JobRunner::addLocked(const JobTicket& ticket) {
  const std::string& name = laneOf(ticket);
  Lane& lane = lanes_[name];
  lane.jobs.push_back(ticket);
  if (lane.jobs.size() > 1) return;  // its turn comes after the one before
  due_.emplace(std::chrono::steady_clock::now(), name);
  ready_.notify_one();
}

void JobRunner::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (due_.empty()) {
      ready_.wait(lock);
      continue;
    }
    const auto [when, accountId] = *due_.begin();
    if (when > std::chrono::steady_clock::now()) {
      ready_.wait_until(lock, when);
      continue;
    }
    due_.erase(due_.begin());
    Lane& lane = lanes_.at(accountId);  // stays in place: only its worker removes it
    const std::string jobId = lane.jobs.front().id;
    lock.unlock();
    auto verdict = Execution::Verdict::kWait;
    try {
      verdict = execution_.advance(jobId, lane.waiting);
    } catch (const std::exception&) {  // a fault of ours in one job must not end the panel
      lane.waiting.delay = options_.pace.retryMax;
    }
    lock.lock();
    auto next = std::chrono::steady_clock::now();
    if (verdict == Execution::Verdict::kStopped) return;
    if (verdict == Execution::Verdict::kEnded) {
      lane.jobs.pop_front();
      lane.waiting = Waiting{};
      ++endings_;
      ended_.notify_all();
      if (lane.jobs.empty()) {
        lanes_.erase(accountId);
        continue;
      }
    } else {
      next += lane.waiting.delay;
    }
    due_.emplace(next, accountId);
    ready_.notify_one();
  }
}

Result<Job> JobRunner::wait(std::string_view id, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    std::unique_lock lock(mutex_);
    const std::uint64_t seen =
        endings_;  // before looking, so that an ending in between is not missed
    lock.unlock();
    TRY_ASSIGN(const auto record,
               store_.read([&](const Tables& tables) { return tables.jobs().find(id); }));
    if (record.job.ended() || stopping_ || std::chrono::steady_clock::now() >= deadline)
      return record.job;
    lock.lock();
    ended_.wait_until(lock, deadline, [&] { return endings_ != seen || stopping_; });
  }
}

void JobRunner::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ready_.notify_all();
    ended_.notify_all();
  }
  for (auto& thread : threads_)
    thread.join();
  threads_.clear();
}

}  // namespace bulkhead::api
