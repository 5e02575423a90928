// Passwords that are among the first to be tried however long they are. Most of the published lists
// is shorter than any password here may be; what is left are common words and names with digits
// around, walks over a keyboard, and repetitions, which rules find better than a list.
#pragma once
#include <string_view>

namespace bulkhead::api {

bool isCommonPassword(std::string_view text);

}  // namespace bulkhead::api
