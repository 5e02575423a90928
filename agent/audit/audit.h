// Audit: the one writer of the chained log. A record is durable when append() returns; when it
// cannot be made so, the answer is kAuditUnavailable and the caller must not act.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/audit/chain.h"
#include "common/audit/record.h"
#include "common/core/result.h"
#include "common/os/fd.h"

namespace bulkhead::agent {

// Small enough that one segment is read in one piece (audit.list) within Host's limit for a file.
inline constexpr std::size_t kSegmentBytesMax = 8U << 20U;

AuditTime systemAuditTime();

struct AuditOptions {
  std::string directory = kAuditDirectory;  // exists, root-owned, 0700
  std::size_t segmentBytesMax = kSegmentBytesMax;
  std::function<AuditTime()> clock = systemAuditTime;
};

class Audit {
 public:
  // Takes the log for this process alone (kConflict when another has it), repairs a torn last line,
  // and records that and every act that has no outcome. A chain that is broken otherwise is
  // refused: what happened must be looked at before more is written behind it.
  static Result<std::unique_ptr<Audit>> open(AuditOptions options);

  // The sequence number. Never writes a part of a record: what did not fit is cut off again.
  Result<std::uint64_t> append(const AuditRecord& record);
  // Like append(), and sets disk space aside for the outcome, so that a full disk refuses the act
  // and not its record.
  Result<std::uint64_t> appendIntent(const AuditRecord& record);
  // An outcome that cannot be written now is kept and written before the next record of any kind.
  Result<std::uint64_t> appendOutcome(AuditRecord record);

  const ChainHead& head() const { return head_; }

 private:
  explicit Audit(AuditOptions options) : options_(std::move(options)) {}
  Result<Ok> lock();
  Result<Ok> recover();
  Result<Ok> recordLeftovers();
  Result<Ok> openTail(const std::string& name);
  Result<Ok> startSegment();
  Result<Ok> rotate();
  Result<Ok> flushOutcomes();
  Result<Ok> makeRoom();
  Result<Ok> reserve();
  Result<std::uint64_t> write(const AuditRecord& record);
  Error unavailable(const std::string& what);

  AuditOptions options_;
  std::string bootId_;
  Fd lock_;
  Fd file_;
  std::uint64_t size_ = 0;  // of the current segment; everything before is whole records
  ChainHead head_;
  bool broken_ = false;  // a sync failed: what is on the disk is unknown until the next start
  std::size_t openIntents_ = 0;
  std::vector<AuditRecord> owedOutcomes_;  // bounded by the acts that can run at once
  std::vector<AuditRecord> leftovers_;     // found at the start
};

}  // namespace bulkhead::agent
