// Where the client looks, and for how long. Constants of the build: nothing that a caller says can
// move them.
#pragma once

// The tests' own build looks below its working directory; the shipped program has no root but "/".
#ifndef BULKHEAD_CPAPI_ROOT
#define BULKHEAD_CPAPI_ROOT ""
#endif
// Who owns the snapshots; a test cannot make root's files.
#ifndef BULKHEAD_CPAPI_SNAPSHOT_OWNER
#define BULKHEAD_CPAPI_SNAPSHOT_OWNER 0
#endif
// All in all: long enough for a server that restarts, short enough for a page that waits for it.
#ifndef BULKHEAD_CPAPI_PATIENCE_MS
#define BULKHEAD_CPAPI_PATIENCE_MS 10000
#endif

namespace bulkhead::cpapi {

inline constexpr long kPatienceMs = BULKHEAD_CPAPI_PATIENCE_MS;

inline constexpr char kSocketPath[] = BULKHEAD_CPAPI_ROOT "/opt/cpvendor/run/cpapi.sock";
// UID/domains.json below it; each user's group reads its own.
inline constexpr char kSnapshotDirectory[] = BULKHEAD_CPAPI_ROOT "/var/lib/bulkhead/cpapi/uid/";
inline constexpr char kSnapshotName[] = "/domains.json";
inline constexpr unsigned kSnapshotOwner = BULKHEAD_CPAPI_SNAPSHOT_OWNER;
inline constexpr char kPasswd[] = BULKHEAD_CPAPI_ROOT "/etc/passwd";
// The entry for sudo and proxyexec, and sudo itself.
inline constexpr char kElevatedProgram[] =
    BULKHEAD_CPAPI_ROOT "/usr/libexec/bulkhead/cpapi-domains";
inline constexpr char kSudoProgram[] = BULKHEAD_CPAPI_ROOT "/usr/bin/sudo";

}  // namespace bulkhead::cpapi
