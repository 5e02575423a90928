// Who sends a request, and how the router finds out.
#pragma once
#include <string>
#include <string_view>

#include "api/auth/scopes.h"
#include "common/core/result.h"

namespace bulkhead::api {

// A proved identity.
struct Principal {
  enum class Kind { kLocalRoot, kAdmin };
  Kind kind = Kind::kAdmin;
  std::string actor;      // "local:root", "admin:alice"; what jobs and the audit log say
  std::string adminId;    // "" for root
  std::string username;   // "root" for root
  std::string role;       // "root", "main"
  std::string sessionId;  // "" for root
  ScopeSet scopes;
};
Principal localRoot();

// Turns a bearer token into an identity. Called by many threads at once.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // kUnauthenticated, always with the same words, for a token that is unknown, malformed, expired
  // or revoked; kUnavailable when the store is down.
  virtual Result<Principal> authenticate(std::string_view bearerToken) = 0;
};

}  // namespace bulkhead::api
