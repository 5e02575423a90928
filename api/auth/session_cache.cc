#include "api/auth/session_cache.h"

#include "api/auth/admin_store.h"

namespace bulkhead::api {
namespace {

// More sessions than administrators have; beyond, all are looked up again.
constexpr std::size_t kEntriesMax = 256;

}  // namespace

std::shared_ptr<const SessionAndAdmin> SessionCache::find(const std::string& tokenHash,
                                                          Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(tokenHash);
  if (found == entries_.end() || found->second.until <= now) return nullptr;
  return found->second.session;
}

std::uint64_t SessionCache::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void SessionCache::keep(const SessionAndAdmin& found, std::uint64_t changesBefore, Time now) {
  const std::lock_guard lock(mutex_);
  if (changes_ != changesBefore) return;
  if (entries_.size() >= kEntriesMax) entries_.clear();
  entries_.insert_or_assign(found.session.tokenHash,
                            Entry{std::make_shared<SessionAndAdmin>(found), now + kLife});
}

void SessionCache::clear() {
  const std::lock_guard lock(mutex_);
  ++changes_;
  entries_.clear();
}

}  // namespace bulkhead::api
