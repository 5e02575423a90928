#include "agent/audit/tail.h"

#include "common/audit/lines.h"

namespace bulkhead::agent {
namespace {

class TailReader {
 public:
  explicit TailReader(AuditTail& tail) : tail_(tail) {}

  Lines onLine(std::string_view line, LineEnd end, std::uint64_t offset) {
    if (end == LineEnd::kEndOfFile) {
      tail_.torn = line;
      return Lines::kStop;
    }
    const auto link = end == LineEnd::kNewline ? readLink(line) : std::nullopt;
    // The first record that is read has nothing before it to compare with.
    if (!started_ && link) tail_.head = {link->seq - 1, link->prev};
    if (!link || !follows(tail_.head, *link)) {
      broken_ = true;
      return Lines::kStop;
    }
    if (link->mac.empty() && !tail_.publicKey.empty()) {  // its seal was cut off
      broken_ = true;
      return Lines::kStop;
    }
    started_ = true;
    tail_.head = {link->seq, link->hash};
    tail_.size = offset + line.size() + 1;
    if (!link->mac.empty()) tail_.seals.push_back({link->hash, link->mac});
    note(line);
    return Lines::kContinue;
  }
  bool broken() const { return broken_; }

 private:
  void note(std::string_view line) {
    const auto record = parseAuditLine(line);
    if (!record.ok()) return;
    if (!record->publicKey.empty()) noteKeys(*record);
    if (record->opId.empty()) return;
    if (record->kind == auditKindName(AuditKind::kIntent))
      tail_.openActs[record->opId] = *record;
    else if (record->kind == auditKindName(AuditKind::kOutcome) ||
             record->kind == auditKindName(AuditKind::kRecover))
      tail_.openActs.erase(record->opId);
  }

  void noteKeys(const AuditLine& record) {
    const bool begins = record.kind == auditKindName(AuditKind::kKey);
    const bool ends = record.kind == auditKindName(AuditKind::kCheckpoint);
    tail_.publicKey = record.publicKey;
    tail_.epoch = record.epoch + (ends ? 1 : 0);
    // The record of new keys is the first that they seal.
    if (begins && !tail_.seals.empty())
      tail_.seals.erase(tail_.seals.begin(), tail_.seals.end() - 1);
    if (ends) tail_.seals.clear();
  }

  AuditTail& tail_;
  bool started_ = false;
  bool broken_ = false;
};

}  // namespace

Result<AuditTail> readTail(const std::string& directory,
                           const std::vector<AuditSegment>& segments) {
  AuditTail tail;
  TailReader reader(tail);
  const std::size_t first = segments.size() > 2 ? segments.size() - 2 : 0;
  for (std::size_t i = first; i < segments.size(); ++i) {
    tail.size = 0;
    TRY_ASSIGN(const Fd file, openSegment(directory, segments[i].name));
    TRY(readLines(file, [&](std::string_view line, LineEnd end, std::uint64_t offset) {
      return reader.onLine(line, end, offset);
    }));
    const bool tornInside = !tail.torn.empty() && i + 1 < segments.size();
    if (reader.broken() || tornInside)
      return Error{Code::kConflict,
                   "audit log " + directory + "/" + segments[i].name + " is broken after record " +
                       std::to_string(tail.head.seq) + "; see: bulkhead audit verify",
                   ""};
  }
  return tail;
}

}  // namespace bulkhead::agent
