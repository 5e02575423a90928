// One question to the panel's server over its socket.
#pragma once
#include <optional>
#include <string_view>

#include "cli/cpapi/deadline.h"
#include "cli/cpapi/document.h"

namespace bulkhead::cpapi {

enum class Exchanged {
  kAnswered,     // the document is complete
  kUnreachable,  // there is no socket, or nobody behind it
  kFailed,       // the server did not answer in time or not as agreed, or memory is short
};

// `script` is one of ours; `body` is JSON. Tries again while the server is busy or restarts, until
// the deadline.
Exchanged ask(std::string_view script,
              std::string_view body,
              const Deadline& deadline,
              Document& answer);

// The head of an answer, as far as the client cares.
struct AnswerHead {
  int status = 0;
  std::size_t headBytes = 0;  // with the empty line
  std::size_t bodyBytes = 0;
  std::optional<Outcome> outcome;
};
// Nothing when `bytes` hold no complete head, or none that the server would send.
std::optional<AnswerHead> parseAnswerHead(std::string_view bytes);

}  // namespace bulkhead::cpapi
