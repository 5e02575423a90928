// The one place where exceptions of handlers end.
#include "api/http/engine.h"

#include <exception>
#include <optional>

namespace bulkhead::api {
namespace {

void reportFault(const Engine& engine, const HttpRequest& request, std::string_view what) {
  try {
    if (engine.onFault) engine.onFault(request, what);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a failing log must not take the answer with it
  }
}

std::optional<AnswerBytes> tryHandler(const Engine& engine,
                                      const HttpRequest& request,
                                      AfterAnswer after) {
  try {
    auto bytes = answerBytes(engine.handler(request), request.method, after, request.requestId);
    if (!bytes)
      reportFault(engine, request,
                  "the handler's answer has a malformed or forbidden header or status");
    return bytes;
  } catch (const std::exception& fault) {
    reportFault(engine, request, fault.what());
  } catch (...) {
    reportFault(engine, request, "an exception of unknown type");
  }
  return std::nullopt;
}

}  // namespace

Lane laneByPreference(const HttpRequest& request) {
  const std::string* prefer = request.header("prefer");
  return prefer && prefer->find("wait") != std::string::npos ? Lane::kWaiting : Lane::kWorker;
}

AnswerBytes runHandler(const Engine& engine, const HttpRequest& request, AfterAnswer after) {
  if (auto bytes = tryHandler(engine, request, after)) return std::move(*bytes);
  return {serializeRefusal(
              {500, Code::kInternal, "an internal error; the log has it under the request id"},
              request.method, after, request.requestId),
          {},
          {}};
}

}  // namespace bulkhead::api
