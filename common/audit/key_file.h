// The file of the audit log's keys: two slots of a block each, of which one is in force. A new
// epoch goes into the other slot and the old one is then overwritten in place, because a file that
// is replaced by rename leaves its old blocks, and the old key in them, on the disk.
#pragma once
#include <string>

#include "common/audit/keys.h"
#include "common/core/result.h"
#include "common/os/fd.h"

namespace bulkhead {

inline constexpr const char* kAuditKeyDirectory = "/var/lib/bulkhead/agent/audit-keys";
inline constexpr const char* kAuditKeyFile = "keys";
inline constexpr const char* kNextAuditKeyFile = "keys.next";  // made, not yet in force

class AuditKeyFile {
 public:
  // Durable, 0600, and whole from its first moment. kAlreadyExists when there is one.
  static Result<Ok> create(const std::string& path, const AuditKeys& keys);
  // kNotFound when there is none; kConflict when it holds no keys that can be believed.
  static Result<AuditKeyFile> open(const std::string& path);

  const AuditKeys& keys() const { return keys_; }
  AuditKeys& keys() { return keys_; }
  // Makes keys() durable and wipes the ones before. When it fails those before are in force still.
  Result<Ok> store();
  // Overwrites both slots: these keys end here.
  Result<Ok> wipe();

 private:
  Fd file_;
  AuditKeys keys_;
  int slot_ = 0;  // in force
};

}  // namespace bulkhead
