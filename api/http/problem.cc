// Codes, statuses and the printed form of problems.
#include "api/http/problem.h"

#include <array>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr int kRetrySoonSeconds = 2;        // a lock or a restart of the agent is over by then
constexpr int kLockdownRetrySeconds = 300;  // a person has to look first

constexpr std::array kAllCodes{Code::kInvalidArgument,  Code::kUnauthenticated,
                               Code::kPermissionDenied, Code::kNotFound,
                               Code::kAlreadyExists,    Code::kConflict,
                               Code::kLimitExceeded,    Code::kUnsupported,
                               Code::kUnavailable,      Code::kBusy,
                               Code::kTimeout,          Code::kCancelled,
                               Code::kAuditUnavailable, Code::kInternal};
constexpr std::array kAllHttpFaults{HttpFault::kBadRequest,           HttpFault::kMethodNotAllowed,
                                    HttpFault::kUnsupportedMediaType, HttpFault::kPayloadTooLarge,
                                    HttpFault::kPreconditionFailed,   HttpFault::kRateLimited,
                                    HttpFault::kIdempotencyKeyReused, HttpFault::kReplyNotKept,
                                    HttpFault::kSecondFactorRequired, HttpFault::kStepUpRequired,
                                    HttpFault::kEventsGone,           HttpFault::kLockedDown};

const char* placeName(FaultPlace place) {
  switch (place) {
    case FaultPlace::kBody:
      return "pointer";
    case FaultPlace::kQuery:
      return "parameter";
    case FaultPlace::kHeader:
      return "header";
  }
  return "pointer";
}

Json fieldErrors(const Problem& problem) {
  Json list = Json::array();
  for (const auto& error : problem.errors) {
    Json entry = Json::object();
    entry[placeName(problem.place)] = error.where;
    entry["code"] = faultName(error.fault);
    entry["detail"] = error.detail;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string_view httpFaultName(HttpFault fault) {
  switch (fault) {
    case HttpFault::kBadRequest:
      return "bad_request";
    case HttpFault::kMethodNotAllowed:
      return "method_not_allowed";
    case HttpFault::kUnsupportedMediaType:
      return "unsupported_media_type";
    case HttpFault::kPayloadTooLarge:
      return "payload_too_large";
    case HttpFault::kPreconditionFailed:
      return "precondition_failed";
    case HttpFault::kRateLimited:
      return "rate_limited";
    case HttpFault::kIdempotencyKeyReused:
      return "idempotency_key_reused";
    case HttpFault::kReplyNotKept:
      return "idempotency_reply_not_kept";
    case HttpFault::kSecondFactorRequired:
      return "second_factor_required";
    case HttpFault::kStepUpRequired:
      return "step_up_required";
    case HttpFault::kEventsGone:
      return "events_gone";
    case HttpFault::kLockedDown:
      return "locked_down";
  }
  return "bad_request";
}

int statusOf(HttpFault fault) {
  switch (fault) {
    case HttpFault::kBadRequest:
      return 400;
    case HttpFault::kMethodNotAllowed:
      return 405;
    case HttpFault::kUnsupportedMediaType:
      return 415;
    case HttpFault::kPayloadTooLarge:
      return 413;
    case HttpFault::kPreconditionFailed:
      return 412;
    case HttpFault::kRateLimited:
      return 429;
    case HttpFault::kIdempotencyKeyReused:
      return 422;
    case HttpFault::kReplyNotKept:
      return 409;
    case HttpFault::kSecondFactorRequired:
      return 401;
    case HttpFault::kStepUpRequired:
      return 403;
    case HttpFault::kEventsGone:
      return 410;
    case HttpFault::kLockedDown:
      return 503;
  }
  return 400;
}

int statusOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return 422;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kConflict:
    case Code::kLimitExceeded:  // a plan's limit is a state that the caller can change
    case Code::kBusy:
    case Code::kCancelled:
      return 409;
    case Code::kUnsupported:
      return 422;
    case Code::kUnavailable:
    case Code::kAuditUnavailable:
      return 503;
    case Code::kTimeout:
      return 504;
    case Code::kInternal:
      return 500;
  }
  return 500;
}

