// What stands in for the server while it is away: files that root's agent keeps, one for each
// user with that user's domains.
#pragma once
#include <sys/types.h>

#include "cli/cpapi/document.h"
#include "common/cpapi/query.h"

namespace bulkhead::cpapi {

// Answers `domains` for that user from the snapshot. False when there is none that may be trusted,
// or the question cannot be answered from it.
bool answerFromSnapshot(uid_t uid, const Query& query, Document& answer);

// Leaves in `snapshot` the entries that the query's filter lets through; a document that is not
// built as domain_line.h says, or a filter for something that is not there, is refused.
bool filterSnapshot(const Query& query, Document& snapshot);

}  // namespace bulkhead::cpapi
