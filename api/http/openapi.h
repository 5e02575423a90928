// The route table as an OpenAPI 3.1 document and as the short list that tools read.
#pragma once
#include <string>

#include "api/http/route.h"

namespace bulkhead::api {

// Indented, stable, with a final newline: docs/openapi.json is this text.
std::string openApiDocument(const RouteTable& table);
// One JSON array: operation, method, path, access, scope, risk, answer, statuses, dry_run, cli.
std::string routeList(const RouteTable& table);

}  // namespace bulkhead::api
