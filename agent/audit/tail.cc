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
    started_ = true;
    tail_.head = {link->seq, link->hash};
    tail_.size = offset + line.size() + 1;
    note(line);
    return Lines::kContinue;
  }
  bool broken() const { return broken_; }

 private:
  void note(std::string_view line) {
    const auto record = parseAuditLine(line);
    if (!record.ok() || record->opId.empty()) return;
    if (record->kind == auditKindName(AuditKind::kIntent))
      tail_.openActs[record->opId] = *record;
    else if (record->kind == auditKindName(AuditKind::kOutcome) ||
             record->kind == auditKindName(AuditKind::kRecover))
      tail_.openActs.erase(record->opId);
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
