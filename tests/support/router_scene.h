// RouterScene: a router over routes of a test's own, and requests as the gateway sends them.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/http/router.h"
#include "tests/support/store_kinds.h"

#include <nlohmann/json.hpp>

namespace bulkhead::testing {

inline constexpr uid_t kGateway = 4001;

inline api::Schema thing() {
  return api::Schema::object(
      "Thing", "A thing.",
      {api::required("name", api::Schema::text("Name.", api::Format::kUsername))});
}

// Reads with GET, else changes; answers a thing by `handler`.
inline api::Route thingRoute(api::Method method,
                             std::string path,
                             std::string operation,
                             api::Access access,
                             api::RouteHandler handler) {
  const bool reads = method == api::Method::kGet;
  api::Route out;
  out.method = method;
  out.path = std::move(path);
  out.operation = std::move(operation);
  out.summary = "Does it.";
  out.access = access;
  out.scope = access == api::Access::kOpen ? "" : reads ? "accounts:read" : "accounts:write";
  out.risk = reads ? api::Risk::kRead : api::Risk::kMutate;
  out.lane = reads ? api::Lane::kInline : api::Lane::kWorker;
  out.response = thing();
  out.answer = api::Answer::kResource;
  out.statuses = {200};
  out.cli = api::Cli{};
  if (!reads) out.replay = api::Replay::kReply;
  out.handler = std::move(handler);
  return out;
}
// The same as one that makes a thing by a job, and can be tried dry.
inline api::Route jobOf(api::Route route) {
  route.body = thing();
  route.answer = api::Answer::kJob;
  route.statuses = {202};
  route.dryRun = api::DryRun::kYes;
  return route;
}

template <typename Tokens>
class RouterScene : public ::testing::Test {
 protected:
  explicit RouterScene(std::vector<api::Route> routes)
      : router_(api::RouteTable::make(std::move(routes)).value(),
                tokens_,
                borders_,
                repeats_,
                api::PeerPolicy{0, kGateway},
                [this](std::string_view, std::string_view what) { faults_ += what; }) {}

  static api::HttpRequest request(api::Method method,
                                  std::string path,
                                  const std::string& token = "all") {
    api::HttpRequest out;
    out.method = method;
    out.path = std::move(path);
    out.peer.uid = kGateway;
    out.requestId = "req-1";
    if (!token.empty()) out.headers.emplace_back("authorization", "Bearer " + token);
    return out;
  }
  static api::HttpRequest post(std::string path,
                               std::string body,
                               const std::string& token = "all") {
    api::HttpRequest out = request(api::Method::kPost, std::move(path), token);
    out.headers.emplace_back("content-type", "application/json");
    out.body = std::move(body);
    return out;
  }
  api::HttpResponse send(const api::HttpRequest& out) { return router_.handle(out); }
  static Json body(const api::HttpResponse& response) { return Json::parse(response.body); }
  static std::string header(const api::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return "";
  }

  Tokens tokens_;
  std::string faults_;
  SqliteUnderTest store_;
  SystemClock clock_;
  api::Repeats repeats_{store_.store(), clock_};
  api::StoreBorders borders_{store_.store()};
  api::Router router_;
};

}  // namespace bulkhead::testing
