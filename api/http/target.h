// The request target: percent-decoding, path segments and query pairs. Each text is decoded exactly
// once, here; bad escapes, control characters, NUL and invalid UTF-8 are refused, so nothing below
// has to think of them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "common/core/result.h"

namespace bulkhead::api {

enum class PlusSign { kLiteral, kSpace };

// "a%20b" -> "a b". Refuses (kInvalidArgument) a '%' without two hex digits and any result that is
// not clean text.
Result<std::string> percentDecode(std::string_view text, PlusSign plus = PlusSign::kLiteral);

// "/v1/accounts/bob" -> {"v1", "accounts", "bob"}; "/" -> {}. Refuses empty segments ("//",
// trailing '/'), "." and ".." in any spelling, an encoded '/', and more than kPathSegmentsMax.
Result<std::vector<std::string>> pathSegments(std::string_view rawPath);

// "a=1&b=x+y" -> pairs in order, '+' is a space as browsers write it; "a" alone has the value "".
// Refuses empty names and more than kQueryPairsMax. Duplicates are kept:
// HttpRequest::hasDuplicateQueryKey() finds them.
Result<NameValues> parseQuery(std::string_view rawQuery);

}  // namespace bulkhead::api
