// What the ways in answer.
#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "common/core/result.h"

namespace bulkhead::api {

// Too many tries; the caller may come back after that time.
struct Throttled {
  int retryAfterSeconds = 1;
};
// The password was right, and a code of the second factor is asked for.
struct CodeWanted {};
template <typename T>
using Guarded = std::variant<T, Error, Throttled, CodeWanted>;

inline constexpr int kFullQueueSeconds = 2;  // until the password queue has room again
template <typename T>
Guarded<T> guardedRefusal(const Error& error) {
  // Only the password queue answers busy here.
  if (error.code == Code::kBusy) return Throttled{kFullQueueSeconds};
  return error;
}

// A refusal of one way in as that of another; `from` is no success.
template <typename To, typename From>
Guarded<To> refusedAs(const Guarded<From>& from) {
  if (const auto* throttled = std::get_if<Throttled>(&from)) return *throttled;
  if (std::holds_alternative<CodeWanted>(from)) return CodeWanted{};
  return std::get<Error>(from);
}

struct Login {
  std::string token;  // shown once; only its hash is kept
  std::string username;
  std::string role;
  std::int64_t expiresAt = 0;  // at the latest
  std::string standIn = {};    // who acts in the person's place; "" = nobody
};
struct OneTime {
  std::string secret;  // shown once
  std::string username;
  std::int64_t expiresAt = 0;
};

}  // namespace bulkhead::api
