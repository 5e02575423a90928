// What a filtered answer must hold, worked out from root's unfiltered ones: a filter may only leave
// out, and an end user sees what is theirs.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cloudlinux/world.h"

namespace bulkhead::cli::cloudlinux {

// The `data` a right panel answers; nothing when root's own answer is missing. `arguments` are
// those of a call that is right: wrong ones have no data.
std::optional<Json> expectedData(const World& world,
                                 std::string_view script,
                                 const std::vector<std::string>& arguments,
                                 As as);

// Lists are compared as sets: the document promises no order. "" when equal, else the difference.
std::string difference(const Json& expected, const Json& actual);

// Which schema the success answer of this call has to fit.
std::string_view schemaOf(std::string_view script, const std::vector<std::string>& arguments);

}  // namespace bulkhead::cli::cloudlinux
