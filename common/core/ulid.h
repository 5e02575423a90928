// ULIDs: 26 characters of Crockford base32, 48 bits of time and 80 random bits. Ids of plans,
// accounts, domains, jobs and requests.
#pragma once
#include <cstdint>
#include <string>

namespace bulkhead {

// Sorts by time to the millisecond; the random part comes from the kernel and cannot be guessed.
std::string newUlid(std::int64_t nowMicros);

}  // namespace bulkhead
