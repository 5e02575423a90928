// Walks every segment, and on the first line that does not fit looks at the rest of the log to say
// what was done to it.
#include "common/audit/verify.h"

#include <chrono>
#include <functional>
#include <thread>

#include "common/audit/lines.h"
#include "common/audit/witness.h"

namespace bulkhead {
namespace {

// A record that the agent is writing at this moment looks cut; it is whole a moment later.
constexpr int kAttemptsMax = 3;
constexpr std::chrono::milliseconds kWriterPatience{20};

struct Place {
  const AuditSegment* segment = nullptr;
  std::uint64_t line = 0;
};
using OnPlacedLine = std::function<Lines(std::string_view line, LineEnd end, const Place& place)>;

Result<Ok> walk(const std::string& directory,
                const std::vector<AuditSegment>& segments,
                const OnPlacedLine& onLine) {
  bool stopped = false;
  for (const auto& segment : segments) {
    TRY_ASSIGN(const Fd file, openSegment(directory, segment.name));
    Place place{&segment, 0};
    TRY(readLines(file, [&](std::string_view line, LineEnd end, std::uint64_t) {
      ++place.line;
      const Lines next = onLine(line, end, place);
      stopped = next == Lines::kStop;
      return next;
    }));
    if (stopped) break;
  }
  return Ok{};
}

class Verifier {
 public:
  Verifier(const std::string& directory,
           const std::vector<AuditSegment>& segments,
           const VerifyRequest& request)
      : directory_(directory),
        segments_(segments),
        keys_(request.seeds),
        anchors_(request.anchors) {}

  Result<ChainReport> run() {
    TRY(walk(directory_, segments_, [this](std::string_view line, LineEnd end, const Place& place) {
      return onLine(line, end, place);
    }));
    if (suspect_) TRY(classify());
    if (!report_.finding) checkNames();
    if (!report_.finding) checkEnd();
    report_.sealed = keys_.sealed();
    report_.publicKey = keys_.publicKey();
    report_.clock = clock_.notices();
    report_.anchors = anchors_.matched();
    return report_;
  }

 private:
  Lines onLine(std::string_view line, LineEnd end, const Place& place) {
    const auto link = end == LineEnd::kNewline ? readLink(line) : std::nullopt;
    const bool named = place.line > 1 || (link && link->seq == place.segment->firstSeq);
    const auto head = link ? readHead(line) : std::nullopt;
    if (head && named && follows(report_.head, *link)) {
      if (const auto fault = ask(line, *link, *head)) {
        report_.finding = ChainFinding{*fault, link->seq, place.segment->name, place.line, 0};
        if (*fault == ChainFault::kRewritten || *fault == ChainFault::kSpliced) {
          report_.finding->seq = anchors_.lastGood() + 1;
          report_.finding->anchorSeq = link->seq;
        }
        return Lines::kStop;
      }
      report_.head = {link->seq, link->hash};
      ++report_.records;
      return Lines::kContinue;
    }
    const bool cut = end == LineEnd::kEndOfFile && place.segment == &segments_.back();
    report_.finding = ChainFinding{cut ? ChainFault::kTruncated : ChainFault::kEdited,
                                   report_.head.seq + 1, place.segment->name, place.line, 0};
    if (link && link->intact) suspect_ = link;
    return Lines::kStop;
  }

  std::optional<ChainFault> ask(std::string_view line,
                                const ChainLink& link,
                                const LineHead& head) {
    if (const auto fault = keys_.see(line, link, head)) return fault;
    if (const auto fault = clock_.see(link, head)) return fault;
    return anchors_.see(link, keys_.publicKey());
  }

  // What only the end shows: records that an anchor or a seed speaks of and that are not there.
  void checkEnd() {
    const AuditSegment& last = segments_.back();
    if (const std::uint64_t beyond = anchors_.beyond(); beyond != 0)
      report_.finding =
          ChainFinding{ChainFault::kTruncated, report_.head.seq + 1, last.name, 0, beyond};
    else if (keys_.missesKeys())
      report_.finding = ChainFinding{ChainFault::kKey, report_.head.seq + 1, last.name, 0, 0};
  }

  // The record is whole, but it is not the one that belongs here.
  Result<Ok> classify() {
    const std::uint64_t wanted = report_.head.seq + 1;
    if (suspect_->seq == wanted) {
      // Right place and right number: its segment was renamed, or it comes from elsewhere.
      report_.finding->fault =
          suspect_->prev == report_.head.hash ? ChainFault::kEdited : ChainFault::kSpliced;
      return Ok{};
    }
    if (suspect_->seq > wanted) {
      TRY_ASSIGN(const bool later, contains([&](const ChainLink& link) {
                   return link.seq == wanted && link.prev == report_.head.hash;
                 }));
      report_.finding->fault = later ? ChainFault::kReordered : ChainFault::kDeleted;
      return Ok{};
    }
    TRY_ASSIGN(const bool twice,
               contains([&](const ChainLink& link) { return link.hash == suspect_->hash; }));
    report_.finding->fault = twice ? ChainFault::kDuplicated : ChainFault::kSpliced;
    return Ok{};
  }

  // Whether an intact record other than the suspect is as wanted.
  Result<bool> contains(const std::function<bool(const ChainLink&)>& wanted) {
    bool found = false;
    TRY(walk(directory_, segments_, [&](std::string_view line, LineEnd end, const Place& place) {
      const bool itself =
          place.segment->name == report_.finding->file && place.line == report_.finding->line;
      if (itself || end != LineEnd::kNewline) return Lines::kContinue;
      const auto link = readLink(line);
      found = link && link->intact && wanted(*link);
      return found ? Lines::kStop : Lines::kContinue;
    }));
    return found;
  }

  // An empty segment shows nothing in the chain. The last one may be empty: the agent died while
  // starting it.
  void checkNames() {
    for (const auto& segment : segments_) {
      const bool last = &segment == &segments_.back();
      if (segment.firstSeq <= report_.head.seq ||
          (last && segment.firstSeq == report_.head.seq + 1))
        continue;
      report_.finding =
          ChainFinding{ChainFault::kDeleted, report_.head.seq + 1, segment.name, 1, 0};
      return;
    }
  }

  const std::string& directory_;
  const std::vector<AuditSegment>& segments_;
  KeyWitness keys_;
  ClockWitness clock_;
  AnchorWitness anchors_;
  ChainReport report_;
  std::optional<ChainLink> suspect_;
};

}  // namespace

Result<ChainReport> verifyAudit(const std::string& directory, const VerifyRequest& request) {
  TRY_ASSIGN(const auto segments, listSegments(directory));
  if (segments.empty()) return Error{Code::kNotFound, "there is no audit log in " + directory, ""};
  for (int attempt = 1;; ++attempt) {
    TRY_ASSIGN(ChainReport report, Verifier(directory, segments, request).run());
    const bool cut = report.finding && report.finding->fault == ChainFault::kTruncated;
    const bool patient = request.writer == VerifyRequest::Writer::kMayWrite;
    if (!cut || !patient || attempt == kAttemptsMax) return report;
    std::this_thread::sleep_for(kWriterPatience);
  }
}

}  // namespace bulkhead
