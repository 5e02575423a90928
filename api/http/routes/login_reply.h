// Answers of the routes by which one comes in.
#pragma once
#include <utility>
#include <variant>

#include "api/auth/authority.h"
#include "api/http/reply.h"

namespace bulkhead::api {

Problem throttledProblem(const Throttled& throttled);  // 429 with Retry-After
Problem codeWantedProblem();                           // 401: the same again with a code
Field codeField();                                     // of the bodies that may carry one

template <typename T, typename Make>
Answered guardedReply(Guarded<T> guarded, Make make) {
  if (const auto* throttled = std::get_if<Throttled>(&guarded)) return throttledProblem(*throttled);
  if (std::holds_alternative<CodeWanted>(guarded)) return codeWantedProblem();
  if (const auto* error = std::get_if<Error>(&guarded)) return problemOf(*error);
  return make(std::get<T>(std::move(guarded)));
}

Schema newPasswordSchema();  // of a password to be
Schema loginSchema();
Json loginJson(const Login& login);
// Of the routes that issue a code for a new password: 201.
Schema resetSchema();
HttpResponse resetReply(const OneTime& reset);
HttpResponse loginReply(const Login& login);  // 201: a session came to be

}  // namespace bulkhead::api
