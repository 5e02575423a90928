// systemd: units as operations need them, and the slice that carries an account's limits. Starting
// and stopping wait until systemd says that it is done; whether it is true is read back by
// unitState() and proveSlice(), which belong into verify().
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"
#include "common/types/limits.h"

namespace bulkhead::agent::systemd {

inline constexpr const char* kUnitDirectory = "/etc/systemd/system";
// An engine has 60 s to stop; twice that is a systemd that hangs.
inline constexpr std::chrono::milliseconds kStopLimit{120000};
inline constexpr std::chrono::milliseconds kStartLimit{90000};

struct UnitState {
  std::string load;    // "loaded", "not-found", "masked", ...
  std::string active;  // "active", "inactive", "failed", "activating", ...
  std::string sub;     // "running", "dead", "exited", ...
  bool isActive() const { return active == "active"; }
  bool isKnown() const { return load != "not-found"; }
};

using Properties = std::map<std::string, std::string>;
// The properties asked for, by name; a property that systemd does not know is absent, one that it
// gives several times has a line for each.
Result<Properties> show(const Host& host,
                        const std::string& unit,
                        const std::vector<std::string>& properties);
// Of many units, in their order: one start of systemctl for each hundred.
Result<std::vector<Properties>> showAll(const Host& host,
                                        const std::vector<std::string>& units,
                                        const std::vector<std::string>& properties);
Result<UnitState> unitState(const Host& host, const std::string& unit);

// Writes the file of a unit, or one of its drop-ins, when it differs, and makes systemd read it.
// Heals a crash between the two.
Result<Ok> ensureUnitFile(Host& host,
                          const std::string& unit,
                          const std::string& path,
                          const std::string& content);
// Removes the file of a unit and makes systemd forget it, with a failure that it may remember. The
// unit must be stopped before.
Result<Ok> removeUnitFile(Host& host, const std::string& unit, const std::string& path);
Result<Ok> reload(Host& host);

Result<Ok> start(Host& host,
                 const std::string& unit,
                 std::chrono::milliseconds limit = kStartLimit);
// A unit that systemd does not know is stopped already.
Result<Ok> stop(Host& host, const std::string& unit, std::chrono::milliseconds limit = kStopLimit);
Result<Ok> enable(Host& host, const std::string& unit);   // at boot; does not start it now
Result<Ok> disable(Host& host, const std::string& unit);  // at boot; does not stop it now

// ---- the slice of an account

std::string sliceText(const Identity& who, const ResourceLimits& limits);  // its unit file
std::string slicePath(uid_t uid);                                          // where that is
std::string sliceName(uid_t uid);  // "bulkhead-account-20001.slice"
// Writes the limits, makes systemd apply them, and starts the slice, so that the kernel holds them
// before the first process comes.
Result<Ok> ensureSlice(Host& host, const Identity& who, const ResourceLimits& limits);
// Stops everything that runs in the slice and removes it.
Result<Ok> removeSlice(Host& host, const Identity& who);
// What systemd says and, where the slice has a control group, what the kernel says. kInternal when
// one of them differs from `limits`.
Result<Proof> proveSlice(const Host& host, const Identity& who, const ResourceLimits& limits);
// The same, by what systemd has said of sliceProperties() already.
const std::vector<std::string>& sliceProperties();
Result<Proof> proveSlice(const Host& host,
                         const Identity& who,
                         const ResourceLimits& limits,
                         Properties properties);
Result<Proof> proveNoSlice(const Host& host, const Identity& who);

}  // namespace bulkhead::agent::systemd
