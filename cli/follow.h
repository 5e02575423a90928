// Following events: lines as they come, and from where they stopped when the connection was lost.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "cli/output.h"
#include "cli/perform.h"

namespace bulkhead::cli {

// Where a reader is; 0 = nowhere yet.
struct Place {
  std::int64_t id = 0;
  bool known = false;
};

// One connection: tells each event until the panel ends it, `tell` answers false, or the time is
// over, and moves `place` on. A status other than 200 is a Response with its problem.
Result<Response> followOnce(const Client& client,
                            const std::string& path,
                            Place& place,
                            long timeLimitSeconds,
                            const std::function<bool(const Json& event)>& tell);

struct FollowOptions {
  std::string type;
  std::string object;
  std::string objectId;
  std::string after;  // "" = from now on
};
// `bulkhead event follow`: until Ctrl-C. Comes back to a panel that restarts.
ExitCode runEventFollow(const FollowOptions& options,
                        const Common& common,
                        const Terminal& terminal);

}  // namespace bulkhead::cli
