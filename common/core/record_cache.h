// RecordCache: records as they were looked up last, so that not every request asks the database.
// Whatever changes the store empties it before the change is answered: what was ended or disabled
// is over at once.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace bulkhead {

template <typename Record>
class RecordCache {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A change that goes past the store (the file put back from a backup) counts after this.
  static constexpr std::chrono::milliseconds kLife{1000};
  // More than are asked for again and again; beyond, all are looked up again.
  static constexpr std::size_t kRecordsMax = 256;

  // nullptr when it is not known.
  std::shared_ptr<const Record> find(std::string_view key, Time now) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.until <= now) return nullptr;
    return found->second.record;
  }
  // How many changes there were. Read it before the look-up whose finding is to be kept.
  std::uint64_t changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
  }
  // Keeps nothing when there was a change since: the finding may be older than it.
  void keep(std::string_view key, const Record& found, std::uint64_t changesBefore, Time now) {
    auto record = std::make_shared<const Record>(found);
    const std::lock_guard lock(mutex_);
    if (changes_ != changesBefore) return;
    if (entries_.size() >= kRecordsMax) entries_.clear();
    entries_.insert_or_assign(std::string(key), Entry{std::move(record), now + kLife});
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    ++changes_;
    entries_.clear();
  }

 private:
  struct Entry {
    std::shared_ptr<const Record> record;
    Time until;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::uint64_t changes_ = 0;
};

// Empties it at the end of a write, however that ends, and before anybody is told.
template <typename Record>
class CacheEmptied {
 public:
  explicit CacheEmptied(RecordCache<Record>& cache) : cache_(cache) {}
  CacheEmptied(const CacheEmptied&) = delete;
  CacheEmptied& operator=(const CacheEmptied&) = delete;
  ~CacheEmptied() { cache_.clear(); }

 private:
  RecordCache<Record>& cache_;
};

}  // namespace bulkhead
