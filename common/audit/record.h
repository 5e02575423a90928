// One record of the audit log and its one written form: a line of ASCII JSON with a fixed order of
// keys. The form is canonical, because the hash chain (chain.h) covers bytes, not meanings.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/core/result.h"

namespace bulkhead {

inline constexpr std::size_t kRecordBytesMax = 8192;  // with its newline; one write() stays whole
inline constexpr std::size_t kAuditParamBytesMax = 1024;  // longer values become digest and length

enum class AuditKind {
  kStart,       // the agent opened the log
  kIntent,      // about to act: durable before the first side effect
  kOutcome,     // acted: durable before the reply
  kPreview,     // a dry run was answered; nothing was touched
  kDeny,        // a call or a connection was refused
  kRecover,     // something that the previous run left behind: a torn line, an act without outcome
  kRotate,      // first record of a further segment
  kKey,         // from here on, records are sealed by the keys that it names
  kCheckpoint,  // the last record of an epoch: the key that sealed it exists no more
};
std::string auditTimeText(std::int64_t unixMicros);  // RFC 3339, UTC, microseconds
std::string_view auditKindName(AuditKind kind);
bool isAuditKind(std::string_view name);

struct AuditParam {
  std::string name;  // of the schema's field, "limits.tasks" for a nested one
  std::variant<bool, std::int64_t, std::uint64_t, std::string, std::vector<std::string>> value;
};

struct AuditPeer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
};

struct AuditTime {
  std::int64_t unixMicros = 0;
  std::uint64_t monotonicNanos = 0;
};

struct AuditRecord {
  AuditKind kind = AuditKind::kStart;
  std::string op;         // "account.create", "connection"
  std::string opId;       // the same in intent and outcome of one act
  std::string requestId;  // as the peer says
  std::string actor;      // as the peer says
  std::string trace;      // as the peer says
  AuditPeer peer;         // as the kernel says
  std::string account;
  std::vector<AuditParam> params;
  std::string code = "ok";  // name of a Code
  std::string message;
  std::uint64_t durationMicros = 0;
};

// Where and when a record is written; the writer's part of a line.
struct AuditStamp {
  std::uint64_t seq = 0;  // from 1, never reset
  AuditTime time;
  std::string bootId;
  std::string prevHash;  // 64 hexadecimal digits
};

// The line without newline and, sealed, never longer than kRecordBytesMax - 1: values that would
// not fit become {"sha256":...,"bytes":...}, texts of the peer are cut.
std::string formatAuditRecord(const AuditRecord& record, const AuditStamp& stamp);
// Adds the MAC over the line's hash as the last member of the line.
std::string sealAuditLine(std::string line, std::string_view macHex);

// What readers need of a line. Refuses (kInvalidArgument) what is no record.
struct AuditLine {
  std::uint64_t seq = 0;
  std::string time;  // RFC 3339, UTC, microseconds
  std::string kind;
  std::string op;
  std::string opId;
  std::string requestId;
  std::string actor;
  std::string account;
  std::string code;
  std::string message;
  std::string publicKey;    // of kKey, kRotate and kCheckpoint: the keys in force
  std::uint64_t epoch = 0;  // the same
};
Result<AuditLine> parseAuditLine(std::string_view line);

}  // namespace bulkhead
