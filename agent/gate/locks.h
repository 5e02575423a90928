// Locks of the core process: first the account, then services in the order of the enum, each first
// come, first served. Whoever waits holds a promise; dropping it gives up the place.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kj/async.h>
#include <kj/vector.h>

namespace bulkhead::agent {

enum class Service { kPasswd, kSystemd, kFirewall, kNginx };    // the order in which they are taken
std::optional<Service> serviceFromName(std::string_view name);  // "passwd"
std::string_view serviceName(Service service);

// A counting lock: `capacity` holders at once.
class AsyncLock {
 public:
  explicit AsyncLock(std::size_t capacity) : free_(capacity) {}
  AsyncLock(const AsyncLock&) = delete;
  AsyncLock& operator=(const AsyncLock&) = delete;

  // Releases when destroyed. The lock must live longer.
  class Hold {
   public:
    explicit Hold(AsyncLock& lock) : lock_(lock) {}
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() noexcept(false) { lock_.release(); }

   private:
    AsyncLock& lock_;
  };
  kj::Promise<kj::Own<Hold>> take();
  bool idle(std::size_t capacity) const { return free_ == capacity && waiting_.empty(); }

 private:
  void release();
  std::size_t free_;
  std::deque<kj::Own<kj::PromiseFulfiller<kj::Own<Hold>>>> waiting_;
};

class LockManager {
 public:
  using Holds = kj::Vector<kj::Own<AsyncLock::Hold>>;
  // `account` may be empty. `services` are sorted.
  kj::Promise<Holds> take(const std::string& account, const std::vector<Service>& services);

 private:
  kj::Promise<Holds> takeNext(Holds held, std::vector<std::string> names);
  AsyncLock& lockFor(const std::string& name);
  void dropIdle();
  std::map<std::string, AsyncLock> locks_;
};

}  // namespace bulkhead::agent
