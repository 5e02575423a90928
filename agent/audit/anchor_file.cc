#include "agent/audit/anchor_file.h"

#include <fcntl.h>
#include <syslog.h>

#include "common/log/log.h"
#include "common/os/atomic_file.h"
#include "common/os/fd.h"

#include <systemd/sd-journal.h>

namespace bulkhead::agent {
namespace {

// Of our entries, so that they are found whoever else calls himself bulkhead-audit.
constexpr const char* kMessageId = "MESSAGE_ID=6f2c1b7e0d5a4c0e9a51f3b07c64d2e8";

}  // namespace

void keepAnchor(const std::string& directory, const AuditAnchor& anchor) {
  const Fd place(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto kept = os::replaceFile(place.get(), kAnchorFile, anchor.line() + "\n",
                                    {0600, ::geteuid(), ::getegid()});
  if (!kept.ok())
    logLine(LogLevel::kError, "cannot keep an anchor of the audit log",
            {{"reason", kept.error().message}});
}

void sendToJournal(const AuditAnchor& anchor) {
  const int sent =
      ::sd_journal_send("MESSAGE=%s", anchor.line().c_str(), "PRIORITY=%i", LOG_NOTICE,
                        "SYSLOG_IDENTIFIER=%s", kAnchorIdentifier, kMessageId,
                        "BULKHEAD_AUDIT_SEQ=%llu", static_cast<unsigned long long>(anchor.seq),
                        "BULKHEAD_AUDIT_HASH=%s", anchor.hash.c_str(), nullptr);
  if (sent < 0) logLine(LogLevel::kError, "an anchor of the audit log is not in the journal");
}

}  // namespace bulkhead::agent
