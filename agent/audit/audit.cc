#include "agent/audit/audit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "agent/audit/anchor_file.h"
#include "agent/audit/tail.h"
#include "common/audit/digest.h"
#include "common/audit/lines.h"
#include "common/log/log.h"

namespace bulkhead::agent {
namespace {

constexpr mode_t kOpenSegmentMode = 0600;
constexpr mode_t kClosedSegmentMode = 0400;
// Of the records that the writer makes by itself before the one that it was given.
constexpr std::size_t kOwnRecordsBytesMax = 4096;
constexpr std::uint64_t kNanosPerSecond = 1000000000U;

std::string readBootId() {
  const Fd file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  char text[36] = {};
  const ssize_t got = file ? ::read(file.get(), text, sizeof text) : -1;
  return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : "";
}

Result<Ok> syncDirectory(const std::string& path) {
  const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0)
    return Error{Code::kAuditUnavailable, "cannot sync " + path, ""};
  return Ok{};
}

}  // namespace

AuditTime systemAuditTime() {
  timespec wall{};
  timespec steady{};
  (void)::clock_gettime(CLOCK_REALTIME, &wall);  // cannot fail for these clocks
  (void)::clock_gettime(CLOCK_MONOTONIC, &steady);
  return {wall.tv_sec * 1000000 + wall.tv_nsec / 1000,
          static_cast<std::uint64_t>(steady.tv_sec) * 1000000000U +
              static_cast<std::uint64_t>(steady.tv_nsec)};
}

Error Audit::unavailable(const std::string& what) {
  logLine(LogLevel::kCritical, "audit log unavailable",
          {{"reason", what}, {"errno", std::strerror(errno)}});
  return Error{Code::kAuditUnavailable, "the audit log cannot be written", ""};
}

Result<std::unique_ptr<Audit>> Audit::open(AuditOptions options) {
  std::unique_ptr<Audit> audit(new Audit(std::move(options)));
  audit->bootId_ = readBootId();
  TRY(audit->lock());
  TRY(audit->recover());
  if (audit->sealer_->offersNext()) TRY(audit->beginKeys());
  AuditRecord start;
  start.kind = AuditKind::kStart;
  start.op = "agent";
  start.message = "version " BULKHEAD_VERSION;
  start.peer = {::geteuid(), ::getegid(), ::getpid()};
  TRY(audit->append(start, Need::kBreakGlass));  // a full disk stops acts, not the agent
  TRY(audit->recordLeftovers());
  (void)::fallocate(audit->file_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(audit->size_),
                    kBreakGlassBytes);  // ignoring: the first act is told
  return audit;
}

Result<Ok> Audit::lock() {
  const std::string path = options_.directory + "/lock";
  lock_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOpenSegmentMode));
  if (!lock_) return unavailable("cannot open " + path);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return Error{Code::kConflict, "another process writes the audit log in " + options_.directory,
                 ""};
  return Ok{};
}

Result<Ok> Audit::recover() {
  TRY_ASSIGN(const auto segments, listSegments(options_.directory));
  if (segments.empty()) {
    TRY_ASSIGN(sealer_, Sealer::open(options_.keyDirectory, {}));
    return startSegment();
  }
  TRY_ASSIGN(AuditTail tail, readTail(options_.directory, segments));
  TRY_ASSIGN(sealer_, Sealer::open(options_.keyDirectory, tail));
  head_ = tail.head;
  size_ = tail.size;
  epochRecords_ = tail.seals.size();
  epochBegan_ = options_.clock().monotonicNanos;
  const AuditSegment& last = segments.back();
  if (size_ == 0 && last.firstSeq != head_.seq + 1)
    return Error{Code::kConflict,
                 "audit segment " + last.name + " is empty, but follows record " +
                     std::to_string(head_.seq) + "; see: bulkhead audit verify",
                 ""};
  TRY(openTail(last.name));
  if (!tail.torn.empty()) {
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0 || ::fdatasync(file_.get()) != 0)
      return unavailable("cannot cut a torn line");
    AuditRecord torn;
    torn.kind = AuditKind::kRecover;
    torn.op = "audit";
    torn.code = codeName(Code::kInternal);
    torn.message = "the last line was torn and has been cut off";
    torn.params = {{"sha256", sha256Hex(tail.torn)},
                   {"bytes", static_cast<std::uint64_t>(tail.torn.size())}};
    leftovers_.push_back(std::move(torn));
  }
  for (const auto& [opId, act] : tail.openActs) {
    AuditRecord lost;
    lost.kind = AuditKind::kRecover;
    lost.op = act.op;
    lost.opId = opId;
    lost.requestId = act.requestId;
    lost.actor = act.actor;
    lost.account = act.account;
    lost.code = codeName(Code::kInternal);
    lost.message = "the agent ended before the outcome was recorded";
    lost.params = {{"intent_seq", act.seq}};
    leftovers_.push_back(std::move(lost));
  }
  return Ok{};
}

