// Engine: what all socket threads share: limits, the handler and its threads, the connection count.
#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "api/http/gauge.h"
#include "api/http/handler_pool.h"
#include "api/http/limits.h"
#include "api/http/message.h"
#include "api/http/wire.h"

namespace bulkhead::api {

using Handler = std::function<HttpResponse(const HttpRequest&)>;
// Which threads run a request. Called on a socket thread: must be quick and must not block.
using LaneChooser = std::function<Lane(const HttpRequest&)>;
// Told about a handler's exception, for the log; `what` must never reach a client.
using FaultSink = std::function<void(const HttpRequest&, std::string_view what)>;

struct Engine {
  Limits limits;
  Handler handler;
  LaneChooser laneOf;
  FaultSink onFault;
  HandlerPool pool;
  ConnectionGauge connections;
  std::atomic<bool> stopping{false};  // finish what runs, take nothing new
  std::atomic<bool> dropAll{false};   // time is over: close everything
};

// kWaiting for "Prefer: wait=N", else kWorker.
Lane laneByPreference(const HttpRequest& request);

// Runs the handler and makes the bytes of its answer. Never throws: a fault is a generic 500.
AnswerBytes runHandler(const Engine& engine, const HttpRequest& request, AfterAnswer after);

}  // namespace bulkhead::api
