// The way of every request: who sends it, which route, may he, is it well-formed; then the handler.
// What a route does not ask for is refused, so a handler sees checked values only.
#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/auth/caller.h"
#include "api/http/idempotency.h"
#include "api/http/message.h"
#include "api/http/request_wishes.h"
#include "api/http/route.h"
#include "api/usecases/reach.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Bodies are forms of a few fields; the transport's own limit (1 MiB) is for what may come later.
inline constexpr std::size_t kJsonBodyBytesMax = 64U * 1024U;
inline constexpr int kJsonDepthMax = 16;

// Whose word counts. Every other uid is refused whatever it sends.
struct PeerPolicy {
  uid_t root = 0;  // local:root with every scope
  std::optional<uid_t>
      gateway;  // nothing by itself; must bring a token; its X-Forwarded-For is believed
};

class Router {
 public:
  // `fault` hears of exceptions: request id and what() for the server's log. The authenticator,
  // `borders` and `repeats` must outlive the router.
  using FaultLog = std::function<void(std::string_view requestId, std::string_view what)>;
  Router(
      RouteTable table,
      Authenticator& authenticator,
      Borders& borders,
      Repeats& repeats,
      PeerPolicy peers,
      FaultLog fault,
      std::function<bool()> isLockedDown = [] { return false; });

  // Called by many threads at once. Never throws.
  HttpResponse handle(const HttpRequest& request) const;
  // Its route's; whoever asks to wait leaves the workers to the others. What has no route is for a
  // worker to refuse.
  Lane laneOf(const HttpRequest& request) const;
  const RouteTable& table() const { return table_; }

 private:
  Answered answer(const HttpRequest& request) const;
  Answered admitted(const HttpRequest& request,
                    const RouteTable::Match& match,
                    const Principal& principal) const;
  // Something that the request names and the caller does not reach. Nothing on the way to the
  // handler tells it from what is not there.
  std::optional<Problem> beyondPath(const RouteTable::Match& match,
                                    const Principal& principal) const;
  std::optional<Problem> beyondFields(const Route& route,
                                      const Json& query,
                                      const Json& body,
                                      const Principal& principal) const;
  // What is at that address, for an answer that has to be made again. No scope is asked for: the
  // caller's change may show it.
  Answered readInstead(const Call& call, const std::string& path) const;
  // Nobody is a principal without actor and scopes; that is for open routes only.
  std::variant<Principal, Problem> identify(const HttpRequest& request, const Route& route) const;
  // Whoever it is; nothing about the route.
  std::variant<Principal, Problem> bearerOf(const HttpRequest& request) const;
  // The same without counting as a use.
  Result<Principal> recognised(const HttpRequest& request) const;
  // Whether this request would still be let in, asked later: it outlives the call, not the router.
  std::function<bool()> standingOf(const HttpRequest& request,
                                   const RouteTable::Match& match) const;
  // What keeps a good API token out of any route.
  std::optional<Problem> tokenProblem(const HttpRequest& request, const Principal& principal) const;
  void noteDenial(const Principal& principal,
                  const Problem& problem,
                  const Route& route,
                  const HttpRequest& request) const;
  std::string addressOf(const HttpRequest& request) const;

  RouteTable table_;
  Authenticator& authenticator_;
  Borders& borders_;
  Idempotency idempotency_;
  PeerPolicy peers_;
  FaultLog fault_;
  std::function<bool()> isLockedDown_;
};

}  // namespace bulkhead::api