Result<Ok> Audit::recordLeftovers() {
  for (const auto& record : leftovers_) {
    logLine(LogLevel::kWarning, record.message, {{"op", record.op}, {"op_id", record.opId}});
    TRY(append(record, Need::kBreakGlass));
  }
  leftovers_.clear();
  return Ok{};
}

Result<Ok> Audit::openTail(const std::string& name) {
  const std::string path = options_.directory + "/" + name;
  file_ = Fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!file_ || ::fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return unavailable("cannot open " + path);
  return Ok{};
}

// The new segment is opened beside the old one, so that a failure leaves the old one in use.
Result<Ok> Audit::startSegment() {
  const std::string path = options_.directory + "/" + segmentName(head_.seq + 1);
  Fd next(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                 kOpenSegmentMode));
  struct stat info {};
  if (!next || ::fstat(next.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != 0)
    return unavailable("cannot start " + path);
  // Before the old one's is given back, or whoever fills the disk would have it.
  const bool full =
      ::fallocate(next.get(), FALLOC_FL_KEEP_SIZE, 0, kBreakGlassBytes) != 0 && errno == ENOSPC;
  const Result<Ok> synced =
      full ? unavailable("no space left for a further segment") : syncDirectory(options_.directory);
  if (!synced.ok()) {
    // The old one goes on, so an empty one of this name must not lie behind its next records.
    if (file_ && ::unlink(path.c_str()) != 0) broken_ = true;
    return synced.error();
  }
  if (file_) {
    // Gives back what reserve() took.
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0 ||
        ::fchmod(file_.get(), kClosedSegmentMode) != 0)
      logLine(LogLevel::kWarning, "cannot close an audit segment", {{"next", path}});
  }
  file_ = std::move(next);
  size_ = 0;
  return Ok{};
}

std::vector<AuditParam> Audit::keyParams() const {
  return {{"key", sealer_->keys().publicKey}, {"epoch", sealer_->keys().epoch}};
}

Result<Ok> Audit::beginKeys() {
  TRY(sealer_->begin());
  AuditRecord record;
  record.kind = AuditKind::kKey;
  record.op = "audit";
  record.params = keyParams();
  record.params.push_back({"shown", sealer_->keys().shown});
  const auto seq = write(record);
  if (!seq.ok()) {
    sealer_->abandon();
    return seq.error();
  }
  epochRecords_ = 1;
  sealer_->commit();
  return Ok{};
}

Result<Ok> Audit::endEpoch() {
  AuditRecord record;
  record.kind = AuditKind::kCheckpoint;
  record.op = "audit";
  record.params = keyParams();
  record.params.push_back({"count", epochRecords_ + 1});
  TRY(write(record));
  AuditAnchor anchor;
  anchor.seq = head_.seq;
  anchor.hash = head_.hash;
  anchor.epoch = sealer_->keys().epoch;
  anchor.count = epochRecords_;  // with the checkpoint, which write() has counted
  anchor.time = auditTimeText(options_.clock().unixMicros);
  anchor = AuditAnchor::sign(std::move(anchor), sealer_->keys());
  sealer_->evolve();
  epochRecords_ = 0;
  keepAnchor(options_.keyDirectory, anchor);
  options_.publish(anchor);
  return Ok{};
}

Result<Ok> Audit::checkpoint() {
  const std::uint64_t epoch = sealer_->keys().epoch;
  TRY(makeRoom(Need::kBreakGlass));
  if (sealer_->keys().epoch != epoch) return Ok{};  // it was full, too
  return endEpoch();
}

