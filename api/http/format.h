// Named formats of strings in requests. Each is the parse() of a type, so that the schema, the
// OpenAPI document and the code below agree on what a name is.
#pragma once
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::api {

enum class Format {
  kNone,
  kUsername,      // Username
  kDomain,        // DomainName, either form
  kAdminName,     // PersonName
  kPlanName,      // PlanName
  kEmail,         // EmailAddress
  kLocale,        // LocaleCode
  kUnixUser,      // UnixUser
  kPhp,           // PhpIdentifier
  kDatabaseUser,  // DatabaseUserName
  kAccountRef,    // "acc_" and a ULID, or a username
  kDomainRef,     // "dom_" and a ULID, or a domain name
  kPlanRef,       // "pln_" and a ULID, or a plan name
  kAdminRef,      // "adm_" and a ULID, or an administrator's name
  kResellerRef,   // "rsl_" and a ULID, or a reseller's name
  kOwnerRef,      // an administrator's or a reseller's name, or an id of either
  kJobId,         // "job_" and a ULID
  kTokenId,       // "tok_" and a ULID
  kTokenName,     // 1-64 letters, digits, ' ', '.', '_' and '-'
  kAddressRange,  // AddressRange
  kRequestId,     // what X-Request-Id may hold
  kOperation,     // noun.verb
  kCursor,        // opaque, printable
  kTimestamp,     // RFC 3339, UTC; only in answers
};

// The word in the OpenAPI document's "format"; "" for kNone.
std::string_view formatName(Format format);
// An ECMA regular expression for clients; "" where a regular expression would lie. Never used here.
std::string_view formatPattern(Format format);
// Refuses (kInvalidArgument) text that is not of the format; the message says what is wanted.
Result<Ok> checkFormat(Format format, std::string_view text);

// True for 26 characters of Crockford's base 32, upper case.
bool isUlid(std::string_view text);

}  // namespace bulkhead::api
