// The parts of the router that look at one request and know nothing of callers.
#pragma once
#include <string>
#include <variant>

#include "api/http/message.h"
#include "api/http/problem.h"
#include "api/http/schema.h"
#include "common/core/json.h"

namespace bulkhead::api {

// Reads the query by its schema: "limit=5" becomes a number. Unknown and duplicate parameters are
// refused.
std::variant<Json, Problem> readQuery(const Schema& schema, const HttpRequest& request);
// The checked body. Without a schema the body must be empty.
std::variant<Json, Problem> readBody(const Schema* schema, const HttpRequest& request);
// True when If-None-Match names this tag (weak comparison, as RFC 9110 13.1.2 wants).
bool noneMatchNames(const HttpRequest& request, std::string_view etag);

}  // namespace bulkhead::api
