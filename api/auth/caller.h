// Who sends a request, and how the router finds out.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/auth/scopes.h"
#include "api/usecases/model.h"
#include "common/core/result.h"
#include "common/types/address_range.h"

namespace bulkhead::api {

// What an API token does not allow, whatever its scopes are.
struct TokenLimits {
  std::string id;                       // "tok_..."
  std::vector<AddressRange> addresses;  // none = from everywhere
  bool readOnly = false;
  bool dryRunOnly = false;  // may change nothing, but ask what a change would do
  std::int64_t usedAt = 0;  // as it was looked up; later uses may not be in it
};

// A proved identity.
struct Principal {
  enum class Kind { kLocalRoot, kPerson };
  Kind kind = Kind::kPerson;
  std::string actor;     // "local:root", "admin:alice", "admin:alice/tok_..." by an API token; what
                         // jobs and the audit log say
  std::string personId;  // "" for root
  std::string username;  // "root" for root
  std::string role;      // "root", or a Person's
  std::string sessionId;  // "" for root and for API tokens
  ScopeSet scopes;
  Reach reach = {Reach::Kind::kNothing, ""};
  // Whoever stands in for this person, "admin:alice" and "adm_..."; "" = it is the person himself.
  std::string standIn = {};
  std::string standInId = {};
  // Whoever it is showed the password (and the code, if there is a second factor) within
  // kProofMicros, or is root on the Unix socket. Never true with an API token.
  bool proved = false;
  std::shared_ptr<const TokenLimits> token = {};  // nullptr for whoever comes without an API token
};
Principal localRoot();

// So long a proof counts for what is dangerous: somebody else may sit at the desk after it.
inline constexpr std::int64_t kProofMicros = 5LL * 60 * 1'000'000;

// For every bearer token that is no good: which part was wrong is nobody's business.
Error unknownBearer();

// Why an API token that is good does not let this request in.
struct Kept {
  enum class Why { kAddress, kRate };
  Why why = Why::kAddress;
  int retryAfterSeconds = 0;  // for kRate
};

// A request that a proved identity was not allowed.
struct Denial {
  std::string actor;
  std::string rule;       // "scope", "read_only", ...
  std::string operation;  // "account.create"
  std::string address;
  std::string requestId;
};

// Turns a bearer token into an identity. Called by many threads at once.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // kUnauthenticated, always with the same words, for a token that is unknown, malformed, expired
  // or revoked; kUnavailable when the store is down.
  virtual Result<Principal> authenticate(std::string_view bearerToken) = 0;
  // The same, and no use: whoever only looks on does not keep a session from ending.
  virtual Result<Principal> recognise(std::string_view bearerToken) {
    return authenticate(bearerToken);
  }
  // Once for each request of a principal with an API token: nothing when it may come in from that
  // address now. Counts as a use of the token.
  virtual std::optional<Kept> keepOut(const Principal& principal, const std::string& address) = 0;
  // For the record; the answer does not depend on it.
  virtual void noteDenial(const Denial& /*denial*/) {}
};

}  // namespace bulkhead::api
