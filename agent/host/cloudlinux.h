// cloudlinux: what is known here of CloudLinux's own programs and files, and the files that the
// integration puts between them. Content comes from the templates of the package; which file of
// the host is ours is remembered by the hash of what was written, so that a file that a person has
// changed is never written over.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent::cloudlinux {

inline constexpr const char* kLvectl = "/usr/sbin/lvectl";
inline constexpr const char* kCagefsctl = "/usr/sbin/cagefsctl";
inline constexpr const char* kCagefs = "/etc/cagefs";
inline constexpr const char* kIntegration = "/opt/cpvendor/etc/integration.ini";
inline constexpr const char* kNativePhp = "/etc/cl.selector/native.conf";
inline constexpr const char* kMountPoints = "/etc/cagefs/cagefs.mp";
inline constexpr const char* kDuplicateUids = "/etc/cagefs/enable.duplicate.uids";
inline constexpr const char* kTemplates = "/usr/share/bulkhead/cloudlinux";
// Each account reads its own directory below; the mount line shows each cage only that one.
inline constexpr const char* kSnapshots = "/var/lib/bulkhead/cpapi/uid";
inline constexpr const char* kMountLine = "*/var/lib/bulkhead/cpapi/uid";
// Written last by cloudlinux.configure and removed first by cloudlinux.remove.
inline constexpr const char* kEnabledMark = "/var/lib/bulkhead/agent/cloudlinux-enabled";
inline constexpr const char* kWrittenFiles = "/var/lib/bulkhead/agent/cloudlinux-files";

bool isEnabled(const Host& host);
// The first line of /etc/cloudlinux-release, "CloudLinux" where only other signs are; nullopt on
// any other system.
std::optional<std::string> release(const Host& host);

struct Wish {
  enum class Anywhere { kNo, kYes };  // kYes: also on a host that is not CloudLinux
  Anywhere anywhere = Anywhere::kNo;
  bool duplicateUids = false;  // accounts of this host share uids
};

enum class FileState { kAbsent, kCurrent, kOutdated, kEdited };
struct ManagedFile {
  std::string path;
  FileState state = FileState::kAbsent;
};
// Every file of the integration as it is now; one that is not wanted and not there is left out.
Result<std::vector<ManagedFile>> files(const Host& host);

struct Changes {
  std::vector<std::string> next;  // what a person has to do, because it would disturb users
};
// kUnsupported on another system, unless wished; kUnavailable without the package's templates;
// kConflict while integration.ini is another product's.
Result<Ok> checkConfigure(const Host& host, const Wish& wish);
// Writes what differs. A file that a person has changed, or that was there before, stays.
Result<Changes> configure(Host& host, const Wish& wish);
// Removes what configure() wrote. A changed integration.ini goes aside, for the scripts that it
// names go with the package; any other changed file stays.
Result<Changes> remove(Host& host);
// Called last of all: until then, whoever asks again is given `next` again.
Result<Ok> told(Host& host);

}  // namespace bulkhead::agent::cloudlinux
