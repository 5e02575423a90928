// nginx_reload: swaps files of Nginx's configuration in, proves that the running workers use them,
// or puts everything back. Call it under LockName::kNginx.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent::nginx {

struct Change {
  std::string path;
  std::optional<std::string> before;  // nullopt: no such file
  std::optional<std::string> after;
};

std::string generationText(std::uint64_t number);
// 0 when there is none yet; kInternal when the file is not ours.
Result<std::uint64_t> generationOnDisk(const Host& host);

// What `nginx -t` says against the configuration on disk; "" when it is good.
Result<std::string> complaintOf(const Host& host);

// kConflict: Nginx's configuration is broken without these changes as well. kInternal: with them.
// kTimeout: the workers did not take the new generation over. In each case the files are as before.
Result<Ok> activate(Host& host, const std::vector<Change>& changes);

}  // namespace bulkhead::agent::nginx