void Audit::tick() {
  if (sealer_->offersNext())
    (void)makeRoom(Need::kUsual);  // ignoring, here and below: the writer logs it
  const auto age = (options_.clock().monotonicNanos - epochBegan_) / kNanosPerSecond;
  if (age < (epochRecords_ > 0 ? kCheckpointSeconds : kHeartbeatSeconds)) return;
  epochBegan_ = options_.clock().monotonicNanos;  // a full disk is not asked again at once
  (void)checkpoint();
}

Result<Ok> Audit::reserve(Need need) {
  // Enough for this intent, its outcome and those of the acts that run. Space that an earlier call
  // took is taken already, so that who may use what is set aside finds it on a full disk.
  const auto records = static_cast<off_t>(openIntents_ + owedOutcomes_.size() + 2);
  const auto aside = need == Need::kUsual ? static_cast<off_t>(kBreakGlassBytes) : 0;
  const auto bytes = records * static_cast<off_t>(kRecordBytesMax) + aside;
  if (::fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(size_), bytes) == 0)
    return Ok{};
  if (errno == EOPNOTSUPP || errno == EINTR) return Ok{};  // then a full disk is met at the write
  return unavailable("no space left for records");
}

Result<std::uint64_t> Audit::write(const AuditRecord& record) {
  if (broken_) return unavailable("an earlier sync failed");
  const AuditStamp stamp{head_.seq + 1, options_.clock(), bootId_, head_.hash};
  std::string line = formatAuditRecord(record, stamp);
  const std::string hash = line.substr(line.size() - 2 - kDigestTextBytes, kDigestTextBytes);
  line = sealAuditLine(std::move(line), sealer_->keys().macHex(hash)) + "\n";
  ssize_t written = -1;
  do {
    written = ::write(file_.get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(line.size())) {
    const int failure = written < 0 ? errno : ENOSPC;
    // A part of a line must not stay: the next record would be appended to it.
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) broken_ = true;
    errno = failure;
    return unavailable("cannot append");
  }
  // After a failed sync nobody knows what is on the disk, and asking again would answer "fine".
  if (::fdatasync(file_.get()) != 0) {
    broken_ = true;
    return unavailable("cannot sync");
  }
  size_ += line.size();
  head_ = {stamp.seq, hash};
  if (epochRecords_++ == 0) epochBegan_ = stamp.time.monotonicNanos;
  return stamp.seq;
}

Result<Ok> Audit::flushOutcomes() {
  while (!owedOutcomes_.empty()) {
    TRY(write(owedOutcomes_.front()));
    owedOutcomes_.erase(owedOutcomes_.begin());
  }
  return Ok{};
}

Result<Ok> Audit::makeRoom(Need need) {
  TRY(flushOutcomes());
  const bool full =
      size_ > 0 && size_ + kRecordBytesMax + kOwnRecordsBytesMax > options_.segmentBytesMax;
  // What is set aside lies behind this segment, which may grow by as much.
  if (full && (need == Need::kUsual || size_ > options_.segmentBytesMax + kBreakGlassBytes))
    TRY(startSegment());
  if (size_ == 0 && head_.seq > 0) {
    AuditRecord first;
    first.kind = AuditKind::kRotate;
    first.op = "audit";
    first.params = keyParams();
    TRY(write(first));
  }
  if (sealer_->offersNext()) TRY(beginKeys());
  if (epochRecords_ >= kCheckpointRecords) TRY(endEpoch());
  return Ok{};
}

Result<std::uint64_t> Audit::append(const AuditRecord& record, Need need) {
  TRY(makeRoom(need));
  if (need == Need::kUsual) TRY(reserve(need));
  return write(record);
}

Result<std::uint64_t> Audit::appendIntent(const AuditRecord& record, Need need) {
  TRY(makeRoom(need));
  TRY(reserve(need));
  auto seq = write(record);
  if (seq.ok()) ++openIntents_;
  return seq;
}

Result<std::uint64_t> Audit::appendOutcome(AuditRecord record) {
  if (openIntents_ > 0) --openIntents_;
  // Never starts a segment: the space set aside is in this one.
  const auto flushed = flushOutcomes();
  auto seq = flushed.ok() ? write(record) : Result<std::uint64_t>(flushed.error());
  if (!seq.ok()) owedOutcomes_.push_back(std::move(record));
  return seq;
}

}  // namespace bulkhead::agent
