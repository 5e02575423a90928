#include "common/audit/witness.h"

#include <algorithm>
#include <cstdlib>

namespace bulkhead {
namespace {

// Both clocks are read one after the other, and time servers correct by less.
constexpr std::int64_t kClockSlackMicros = 60 * 1000000LL;

std::int64_t microsBetween(std::uint64_t earlierNanos, std::uint64_t laterNanos) {
  return static_cast<std::int64_t>((laterNanos - earlierNanos) / 1000);
}

}  // namespace

KeyWitness::KeyWitness(const std::vector<AuditSeed>& seeds) : used_(seeds.size(), false) {
  for (const auto& seed : seeds)
    given_.push_back(seed.keys());
}

bool KeyWitness::begin(std::string_view line) {
  const auto record = parseAuditLine(line);
  if (!record.ok() || record->publicKey.empty()) return false;
  publicKey_ = record->publicKey;
  keys_.reset();
  for (std::size_t i = 0; i < given_.size(); ++i) {
    if (given_[i].publicKey != publicKey_) continue;
    keys_ = given_[i];
    used_[i] = true;
  }
  // Once sealed by a known seed, a log does not go on with keys of somebody else.
  return keys_.has_value() || sealed_ == 0;
}

std::optional<ChainFault> KeyWitness::see(std::string_view line,
                                          const ChainLink& link,
                                          const LineHead& head) {
  const bool begins = head.kind == auditKindName(AuditKind::kKey);
  if (link.mac.empty()) {
    if (begins || !publicKey_.empty()) return ChainFault::kKey;
    return std::nullopt;
  }
  if (begins ? !begin(line) : publicKey_.empty()) return ChainFault::kKey;
  if (!keys_) return std::nullopt;
  if (keys_->macHex(link.hash) != link.mac) return ChainFault::kKey;
  ++sealed_;
  if (head.kind == auditKindName(AuditKind::kCheckpoint)) keys_->evolve();
  return std::nullopt;
}

bool KeyWitness::missesKeys() const {
  return std::find(used_.begin(), used_.end(), false) != used_.end();
}

std::optional<ChainFault> ClockWitness::see(const ChainLink& link, const LineHead& head) {
  const bool sameBoot = started_ && head.bootId == bootId_;
  // The kernel's clock since boot only goes forward.
  if (sameBoot && head.time.monotonicNanos < last_.monotonicNanos) return ChainFault::kClock;
  std::int64_t jump = 0;
  if (started_) {
    jump = head.time.unixMicros - last_.unixMicros;
    if (sameBoot)
      jump -= microsBetween(last_.monotonicNanos, head.time.monotonicNanos);
    else
      jump = std::min<std::int64_t>(jump, 0);  // it was off for a while
  }
  if (std::abs(jump) > kClockSlackMicros && notices_.size() < kClockNoticesMax)
    notices_.push_back({link.seq, jump / 1000000});
  started_ = true;
  last_ = head.time;
  bootId_ = head.bootId;
  return std::nullopt;
}

std::optional<ChainFault> AnchorWitness::see(const ChainLink& link, const std::string& publicKey) {
  for (; next_ < anchors_.size() && anchors_[next_].seq == link.seq; ++next_) {
    const AuditAnchor& anchor = anchors_[next_];
    if (anchor.publicKey != publicKey) return ChainFault::kSpliced;
    if (anchor.hash != link.hash) return ChainFault::kRewritten;
    lastGood_ = link.seq;
  }
  return std::nullopt;
}

std::uint64_t AnchorWitness::beyond() const {
  return next_ < anchors_.size() ? anchors_[next_].seq : 0;
}

}  // namespace bulkhead
