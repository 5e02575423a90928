// SessionCache: sessions as they were looked up last, so that not every request asks the database.
// Whatever changes the store empties it before the change is answered: a session that was ended,
// or whose administrator was disabled, is over at once.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace bulkhead::api {

struct SessionAndAdmin;

class SessionCache {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A change that goes past the store (the file put back from a backup) counts after this.
  static constexpr std::chrono::milliseconds kLife{1000};

  // nullptr when it is not known.
  std::shared_ptr<const SessionAndAdmin> find(const std::string& tokenHash, Time now) const;
  // How many changes there were. Read it before the look-up whose finding is to be kept.
  std::uint64_t changes() const;
  // Keeps nothing when there was a change since: the finding may be older than it.
  void keep(const SessionAndAdmin& found, std::uint64_t changesBefore, Time now);
  void clear();

 private:
  struct Entry {
    std::shared_ptr<const SessionAndAdmin> session;
    Time until;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // by the hash of the token
  std::uint64_t changes_ = 0;
};

}  // namespace bulkhead::api
