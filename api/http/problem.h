// Refusals as RFC 9457 problems. The codes are published: those of common/core/result.h and the few
// below that only HTTP has.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/message.h"
#include "api/http/schema.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Refusals that no layer below HTTP knows.
enum class HttpFault {
  kBadRequest,  // the request is not well-formed: syntax, unknown field, wrong type
  kMethodNotAllowed,
  kUnsupportedMediaType,
  kPayloadTooLarge,
  kPreconditionFailed,  // If-Match
  kRateLimited,
  kSecondFactorRequired,  // the password was right: the same again with a code
  kStepUpRequired,        // prove who you are, then the same again
  kIdempotencyKeyReused,  // the key was given to another request
  kReplyNotKept,          // the change was made, or may have been, and its answer is not there
  kEventsGone,            // what came after that event is not kept any more
  kLockedDown,            // nothing may be changed until root on the server says so
};
std::string_view httpFaultName(HttpFault fault);
int statusOf(HttpFault fault);
int statusOf(Code code);

enum class FaultPlace { kBody, kQuery, kHeader };

struct Problem {
  int status = 500;
  std::string code = "internal";
  std::string detail;
  std::vector<FieldError> errors;
  FaultPlace place = FaultPlace::kBody;  // of the errors
  bool retryable = false;
  int retryAfterSeconds = 0;  // 0 = no Retry-After
  std::string jobId;          // the job that failed, or is under way
  std::string rule;           // 403: the rule that denies ("scope", "peer", "address", ...)
  std::vector<std::string> missingScopes;  // 403
  NameValues headers;                      // Allow, WWW-Authenticate, ...
};

Problem problemOf(const Error& error);
Problem problemOf(HttpFault fault, std::string detail);
Problem lockedDownProblem();
// 400 when the shape is wrong, 422 when only values are.
Problem problemOf(std::vector<FieldError> errors, FaultPlace place);

// Every code that a problem can carry, with its status: for the documentation.
std::vector<std::pair<std::string, int>> publishedCodes();

// `instance` is the path of the request.
HttpResponse render(const Problem& problem, std::string_view instance, std::string_view requestId);

}  // namespace bulkhead::api
