#include "cli/audit_export.h"

#include <iostream>

#include "cli/output.h"
#include "common/audit/ecs.h"
#include "common/audit/lines.h"

namespace bulkhead::cli {
namespace {

struct Written {
  std::uint64_t bad = 0;
  bool closed = false;  // whoever read it has gone
};

// The last line may be one that is being written; the next export has it.
bool isHalf(LineEnd end, bool last) { return end == LineEnd::kEndOfFile && last; }

void write(std::string_view line, const ExportOptions& options, Written& written) {
  const auto link = readLink(line);
  if (link && link->seq <= options.after) return;
  if (!link) {
    ++written.bad;
    if (options.format == "ecs") return;
  }
  if (options.format == "ecs") {
    const auto text = ecsLine(line);
    if (!text.ok()) {
      ++written.bad;
      return;
    }
    std::cout << *text << '\n';
  } else {
    std::cout << line << '\n';
  }
  written.closed = !std::cout.good();
}

Result<Ok> writeSegment(const ExportOptions& options,
                        const AuditSegment& segment,
                        bool last,
                        Written& written) {
  TRY_ASSIGN(const Fd file, openSegment(options.directory, segment.name));
  return readLines(file, [&](std::string_view line, LineEnd end, std::uint64_t) {
    if (!isHalf(end, last)) write(line, options, written);
    return written.closed ? Lines::kStop : Lines::kContinue;
  });
}

// Nothing of a segment is wanted when the next one begins at or before what is.
bool isBefore(const std::vector<AuditSegment>& segments, std::size_t at, std::uint64_t after) {
  return at + 1 < segments.size() && segments[at + 1].firstSeq <= after + 1;
}

}  // namespace

ExitCode runAuditExport(const ExportOptions& options) {
  const char* const next =
      "name another --directory, or run it as root: sudo bulkhead audit export";
  const auto segments = listSegments(options.directory);
  if (!segments.ok()) return complain(segments.error(), next);
  if (segments->empty())
    return complain({Code::kNotFound, "there is no audit log in " + options.directory, ""}, next);
  Written written;
  for (std::size_t at = 0; at < segments->size() && !written.closed; ++at) {
    if (isBefore(*segments, at, options.after)) continue;
    const bool last = at + 1 == segments->size();
    const auto done = writeSegment(options, (*segments)[at], last, written);
    if (!done.ok()) return complain(done.error(), next);
  }
  std::cout.flush();
  if (!std::cout.good())
    return complain({Code::kUnavailable, "standard output takes no more", ""},
                    "go on behind the last record that arrived: --after NUMBER");
  if (written.bad == 0) return ExitCode::kOk;
  std::cerr << "audit export: " << written.bad << " lines are no records\n"
            << "next: bulkhead audit verify\n";
  return ExitCode::kFindings;
}

}  // namespace bulkhead::cli
