// Locks of the core process: first the account, then services in the order of the enum. Each is
// first come, first served, but for those who may go ahead. Whoever waits holds a promise; dropping
// it gives up the place.
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

// The order in which they are taken.
enum class Service { kPasswd, kSystemd, kFirewall, kNginx, kCloudLinux };
std::optional<Service> serviceFromName(std::string_view name);  // "passwd"
std::string_view serviceName(Service service);

// kAhead: before all that wait in order, behind those that went ahead earlier.
enum class Turn { kInOrder, kAhead };

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
  kj::Promise<kj::Own<Hold>> take(Turn turn = Turn::kInOrder);
  bool idle(std::size_t capacity) const {
    return free_ == capacity && ahead_.empty() && inOrder_.empty();
  }

 private:
  using Waiting = std::deque<kj::Own<kj::PromiseFulfiller<kj::Own<Hold>>>>;
  void release();
  bool passOn(Waiting& waiting);
  std::size_t free_;
  Waiting ahead_;
  Waiting inOrder_;
};

class LockManager {
 public:
  using Holds = kj::Vector<kj::Own<AsyncLock::Hold>>;
  // `account` may be empty. `services` are sorted.
  kj::Promise<Holds> take(const std::string& account,
                          const std::vector<Service>& services,
                          Turn turn = Turn::kInOrder);

 private:
  kj::Promise<Holds> takeNext(Holds held, std::vector<std::string> names, Turn turn);
  AsyncLock& lockFor(const std::string& name);
  void dropIdle();
  std::map<std::string, AsyncLock> locks_;
};

}  // namespace bulkhead::agent
