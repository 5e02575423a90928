// vhost_edits: what a person has made of a site's file. The panel replaces such a file when the
// site changes, for a suspension must not wait for anybody; but never without keeping it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/host.h"
#include "common/core/result.h"
#include "common/types/domain_name.h"

namespace bulkhead::agent::nginx {

inline constexpr const char* kEditedSites = "/var/lib/bulkhead/edited-sites";
inline constexpr std::size_t kEditedVersionsMax = 10;  // of one site; the oldest goes first

// Exactly what the panel writes for some site, to the last byte.
bool isAsRendered(std::string_view vhost);
// Keeps what is about to be replaced at `path`, unless the panel wrote it or has it already.
Result<Ok> keepEdited(Host& host, const std::string& path, const std::string& content);
// Paths of the versions that were kept, the newest last.
Result<std::vector<std::string>> editedVersions(const Host& host, const DomainName& domain);

}  // namespace bulkhead::agent::nginx
