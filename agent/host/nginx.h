// nginx: makes the machine's Nginx serve what the registry says, and proves it. The registry is the
// desired state; a marker names each domain whose vhost may differ from it. Whoever gets the lock
// brings in all marked sites with one test and one reload, so that many changes at once cost few
// reloads; the others find theirs done. A reload counts as done when the new workers answer the
// generation that was written with it: Nginx itself reports a failed reload to its log only.
#pragma once
#include <chrono>
#include <cstdint>

#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "agent/host/vhost.h"
#include "agent/registry/registry.h"
#include "common/core/result.h"

namespace bulkhead::agent::nginx {

inline constexpr const char* kUnit = "nginx.service";
inline constexpr const char* kSites = "/etc/nginx/bulkhead/sites";
inline constexpr const char* kGeneration = "/etc/nginx/bulkhead/generation.conf";
inline constexpr const char* kGenerationSocket = "/run/bulkhead-nginx/generation.sock";
inline constexpr const char* kMarked = "/var/lib/bulkhead/nginx-marked";
// A reload takes 0.1 s, and seconds with thousands of sites; then something is wrong.
inline constexpr std::chrono::milliseconds kReloadLimit{15000};
inline constexpr std::chrono::milliseconds kReloadPoll{20};
// Whoever waits behind a leader waits for one test, one reload and, at worst, its roll-back.
inline constexpr std::chrono::milliseconds kPatience{40000};

// The file that the registry wants for the site, from its record alone.
Result<std::string> siteText(const SiteRecord& site, const Identity& who);
std::string sitePath(const DomainName& domain);  // "/etc/nginx/bulkhead/sites/example.test.conf"

// Records the site and serves it. kConflict when the name is taken meanwhile, or when Nginx's
// configuration was broken before (the message names file and line). After a failure registry and
// configuration are as they were.
Result<Ok> applySite(Host& host, const SiteRecord& site);
// With its logs. Absent is fine, another account's is kNotFound; after a failure the record is as
// it was.
Result<Ok> removeSite(Host& host, const Identity& who, const DomainName& domain);
// Serves a site under another domain in one reload: `site` has the new name, `from` the old one. A
// repetition completes what is missing; after a failure the records are as they were. kNotFound
// when `from` is another account's.
Result<Ok> moveSite(Host& host, const DomainName& from, const SiteRecord& site);
// The records of one account's sites become another's; what Nginx serves goes by the uid and stays.
Result<Ok> giveAllTo(Host& host, const Username& from, const Username& to);
// Every site of the account, with its logs; also such as are in Nginx only.
Result<Ok> removeAllOf(Host& host, const Identity& who);

// The generation that the running workers answer.
Result<std::uint64_t> generation(const Host& host);
// The file is the record's, and the workers run the generation on disk.
Result<Proof> proveSite(const Host& host, const SiteRecord& site, const Identity& who);
Result<Proof> proveNoSite(const Host& host, const DomainName& domain);

}  // namespace bulkhead::agent::nginx
