// Who calls. The kernel's word counts; what the environment says is read at one place only, for the
// entry that sudo and proxyexec start as root.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string_view>

namespace bulkhead::cpapi {

// The ids that a starter of elevated programs claims for the one it started them for.
struct Claims {
  std::optional<std::string_view> sudoUid;
  std::optional<std::string_view> sudoGid;
  std::optional<std::string_view> proxyexecUid;
  std::optional<std::string_view> proxyexecGid;
};
// Reads the four from an environment; one that is there twice makes all of them worthless.
std::optional<Claims> readClaims(const char* const* environment);

struct Identity {
  uid_t uid;
  gid_t gid;
};
// Exactly one starter, a number and not a word: everything else is nobody.
std::optional<Identity> identityFrom(const Claims& claims);

// The caller of the ordinary entry: real and effective ids agree, so nobody lent the program his
// rights.
std::optional<uid_t> ordinaryCaller();

// The caller of the elevated entry. When it was started as root for somebody else, the program
// becomes that user for good: everything that follows is done with that user's rights.
std::optional<uid_t> elevatedCaller(const std::optional<Claims>& claims);

}  // namespace bulkhead::cpapi
