#include "tests/support/points.h"

#include <atomic>
#include <cstdlib>

namespace bulkhead::testing {
namespace {

std::atomic<std::size_t> points = 0;

}  // namespace

void notePoints(std::size_t count) { points += count; }
std::size_t takePoints() { return points.exchange(0); }
bool isDeep() { return std::getenv(kDeepVariable) != nullptr; }

}  // namespace bulkhead::testing
