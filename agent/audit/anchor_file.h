// Where anchors go: the newest one lies beside the keys for the REST server to fetch and keep, and
// each goes to the journal.
#pragma once
#include <string>

#include "common/audit/anchor.h"

namespace bulkhead::agent {

inline constexpr const char* kAnchorFile = "anchor";
inline constexpr const char* kAnchorIdentifier = "bulkhead-audit";  // journalctl -t

// Logs a failure: an anchor that is not kept here is in the journal still.
void keepAnchor(const std::string& directory, const AuditAnchor& anchor);
void sendToJournal(const AuditAnchor& anchor);

}  // namespace bulkhead::agent
