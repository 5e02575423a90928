// How long sessions are, and making one.
#pragma once
#include <cstdint>
#include <utility>

#include "api/auth/admin_store.h"
#include "api/auth/login.h"

namespace bulkhead::api {

// An administrator's console left open on a desk; and the longest working day.
inline constexpr std::int64_t kSessionIdleMicros = 15LL * 60 * 1'000'000;
inline constexpr std::int64_t kSessionLifeMicros = 12LL * 3600 * 1'000'000;

// The secret goes to whoever logged in, the row into the store.
std::pair<Login, Session> newSession(const Person& person, std::int64_t now);

}  // namespace bulkhead::api
