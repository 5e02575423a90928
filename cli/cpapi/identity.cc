// Ids, and giving up root's.
#include "cli/cpapi/identity.h"

#include <grp.h>
#include <unistd.h>

#include <array>
#include <limits>

namespace bulkhead::cpapi {
namespace {

struct Name {
  std::string_view prefix;
  std::optional<std::string_view> Claims::*member;
};
constexpr std::array kNames{
    Name{"SUDO_UID=", &Claims::sudoUid},
    Name{"SUDO_GID=", &Claims::sudoGid},
    Name{"PROXYEXEC_UID=", &Claims::proxyexecUid},
    Name{"PROXYEXEC_GID=", &Claims::proxyexecGid},
};

// For a starter that names no group: one that owns nothing.
constexpr gid_t kNoGroup = 65534;

// (uid_t)-1 is nobody's id: calls like setresuid() take it for "leave as it is".
std::optional<uid_t> idOf(std::string_view text) {
  if (text.empty() || text.size() > 10) return std::nullopt;
  unsigned long long value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value >= std::numeric_limits<uid_t>::max()) return std::nullopt;
  return static_cast<uid_t>(value);
}

bool becomes(const Identity& identity) {
  // Groups first: without root's rights they can no longer be given up.
  if (::setgroups(0, nullptr) != 0) return false;
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) return false;
  if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) return false;
  return ::getuid() == identity.uid && ::geteuid() == identity.uid && ::setuid(0) != 0;
}

}  // namespace

std::optional<Claims> readClaims(const char* const* environment) {
  Claims claims;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry(*environment);
    for (const Name& name : kNames) {
      if (!entry.starts_with(name.prefix)) continue;
      if (claims.*name.member) return std::nullopt;
      claims.*name.member = entry.substr(name.prefix.size());
    }
  }
  return claims;
}

std::optional<Identity> identityFrom(const Claims& claims) {
  const bool sudo = claims.sudoUid.has_value();
  if (sudo == claims.proxyexecUid.has_value()) return std::nullopt;
  const auto& uidText = sudo ? claims.sudoUid : claims.proxyexecUid;
  const auto& gidText = sudo ? claims.sudoGid : claims.proxyexecGid;
  const auto uid = idOf(*uidText);
  const auto gid = gidText ? idOf(*gidText) : std::optional(kNoGroup);
  // Root needs no proxyexec: whoever claims that is not root.
  if (!uid || !gid || (!sudo && *uid == 0)) return std::nullopt;
  return Identity{*uid, *gid};
}

std::optional<uid_t> ordinaryCaller() {
  const uid_t uid = ::getuid();
  if (uid != ::geteuid()) return std::nullopt;
  return uid;
}

std::optional<uid_t> elevatedCaller(const std::optional<Claims>& claims) {
  // Nobody has elevated it: the caller is who he is, whatever the environment says.
  if (::geteuid() != 0) return ordinaryCaller();
  if (::getuid() != 0) return std::nullopt;
  const auto identity = claims ? identityFrom(*claims) : std::nullopt;
  if (!identity) return std::nullopt;
  if (identity->uid == 0) return 0;
  if (!becomes(*identity)) return std::nullopt;
  return identity->uid;
}

}  // namespace bulkhead::cpapi
