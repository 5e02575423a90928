// What stands in for the server while it is away: files that root's agent keeps, one for each
// user with that user's domains.
#pragma once
#include <sys/types.h>

#include "cli/cpapi/document.h"
#include "common/cpapi/query.h"

namespace bulkhead::cpapi {

enum class FromSnapshot {
  kAnswered,
  kDenied,   // a user asks for another one's domains
  kNothing,  // no snapshot that may be trusted, or the question cannot be answered from it
};
FromSnapshot answerFromSnapshot(uid_t uid, const Query& query, Document& answer);

enum class Filtered {
  kSome,
  kNone,    // there are entries, and the filter lets none of them through
  kBroken,  // not built as domain_line.h says, or without an entry that could tell
};
// Leaves in `snapshot` the entries that the query's filter lets through.
Filtered filterSnapshot(const Query& query, Document& snapshot);

}  // namespace bulkhead::cpapi
