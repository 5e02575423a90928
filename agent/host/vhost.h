// Vhost: one site of the machine's Nginx as a typed model, its text, and the strict reader of that
// text. Only parsed types go in, so no value can end a directive; what was rendered is read back
// and compared all the same, because `nginx -t` accepts every injected directive that is valid.
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/registry/registry.h"
#include "common/core/result.h"
#include "common/types/domain_name.h"

namespace bulkhead::agent {

inline constexpr std::size_t kAliasesMax = 100;  // of one site; also what a request may carry

struct Vhost {
  DomainName domain;
  std::vector<DomainName> aliases;
  SiteMode mode = SiteMode::kServe;
  uid_t uid = 0;  // whose socket is behind it
  bool operator==(const Vhost&) const = default;

  // From the registry's own records; kInternal when they are not what the registry writes.
  static Result<Vhost> of(const SiteRecord& site, const Identity& who);
};

std::string renderVhost(const Vhost& vhost);
// Accepts what renderVhost() writes and nothing else.
Result<Vhost> parseVhost(std::string_view text);

// The domain, or a shorter name that no domain can have ('_') when it leaves no room for a suffix
// within the 255 bytes of a file name.
std::string fileStem(const DomainName& domain);

}  // namespace bulkhead::agent
