// An answer as bytes. The one place that writes HTTP, so that no header text can break out of its
// line.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/head.h"
#include "api/http/message.h"

namespace bulkhead::api {

enum class AfterAnswer { kKeepAlive, kClose };

// An answer as it waits for the socket. The body is never copied behind the head: one of many
// megabytes would be there twice.
struct AnswerBytes {
  std::string head;
  std::string body;
  std::shared_ptr<const std::string> sharedBody;  // stands for `body` when it is set
  std::shared_ptr<BodyStream> stream = {};        // comes after all that

  const std::string& content() const { return sharedBody ? *sharedBody : body; }
};

// Takes the response's body. nullopt as serializeResponse().
std::optional<AnswerBytes> answerBytes(HttpResponse response,
                                       Method method,
                                       AfterAnswer after,
                                       std::string_view requestId);

// nullopt when a header of the response is malformed or one that the transport sets itself: a fault
// of the handler.
std::optional<std::string> serializeResponse(const HttpResponse& response,
                                             Method method,
                                             AfterAnswer after,
                                             std::string_view requestId);

// A refusal of the transport itself as a problem+json answer.
std::string serializeRefusal(const Refusal& refusal,
                             Method method,
                             AfterAnswer after,
                             std::string_view requestId);

// The caller's id if it is well-formed ([A-Za-z0-9_-], 8 to kRequestIdBytesMax), else a new random
// one.
std::string chooseRequestId(const std::string* offered);

}  // namespace bulkhead::api
