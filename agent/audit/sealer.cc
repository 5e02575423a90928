#include "agent/audit/sealer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "common/log/log.h"
#include "common/os/atomic_file.h"

namespace bulkhead::agent {
namespace {

// More than a file that could not be written for years falls behind; bounds the work of a start.
constexpr std::uint64_t kEpochsBehindMax = 1000000;

Error mismatch(const std::string& what) {
  return Error{Code::kConflict,
               what +
                   "; see: bulkhead audit verify, and to go on with other keys: bulkhead audit "
                   "seed --replace",
               ""};
}

}  // namespace

Result<Sealer> Sealer::open(std::string directory, const AuditTail& tail) {
  Sealer sealer(std::move(directory));
  if (::mkdir(sealer.directory_.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{Code::kAuditUnavailable, "cannot make " + sealer.directory_, ""};
  auto offered = AuditKeyFile::open(sealer.pathOf(kNextAuditKeyFile));
  if (offered.ok() && offered->keys().publicKey == tail.publicKey) {
    // Killed after their record and before they had their name; the former ones are still there.
    if (auto former = AuditKeyFile::open(sealer.pathOf(kAuditKeyFile)); former.ok())
      sealer.current_ = std::move(former).value();
    sealer.next_ = std::move(offered).value();
    sealer.commit();
    TRY(sealer.follow(tail));
    return sealer;
  }
  if (!offered.ok() && offered.error().code != Code::kNotFound) return offered.error();
  auto known = AuditKeyFile::open(sealer.pathOf(kAuditKeyFile));
  const bool none = !known.ok() && known.error().code == Code::kNotFound;
  const bool unsealed = tail.publicKey.empty() && tail.seals.empty();
  if (known.ok()) sealer.current_ = std::move(known).value();
  if (offered.ok()) return sealer;
  if (tail.head.seq == 0 && !none) return mismatch("the audit log is gone, and its keys are not");
  if (none && unsealed) {
    TRY(sealer.offerFirst());
    return sealer;
  }
  if (!sealer.current_)
    return mismatch("the keys of the audit log cannot be used: " + known.error().message);
  TRY(sealer.follow(tail));
  return sealer;
}

// Nobody has the seed of these: they sign anchors until somebody asks for a seed.
Result<Ok> Sealer::offerFirst() {
  return AuditKeyFile::create(pathOf(kNextAuditKeyFile), AuditSeed::make().keys());
}

Result<Ok> Sealer::follow(const AuditTail& tail) {
  AuditKeys& keys = current_->keys();
  if (keys.publicKey != tail.publicKey)
    return mismatch("the audit log was sealed by other keys than this host has");
  if (keys.epoch > tail.epoch)
    return mismatch("the audit log ends before a checkpoint that its keys remember");
  if (tail.epoch - keys.epoch > kEpochsBehindMax)
    return mismatch("the keys of the audit log are of a long gone epoch");
  // Killed after a checkpoint's record and before its key was replaced.
  while (keys.epoch < tail.epoch)
    keys.evolve();
  for (const auto& seal : tail.seals)
    if (keys.macHex(seal.hash) != seal.mac)
      return mismatch("a record at the end of the audit log is not sealed by its key");
  return current_->store();  // and whatever is older is gone
}

bool Sealer::offersNext() {
  if (unnamed_) {
    unnamed_ = !giveName();
    return false;
  }
  return ::access(pathOf(kNextAuditKeyFile).c_str(), F_OK) == 0;
}

Result<Ok> Sealer::begin() {
  TRY_ASSIGN(next_, AuditKeyFile::open(pathOf(kNextAuditKeyFile)));
  return Ok{};
}

bool Sealer::giveName() {
  const Fd directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return std::rename(pathOf(kNextAuditKeyFile).c_str(), pathOf(kAuditKeyFile).c_str()) == 0 &&
         directory && os::syncDirectory(directory.get()).ok();
}

void Sealer::commit() {
  if (current_ && !current_->wipe().ok())
    logLine(LogLevel::kCritical, "cannot wipe former keys of the audit log");
  current_ = std::move(next_);
  next_.reset();
  unnamed_ = !giveName();
  if (unnamed_) logLine(LogLevel::kCritical, "cannot rename the keys of the audit log");
}

void Sealer::evolve() {
  current_->keys().evolve();
  if (!current_->store().ok())
    logLine(LogLevel::kCritical, "the audit log's former key could not be wiped from the disk");
}

}  // namespace bulkhead::agent
