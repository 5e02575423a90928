// engine: one account's own rootless Docker engine. It runs from the packaged template unit
// bulkhead-engine@UID.service as the account's uid; the agent starts it, gives it the networks www
// and db, and keeps root's Docker context of the account's name.
//
// The directory in which the account's web server puts its socket is a small tmpfs of its own: the
// tenant can neither fill /run nor lead the machine's Nginx elsewhere, for the kernel follows no
// symlink in it (nosymfollow).
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent::engine {

inline constexpr const char* kDockerConfig = "/var/lib/bulkhead/docker";  // root's DOCKER_CONFIG
inline constexpr const char* kApi =
    "/v1.41";  // of Debian 12's docker.io 20.10; newer ones speak it
// A cold start takes 1 s on an idle machine and 8 s on a busy one with two cores.
inline constexpr std::chrono::milliseconds kReadyLimit{60000};
inline constexpr std::chrono::milliseconds kReadyPoll{100};

std::string unitName(uid_t uid);       // "bulkhead-engine@20001.service"
std::string socketPath(uid_t uid);     // "/run/bulkhead-engine/20001/docker.sock"
std::string siteDirectory(uid_t uid);  // "/run/bulkhead-sites/20001"
std::string siteMountUnit(uid_t uid);  // "run-bulkhead\x2dsites-20001.mount"
std::string siteMountText(uid_t uid);  // its unit file
// The account's name, or "account.NAME" for a name that Docker cannot use for a context.
std::string contextName(const std::string& username);
std::string contextDirectory(const std::string& username);
std::string contextText(const std::string& username, uid_t uid);  // as `docker context create` does

enum class State { kAbsent, kStopped, kRunning, kFailed };

struct Status {
  State state = State::kAbsent;
  std::string version;
  std::uint32_t containers = 0;
  std::uint64_t memoryBytes = 0;  // of the whole slice; 0 where the kernel does not say
  std::vector<std::string> networks;
};

// Enabled, started, answering; with its networks and context. Everything that is so already stays.
Result<Ok> ensure(Host& host, const Identity& who);
// Reads back unit, socket file system, version, networks and context.
Result<Proof> prove(const Host& host, const Identity& who);
Result<Status> status(const Host& host, const Identity& who);

// Stops the engine with all its containers and keeps it from starting at boot. Data, networks and
// context stay: ensure() brings everything back.
Result<Ok> stop(Host& host, const Identity& who);
// Removes containers, images and volumes through the running engine: only the engine, which is root
// in the account's user namespace, may delete files of sub-uids inside a home. kUnreachable: it
// does not start any more, and nothing was removed; an engine that answers wrongly is an error
// instead.
enum class Purged { kAll, kUnreachable };
Result<Purged> purge(Host& host, const Identity& who);
// True when the account ever had an engine.
Result<bool> hasContext(const Host& host, const Identity& who);
// Root's Docker context follows the account's new name, if there is one.
Result<Ok> moveContext(Host& host, const Identity& from, const Identity& to);
// Stops it and removes unit state, mount, context and runtime directories. What lies in the home
// goes with the home, or before by purge(). Absent is fine.
Result<Ok> absent(Host& host, const Identity& who);
Result<Proof> proveAbsent(const Host& host, const Identity& who);

}  // namespace bulkhead::agent::engine
