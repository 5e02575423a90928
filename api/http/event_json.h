// Events as callers get them: one JSON object each, in a page or as pieces of a stream.
#pragma once
#include <cstdint>
#include <string>

#include "api/http/request_wishes.h"
#include "api/http/schema.h"
#include "api/usecases/event.h"
#include "common/core/json.h"

namespace bulkhead::api {

Schema eventSchema();
Json toJson(const Event& event);

std::string_view contentTypeOf(EventForm form);  // of a stream
std::string frameOf(EventForm form, const Event& event);
// Where the reader is, although there was nothing for him: whoever comes again with this id has
// missed nothing. Also what shows a reader that has left.
std::string heartbeat(EventForm form, std::int64_t position);
std::string greeting(EventForm form, std::int64_t position);

}  // namespace bulkhead::api
