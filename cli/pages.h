// Lists are answered page by page; a command shows them as one.
#pragma once
#include <string>
#include <vector>

#include "cli/client.h"
#include "cli/request.h"
#include "common/core/json.h"

namespace bulkhead::cli {

// Rows that a list shows unless --limit says another number: all of what a server can have, or the
// newest of what grows for ever.
inline constexpr std::size_t kRowsShown = 10'000;
inline constexpr std::size_t kRecentRowsShown = 50;
inline constexpr std::size_t kPageRows = 200;  // what the API gives at most at once

// The pages of a list command as one answer of the same form, whose `page` is that of the last one.
// The first refusal is answered as it came.
Result<Response> readPages(const Client& client, const Command& command, const Values& values);

// The names of all that the panel has of a noun, for completion: quickly, printable ones only, and
// none when the panel cannot be asked.
std::vector<std::string> namesOf(const Client& client,
                                 const std::vector<Command>& commands,
                                 const std::string& noun);

// What to say below a list that goes on; "" for one that is complete.
std::string moreToSee(const Json& body);

}  // namespace bulkhead::cli
