// The parts of the router that look at one request and know nothing of callers.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/http/message.h"
#include "api/http/problem.h"
#include "api/http/schema.h"
#include "api/usecases/reach.h"
#include "common/core/json.h"

namespace bulkhead::api {

// Reads the query by its schema: "limit=5" becomes a number. Unknown and duplicate parameters are
// refused.
std::variant<Json, Problem> readQuery(const Schema& schema, const HttpRequest& request);
// The checked body. Without a schema the body must be empty.
std::variant<Json, Problem> readBody(const Schema* schema, const HttpRequest& request);
// True when If-None-Match names this tag (weak comparison, as RFC 9110 13.1.2 wants).
bool noneMatchNames(const HttpRequest& request, std::string_view etag);

// What a value names by its fields: of a query or a body that passed its schema.
struct Naming {
  Named what;
  std::string value;
  std::string field;
};
std::vector<Naming> namingsIn(const Schema& schema, const Json& value);
// nullopt for a format that names nothing there is.
std::optional<Named> namedBy(Format format);

}  // namespace bulkhead::api
