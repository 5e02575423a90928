// SealedLog: lines as the agent writes them, made in memory, so that a test can know every key.
#pragma once
#include <fstream>
#include <string>
#include <vector>

#include "common/audit/anchor.h"
#include "common/audit/chain.h"
#include "common/audit/keys.h"
#include "common/audit/record.h"

namespace bulkhead::testing {

class SealedLog {
 public:
  explicit SealedLog(const AuditSeed& seed = AuditSeed::make(), std::string bootId = "b")
      : seed_(seed), keys_(seed.keys()), bootId_(std::move(bootId)) {}

  // As many records, a checkpoint after each `epoch` of them; the first record begins the keys.
  void grow(std::uint64_t count, std::uint64_t epoch = 16) {
    if (lines_.empty()) add(own(AuditKind::kKey));
    for (std::uint64_t i = 0; i < count; ++i) {
      if (head_.seq % epoch == 0)
        checkpoint();
      else
        add(act());
    }
  }
  AuditRecord act() const {
    AuditRecord record;
    record.kind = head_.seq % 2 == 0 ? AuditKind::kOutcome : AuditKind::kIntent;
    record.op = "account.create";
    record.opId = std::to_string(head_.seq / 2);
    record.account = "user" + std::to_string(head_.seq);
    return record;
  }
  void add(const AuditRecord& record) {
    lines_.push_back(sealed(record, keys_));
    follow();
  }
  void addUnsealed(const AuditRecord& record) {
    lines_.push_back(formatAuditRecord(record, stamp()));
    follow();
  }
  void checkpoint() {
    add(own(AuditKind::kCheckpoint));
    AuditAnchor anchor;
    anchor.seq = head_.seq;
    anchor.hash = head_.hash;
    anchor.epoch = keys_.epoch;
    anchor.time = "2026-01-01T00:00:00.000000Z";
    anchors_.push_back(AuditAnchor::sign(std::move(anchor), keys_));
    keys_.evolve();
  }
  // Other keys from here on.
  void rekey(const AuditSeed& seed) {
    keys_ = seed.keys();
    add(own(AuditKind::kKey));
  }
  std::string sealed(const AuditRecord& record, const AuditKeys& keys) const {
    const std::string line = formatAuditRecord(record, stamp());
    return sealAuditLine(line, keys.macHex(readLink(line)->hash));
  }
  AuditRecord own(AuditKind kind) const {
    AuditRecord record;
    record.kind = kind;
    record.op = "audit";
    record.params = {{"key", keys_.publicKey}, {"epoch", keys_.epoch}};
    return record;
  }

  const AuditSeed& seed() const { return seed_; }
  AuditKeys& keys() { return keys_; }
  AuditTime& time() { return time_; }
  const ChainHead& head() const { return head_; }
  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<AuditAnchor>& anchors() const { return anchors_; }

 private:
  AuditStamp stamp() const { return {head_.seq + 1, time_, bootId_, head_.hash}; }
  void follow() {
    head_ = {head_.seq + 1, readLink(lines_.back())->hash};
    time_.unixMicros += 1000;
    time_.monotonicNanos += 1000000;
  }

  AuditSeed seed_;
  AuditKeys keys_;
  std::string bootId_;
  AuditTime time_{1700000000000000, 1};
  ChainHead head_;
  std::vector<std::string> lines_;
  std::vector<AuditAnchor> anchors_;
};

inline std::string textOf(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += line + "\n";
  return text;
}

inline void writeSegment(const std::string& directory,
                         std::uint64_t firstSeq,
                         const std::string& text) {
  std::ofstream(directory + "/" + segmentName(firstSeq), std::ios::binary) << text;
}

}  // namespace bulkhead::testing
