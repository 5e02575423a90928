// An anchor: what the log's last record was at a checkpoint, signed, to be kept where whoever cuts
// or rolls back the log cannot reach. One line of JSON, as it stands in the journal and the API's
// store.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/audit/keys.h"
#include "common/core/result.h"

namespace bulkhead {

inline constexpr std::size_t kAnchorBytesMax = 1024;
// Where the API keeps them, one line of JSON each, oldest first. When one file is full the other is
// emptied and goes on: the API's list of system calls has no rename.
inline constexpr const char* kAnchorsFiles[] = {"audit-anchors.0.jsonl", "audit-anchors.1.jsonl"};

struct AuditAnchor {
  std::string publicKey;    // of the keys in force
  std::uint64_t seq = 0;    // of the checkpoint's record
  std::string hash;         // of the same
  std::uint64_t epoch = 0;  // that ended with it
  std::uint64_t count = 0;  // records in that epoch
  std::string time;         // RFC 3339
  std::string signature;

  static AuditAnchor sign(AuditAnchor unsignedAnchor, const AuditKeys& keys);
  // Refuses (kInvalidArgument) what is no anchor, or is not signed by the keys that it names.
  static Result<AuditAnchor> parse(std::string_view line);
  std::string line() const;  // without newline

 private:
  std::string statement() const;
};

struct AnchorLines {
  std::vector<AuditAnchor> anchors;  // sorted by seq
  std::vector<std::size_t> bad;      // numbers of lines that are none, from 1
};
// One anchor a line: bare, or as `journalctl -o json` wraps it.
AnchorLines readAnchors(std::string_view text);
// The same for what an answer depends on: refuses a line that is none, and a text without any.
Result<std::vector<AuditAnchor>> parseAnchors(std::string_view text);

}  // namespace bulkhead
