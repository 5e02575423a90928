// Audit: the one writer of the chained and sealed log. A record is durable when append() returns;
// when it cannot be made so, the answer is kAuditUnavailable and the caller must not act.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/audit/sealer.h"
#include "common/audit/anchor.h"
#include "common/audit/chain.h"
#include "common/audit/record.h"
#include "common/core/result.h"
#include "common/os/fd.h"

namespace bulkhead::agent {

// Small enough that one segment is read in one piece (audit.list) within Host's limit for a file.
inline constexpr std::size_t kSegmentBytesMax = 8U << 20U;

// An epoch ends after so many records, or so long after the first of them: what a thief of the key
// can still forge, and what a cut can take unseen.
inline constexpr std::uint64_t kCheckpointRecords = 256;
inline constexpr std::uint64_t kCheckpointSeconds = 60;
// Without any record there is nothing to protect but the silence itself. 96 checkpoints of 700
// bytes a day are 25 MB a year; one a minute would be 370.
inline constexpr std::uint64_t kHeartbeatSeconds = 900;

// Disk space that is always set aside behind the log's end, for the acts by which a break-in is
// stopped: some fifty of them and their outcomes, while whoever broke in fills the disk.
inline constexpr std::size_t kBreakGlassBytes = 64U << 10U;
enum class Need {
  kUsual,
  kBreakGlass,  // may use what is set aside
};

AuditTime systemAuditTime();

struct AuditOptions {
  std::string directory;     // exists, root-owned, 0700
  std::string keyDirectory;  // its parent does, too
  std::size_t segmentBytesMax = kSegmentBytesMax;
  std::function<AuditTime()> clock = systemAuditTime;
  // Takes each anchor away from here; must not throw. The newest one is also kept as a file.
  std::function<void(const AuditAnchor&)> publish = [](const AuditAnchor&) {};
};

class Audit {
 public:
  // Takes the log for this process alone (kConflict when another has it), repairs a torn last line,
  // and records that and every act that has no outcome. A chain that is broken otherwise is
  // refused: what happened must be looked at before more is written behind it.
  static Result<std::unique_ptr<Audit>> open(AuditOptions options);

  // The sequence number. Never writes a part of a record: what did not fit is cut off again.
  Result<std::uint64_t> append(const AuditRecord& record, Need need = Need::kUsual);
  // Like append(), and sets disk space aside for the outcome, so that a full disk refuses the act
  // and not its record.
  Result<std::uint64_t> appendIntent(const AuditRecord& record, Need need = Need::kUsual);
  // An outcome that cannot be written now is kept and written before the next record of any kind.
  Result<std::uint64_t> appendOutcome(AuditRecord record);

  // Ends the epoch when it is due; to be called every few seconds.
  void tick();
  // Ends the epoch: seals and anchors what was written, and destroys the key.
  Result<Ok> checkpoint();

  const ChainHead& head() const { return head_; }
  // A sync failed, and only another start finds out what is on the disk.
  bool needsRestart() const { return broken_; }

 private:
  explicit Audit(AuditOptions options) : options_(std::move(options)) {}
  Result<Ok> lock();
  Result<Ok> recover();
  Result<Ok> beginKeys();
  Result<Ok> recordLeftovers();
  Result<Ok> openTail(const std::string& name);
  Result<Ok> startSegment();
  Result<Ok> endEpoch();
  std::vector<AuditParam> keyParams() const;
  Result<Ok> flushOutcomes();
  Result<Ok> makeRoom(Need need);
  Result<Ok> reserve(Need need);
  Result<std::uint64_t> write(const AuditRecord& record);
  Error unavailable(const std::string& what);

  AuditOptions options_;
  std::string bootId_;
  Fd lock_;
  Fd file_;
  std::uint64_t size_ = 0;  // of the current segment; everything before is whole records
  ChainHead head_;
  std::optional<Sealer> sealer_;    // always, after open()
  std::uint64_t epochRecords_ = 0;  // of this epoch
  std::uint64_t epochBegan_ = 0;    // with its first record, or with its emptiness
  bool broken_ = false;  // a sync failed: what is on the disk is unknown until the next start
  std::size_t openIntents_ = 0;
  std::vector<AuditRecord> owedOutcomes_;  // bounded by the acts that can run at once
  std::vector<AuditRecord> leftovers_;     // found at the start
};

}  // namespace bulkhead::agent
