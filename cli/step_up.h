// What a request still lacks when the panel says so: the code of a second factor, or the proof that
// the person who logged in is still the one at the keyboard.
#pragma once
#include <functional>
#include <string>

#include "cli/client.h"
#include "cli/output.h"
#include "common/core/result.h"

namespace bulkhead::cli {

// The panel's stable name for a refusal; "" for whatever is none.
std::string problemCodeOf(const Response& response);

// Asks for the password and, if need be, a code, and shows them to the panel. From then on the
// session has another token, which `endpoint` gets, and `tokenFile`, too, so that the next command
// finds it. A refusal is the Response, with a status of 400 or above.
Result<Response> proveWhoAsks(Endpoint& endpoint,
                              const std::string& tokenFile,
                              const Terminal& terminal);

}  // namespace bulkhead::cli
