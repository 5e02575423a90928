// A unified diff of two texts, for people who look at a preview.
#pragma once
#include <string>
#include <string_view>

namespace bulkhead::agent {

inline constexpr std::size_t kDiffBytesMax = 64U << 10U;  // of one diff; a note says what was cut

// "--- LABEL" and "+++ LABEL" are those given; "" when both texts are equal. Minimal for files of
// usual size; a huge change is shown as the old lines and then the new ones.
std::string lineDiff(std::string_view before,
                     std::string_view after,
                     const std::string& labelBefore,
                     const std::string& labelAfter);

}  // namespace bulkhead::agent
