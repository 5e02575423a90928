// What the server knows of an API token. The secret itself is in none of these.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/auth/caller.h"
#include "api/auth/person.h"

namespace bulkhead::api {

// An API token as its owner sees it.
struct ApiToken {
  std::string id;  // "tok_" and a ULID
  std::string personId;
  std::string owner;  // name and role of whoever it acts for, as they are now
  std::string ownerRole;
  std::string name;
  std::string scopes;                  // words; the owner's role may give fewer by now
  std::vector<std::string> addresses;  // ranges; none = from everywhere
  bool readOnly = false;
  bool dryRunOnly = false;
  std::int64_t createdAt = 0;
  std::int64_t expiresAt = 0;
  std::int64_t oldUntil = 0;  // so long the secret before the last rotation holds; 0 = none
  std::int64_t usedAt = 0;    // 0 = never
  std::string usedFrom;       // an address
};

// What was found by a secret.
struct KnownToken {
  ApiToken token;
  Person owner;              // without the password
  bool byOldSecret = false;  // by the one before the last rotation
  std::shared_ptr<const TokenLimits> limits;
};

}  // namespace bulkhead::api
