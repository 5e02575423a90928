// quota: the disk space of an account, as a project quota on its home. The project id is the
// account's uid, so that it too is never used again. A project counts files by tree and not by
// owner: what containers write as sub-uids counts. Processes of the account outside of any user
// namespace may change the project of their own files (the kernel lets an owner do so); the account
// has a nologin shell and runs in the engine's namespace only, where the kernel refuses it.
#pragma once
#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent::quota {

bool isSupported(const FileSystemInfo& home);  // by its mount options

// Puts an empty home into its project. A file system without projects is fine: then quotas are
// unsupported here, and the account lives.
Result<Ok> adopt(Host& host, const Identity& who);
// kUnsupported without project quotas; kConflict for a home that is older than the host's project
// quotas, whose files do not count.
Result<Ok> checkHome(const Host& host, const Identity& who);
// 0 = unlimited. Bytes are rounded up to whole KiB.
Result<Ok> set(Host& host, const Identity& who, std::uint64_t bytesMax, std::uint64_t inodesMax);
Result<ProjectQuota> get(const Host& host, const Identity& who);
Result<Proof> prove(const Host& host,
                    const Identity& who,
                    std::uint64_t bytesMax,
                    std::uint64_t inodesMax);
// Forgets the limits of a project whose tree is gone. Fine where quotas are unsupported.
Result<Ok> clear(Host& host, const Identity& who);

}  // namespace bulkhead::agent::quota