Problem problemOf(const Error& error) {
  Problem problem;
  problem.status = statusOf(error.code);
  problem.code = codeName(error.code);
  // An internal fault is logged by whoever found it; its words are not for clients.
  problem.detail = error.code == Code::kInternal
                       ? "internal error; the request id finds it in the server's log"
                       : error.message;
  problem.retryable = isRetryable(error.code);
  if (problem.retryable) problem.retryAfterSeconds = kRetrySoonSeconds;
  if (!error.field.empty() && error.code != Code::kInternal)
    problem.errors.push_back(FieldError{"/" + error.field, Fault::kInvalid, error.message});
  if (error.code == Code::kUnauthenticated)
    problem.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"bulkhead\"");
  return problem;
}

Problem problemOf(HttpFault fault, std::string detail) {
  Problem problem;
  problem.status = statusOf(fault);
  problem.code = httpFaultName(fault);
  problem.detail = std::move(detail);
  problem.retryable = fault == HttpFault::kRateLimited;
  return problem;
}

Problem lockedDownProblem() {
  Problem problem = problemOf(HttpFault::kLockedDown,
                              "the panel is locked down and only answers questions; root on the "
                              "server ends that: bulkhead lockdown off");
  problem.rule = "lockdown";
  problem.retryable = true;
  problem.retryAfterSeconds = kLockdownRetrySeconds;
  return problem;
}

Problem problemOf(std::vector<FieldError> errors, FaultPlace place) {
  bool shape = place != FaultPlace::kBody;  // a wrong query is a wrong address
  for (const auto& error : errors)
    shape = shape || isShapeFault(error.fault);
  Problem problem;
  problem.status = shape ? statusOf(HttpFault::kBadRequest) : statusOf(Code::kInvalidArgument);
  problem.code = shape ? httpFaultName(HttpFault::kBadRequest) : codeName(Code::kInvalidArgument);
  problem.detail = errors.empty() ? "the request is not well-formed"
                                  : errors.front().where + ": " + errors.front().detail;
  problem.errors = std::move(errors);
  problem.place = place;
  return problem;
}

std::vector<std::pair<std::string, int>> publishedCodes() {
  std::vector<std::pair<std::string, int>> codes;
  for (Code code : kAllCodes)
    codes.emplace_back(codeName(code), statusOf(code));
  for (HttpFault fault : kAllHttpFaults)
    codes.emplace_back(httpFaultName(fault), statusOf(fault));
  return codes;
}

HttpResponse render(const Problem& problem, std::string_view instance, std::string_view requestId) {
  Json body = Json::object();
  body["type"] = "about:blank";
  body["title"] = reasonPhrase(problem.status);
  body["status"] = problem.status;
  body["detail"] = problem.detail;
  body["instance"] = instance;
  body["code"] = problem.code;
  body["request_id"] = requestId;
  if (!problem.errors.empty()) body["errors"] = fieldErrors(problem);
  body["retryable"] = problem.retryable;
  if (!problem.jobId.empty()) body["job_id"] = problem.jobId;
  if (!problem.rule.empty()) {
    Json policy = Json::object();
    policy["decision"] = "deny";
    policy["rule"] = problem.rule;
    policy["missing_scopes"] = problem.missingScopes;
    body["policy"] = std::move(policy);
  }
  HttpResponse response;
  response.status = problem.status;
  response.contentType = "application/problem+json";
  response.headers = problem.headers;
  if (problem.retryAfterSeconds > 0)
    response.headers.emplace_back("Retry-After", std::to_string(problem.retryAfterSeconds));
  response.body = printJson(body);
  return response;
}

}  // namespace bulkhead::api
