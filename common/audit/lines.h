// Reads a segment of the audit log line by line with bounded memory.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "common/core/result.h"
#include "common/os/fd.h"

namespace bulkhead {

// Opens a regular file without following a link in its last component.
Result<Fd> openSegment(const std::string& directory, const std::string& name);

enum class LineEnd {
  kNewline,
  kEndOfFile,  // the last line is cut
  kTooLong,    // no record is that long; the line is given up to the limit, the rest is skipped
};
enum class Lines { kContinue, kStop };
// `offset` is the line's first byte in the file.
using OnLine = std::function<Lines(std::string_view line, LineEnd end, std::uint64_t offset)>;
Result<Ok> readLines(const Fd& file, const OnLine& onLine);

}  // namespace bulkhead
