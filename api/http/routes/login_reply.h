// Answers of the routes by which one comes in.
#pragma once
#include <utility>
#include <variant>

#include "api/auth/authority.h"
#include "api/http/reply.h"

namespace bulkhead::api {

Problem throttledProblem(const Throttled& throttled);  // 429 with Retry-After

template <typename T, typename Make>
Answered guardedReply(Guarded<T> guarded, Make make) {
  if (const auto* throttled = std::get_if<Throttled>(&guarded)) return throttledProblem(*throttled);
  if (const auto* error = std::get_if<Error>(&guarded)) return problemOf(*error);
  return make(std::get<T>(std::move(guarded)));
}

Schema loginSchema();
HttpResponse loginReply(const Login& login);  // 201: a session came to be

}  // namespace bulkhead::api
