// The shapes of success: a resource, a page of a list, a job, nothing.
#pragma once
#include <cstdint>
#include <string>

#include "api/http/route.h"
#include "api/usecases/panel.h"
#include "common/core/json.h"

namespace bulkhead::api {

HttpResponse resourceReply(int status, const Json& value);
// With a strong ETag, so that If-None-Match works.
HttpResponse resourceReply(const Json& value, std::uint64_t revision);
HttpResponse createdReply(const Json& value, const std::string& location);
HttpResponse emptyReply();
// {"data": [...], "page": {"next_cursor", "has_more"}} and Link: rel="next".
HttpResponse listReply(const Call& call, Json items, const std::string& nextCursor);

// What a use case answered: 202 and the job; with Prefer: wait the ended job (200, or 201 and
// `createdPath` when that is set), or the job's problem; in a dry run what would be done.
Answered jobReply(const Call& call,
                  Panel& panel,
                  Result<JobOrPreview> started,
                  const std::string& createdPath = "");

std::string etagOf(std::uint64_t revision);
// 412 when the request carries If-Match and it does not name this revision.
std::optional<Problem> ifMatchProblem(const HttpRequest& request, std::uint64_t revision);

// What a use case has to require for the request's If-Match; `revision` is the one that
// ifMatchProblem() let pass.
Expected expectedOf(const HttpRequest& request, std::uint64_t revision);

// A change with If-Match: `read` answers the object as it is, `change` takes it and what to
// require. 412 also when somebody else was faster in between.
template <typename Read, typename Change>
Answered whenUnchanged(const Call& call, Read read, Change change) {
  const auto before = read();
  if (!before.ok()) return problemOf(before.error());
  if (auto problem = ifMatchProblem(call.http, before->revision)) return std::move(*problem);
  const Expected expected = expectedOf(call.http, before->revision);
  Answered answered = change(*before, expected);
  if (!expected.has_value() || std::holds_alternative<HttpResponse>(answered)) return answered;
  const auto after = read();
  if (!after.ok()) return answered;
  if (auto problem = ifMatchProblem(call.http, after->revision)) return std::move(*problem);
  return answered;
}

// A field of a body that null takes away and absence leaves alone.
Patch<std::string> patchOf(const Json& body, const char* field);
std::optional<std::string> optionalOf(const Json& body, const char* field);  // null = absent

// For RFC 3986 query values and path segments.
std::string percentEncode(std::string_view text);

template <typename T, typename Make>
Answered replyOr(Result<T> result, Make make) {
  if (!result.ok()) return problemOf(result.error());
  return make(std::move(result).value());
}

template <typename T>
Answered pageReply(const Call& call, const Result<Page<T>>& page);

}  // namespace bulkhead::api
