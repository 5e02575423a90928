// What a request's headers wish for beyond its address and body.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "api/http/message.h"

namespace bulkhead::api {

// Below the transport's limit for one handler and the gateway's for one answer (60 s each).
inline constexpr std::chrono::seconds kWaitMax{50};

// True when the request asks for "Prefer: wait=N": its handler may take that long.
bool asksToWait(const HttpRequest& request);
std::chrono::seconds preferredWait(const HttpRequest& request);

// How a list of events is wanted: as a page, or followed as it grows.
enum class EventForm { kPage, kServerSent, kLines };
EventForm eventForm(const HttpRequest& request);

// A W3C traceparent in its one legal form; "" otherwise.
std::string traceparentOf(const HttpRequest& request);

bool equalsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace bulkhead::api
