// What both ends of the agent's socket must agree on besides the contract.
#pragma once
#include <cstdint>

namespace bulkhead::rpc {

// Of one call, in words: 128 KiB. The agent hangs up on a longer one, so its clients send none. The
// largest honest one, a site with 100 aliases, is 30 KiB; the limit also counts what is read twice.
inline constexpr std::uint64_t kCallWordsMax = 16384;

}  // namespace bulkhead::rpc
