// Finds in an end user's answer what only others may know.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/cloudlinux/world.h"

namespace bulkhead::cli::cloudlinux {

// Names, domains, e-mail addresses, document roots and database users of others that occur in the
// text as whole words. What the caller itself said in its arguments, what belongs to it and what
// panel_info tells everybody do not count.
std::vector<std::string> foreignWords(const World& world,
                                      uid_t uid,
                                      const std::vector<std::string>& given,
                                      std::string_view text);

}  // namespace bulkhead::cli::cloudlinux
