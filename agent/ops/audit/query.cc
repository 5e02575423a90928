#include "agent/ops/audit/query.h"

#include <algorithm>
#include <limits>

#include "common/audit/record.h"
#include "common/core/escape.h"

namespace bulkhead::agent {
namespace {

// The written form is canonical, so a record that matches holds these bytes; parsing then decides.
bool mayMatch(std::string_view line, const std::string& wanted) {
  return wanted.empty() || line.find(quoteAscii(wanted)) != std::string_view::npos;
}

bool matches(std::string_view line, const AuditFilter& filter, std::uint64_t before) {
  const auto link = readLink(line);
  if (!link || link->seq >= before) return false;
  if (!mayMatch(line, filter.account) || !mayMatch(line, filter.requestId) ||
      !mayMatch(line, filter.kind))
    return false;
  const auto record = parseAuditLine(line);
  return record.ok() && (filter.account.empty() || record->account == filter.account) &&
         (filter.requestId.empty() || record->requestId == filter.requestId) &&
         (filter.kind.empty() || record->kind == filter.kind);
}

// False when the page is full.
bool collect(std::string_view text,
             const AuditFilter& filter,
             std::uint64_t before,
             AuditRecords& page) {
  text = text.substr(0, text.rfind('\n') + 1);  // the agent may be writing the last line just now
  while (!text.empty()) {
    text.remove_suffix(1);
    const std::size_t start = text.rfind('\n') + 1;
    const std::string_view line = text.substr(start);
    text = text.substr(0, start);
    if (!matches(line, filter, before)) continue;
    if (page.lines.size() == filter.limit) {
      page.more = true;
      return false;
    }
    page.lines.emplace_back(line);
  }
  return true;
}

}  // namespace

Result<AuditRecords> queryAudit(const Host& host,
                                const AuditFilter& filter,
                                const std::string& directory) {
  const std::uint64_t before =
      filter.before == 0 ? std::numeric_limits<std::uint64_t>::max() : filter.before;
  TRY_ASSIGN(const auto names, host.list(directory));
  std::vector<std::uint64_t> segments;
  for (const auto& name : names)
    if (const auto first = parseSegmentName(name); first && *first < before)
      segments.push_back(*first);
  std::sort(segments.rbegin(), segments.rend());
  AuditRecords page;
  std::size_t searched = 0;
  for (const auto first : segments) {
    if (searched++ == kSegmentsSearchedMax)
      return Error{Code::kLimitExceeded, "too many records to search; say before", "before"};
    TRY_ASSIGN(const auto text, host.readFile(directory + "/" + segmentName(first)));
    if (!collect(text, filter, before, page)) break;
  }
  return page;
}

}  // namespace bulkhead::agent
