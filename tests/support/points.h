// Points: how many faults, kills and rounds of a race a test has gone through. Counted where they
// are injected, written down at the test's end with what became of it, for tools/points.
#pragma once
#include <cstddef>

namespace bulkhead::testing {

// The environment names the file: one line of JSON a test.
inline constexpr const char* kPointsVariable = "BULKHEAD_POINTS";
// Set: enumerations leave nothing out and races go a million rounds, however long that takes.
inline constexpr const char* kDeepVariable = "BULKHEAD_DEEP";

void notePoints(std::size_t count = 1);
std::size_t takePoints();  // since the last call
bool isDeep();

}  // namespace bulkhead::testing
