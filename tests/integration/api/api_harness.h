// ApiHarness: the whole HTTP face over a real Unix socket: transport, router, authority, routes;
// with a FakePanel behind. Two sockets' worth of callers: the test process is taken for the
// gateway, or for root.
#pragma once
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "api/auth/authority.h"
#include "api/auth/secret.h"
#include "api/auth/ui_tokens.h"
#include "api/http/event_feed.h"
#include "api/http/openapi.h"
#include "api/http/router.h"
#include "api/http/routes/routes.h"
#include "api/store/sqlite/sqlite_store.h"
#include "api/usecases/lockdown.h"
#include "api/usecases/people.h"
#include "tests/support/fake_panel.h"
#include "tests/support/filling_store.h"
#include "tests/support/http_client.h"
#include "tests/support/http_server.h"
#include "tests/support/manual_clock.h"
#include "tests/support/mock_agent.h"
#include "tests/support/temp_dir.h"

#include <nlohmann/json.hpp>

namespace bulkhead::test {

class ApiHarness : public ::testing::Test {
 protected:
  static constexpr uid_t kNobodyHere = 4242;  // no process of the test has it
  static inline const std::string kPassword = "correct horse battery";
  enum class As { kGateway, kRoot };

  void SetUp() override {
    store_ = api::AdminStore::open(directory_ + "/admins.db").value();
    panelStore_ = api::sqlite::SqliteStore::open(directory_ + "/panel.db").value();
    authority_ = std::make_unique<api::Authority>(*store_, *panelStore_, hashes_, key_, clock_);
    borders_ = std::make_unique<api::StoreBorders>(*panelStore_);
    owners_ = std::make_unique<api::Owners>(*store_);
    runner_ = std::make_unique<api::JobRunner>(*panelStore_, agent_, clock_, runnerOptions());
    people_ = api::makePeople(*panelStore_, *owners_, *runner_, clock_);
    keyStore_ = std::make_unique<bulkhead::testing::FillingStore>(*panelStore_, keyWritesLeft_);
    repeats_ = std::make_unique<api::Repeats>(*keyStore_, clock_);
    uiTokens_ = std::make_unique<api::UiTokens>(*store_, *panelStore_, clock_);
    events_ = std::make_unique<api::EventLog>(*panelStore_);
    feed_ = std::make_unique<api::EventFeed>(
        *events_, [this] { return lockdown_.isOn(); }, feedPace());
    feed_->start();
    serve(gateway_, gatewayRouter_, api::PeerPolicy{kNobodyHere, ::getuid()});
    serve(root_, rootRouter_, api::PeerPolicy{::getuid(), kNobodyHere});
    document_ = api::openApiDocument(gatewayRouter_->table());
  }
  void TearDown() override {
    feed_->stop();
    gateway_.reset();
    root_.reset();
    people_.reset();
    feed_.reset();
    authority_.reset();
    panelStore_.reset();
    store_.reset();
  }

  // What a test may serve instead of the fakes. The runner is not started unless the test does so.
  virtual api::Panel& servedPanel() { return panel_; }
  virtual api::Authenticator& authenticator() { return *authority_; }
  virtual api::JobRunner::Options runnerOptions() { return {}; }
  virtual api::FeedPace feedPace() {
    api::FeedPace pace;
    pace.look = std::chrono::milliseconds(5);
    return pace;
  }

  // An address of the route that no object has.
  static std::string target(const api::Route& route) {
    std::string path;
    for (const auto& segment : api::templateSegments(route.path)) {
      const auto name = api::parameterName(segment);
      path += name.empty()       ? "/" + segment
              : name == "job"    ? "/job_01J00000000000000000009999"
              : name == "token"  ? "/tok_01J00000000000000000009999"
              : name == "domain" ? "/none.example.com"
                                 : "/nothing1";
    }
    return path;
  }

  std::string pathOf(As as) const { return as == As::kRoot ? root_->path() : gateway_->path(); }
  ClientResponse send(As as,
                      std::string_view method,
                      std::string_view target,
                      std::string_view body = "",
                      std::string_view lines = "") {
    HttpClient client(pathOf(as));
    std::string headers(lines);
    if (!body.empty() && headers.find("Content-Type") == std::string::npos)
      headers += "Content-Type: application/json\r\n";
    auto response =
        client.send(httpRequest(method, target, body, headers))
            ? client.receive(HttpClient::kPatience, method == "HEAD" ? HttpClient::Body::kNone
                                                                     : HttpClient::Body::kExpected)
            : std::nullopt;
    EXPECT_TRUE(response.has_value()) << method << " " << target;
    return response.value_or(ClientResponse{});
  }
  ClientResponse anonymous(std::string_view method,
                           std::string_view target,
                           std::string_view body = "",
                           std::string_view lines = "") {
    return send(As::kGateway, method, target, body, lines);
  }
  ClientResponse root(std::string_view method,
                      std::string_view target,
                      std::string_view body = "",
                      std::string_view lines = "") {
    return send(As::kRoot, method, target, body, lines);
  }
  // As alice, the main administrator.
  ClientResponse alice(std::string_view method,
                       std::string_view target,
                       std::string_view body = "",
                       const std::string& lines = "") {
    if (token_.empty()) logIn();
    return send(As::kGateway, method, target, body,
                "Authorization: Bearer " + token_ + "\r\n" + lines);
  }
  void logIn() {
    const auto code = authority_->newBootstrapCode();
    ASSERT_TRUE(code.ok());
    ASSERT_TRUE(std::holds_alternative<api::Person>(
        authority_->bootstrap(code->secret, "alice", kPassword, "local")));
    auto login = authority_->login("alice", kPassword, "local");
    ASSERT_TRUE(std::holds_alternative<api::Login>(login));
    token_ = std::get<api::Login>(login).token;
  }
  // An API token of alice with its secret, from the members of a body.
  Json makeToken(const std::string& body) {
    const auto made = alice("POST", "/api/v1/tokens", "{" + body + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return json(made);
  }
  // With an API token, from an address as the gateway tells it.
  ClientResponse byToken(const std::string& secret,
                         std::string_view method,
                         std::string_view target,
                         std::string_view body = "",
                         const std::string& address = "192.0.2.1") {
    return send(As::kGateway, method, target, body,
                "Authorization: Bearer " + secret + "\r\nX-Forwarded-For: " + address + "\r\n");
  }
  // A session of alice with these scopes only.
  std::string tokenWithScopes(const std::string& scopes) {
    if (token_.empty()) logIn();
    clock_.advance(1);  // the oldest of too many sessions ends: let each have its own age
    const std::string token = api::newToken(api::kSessionPrefix);
    const std::int64_t now = clock_.nowMicros();
    EXPECT_TRUE(store_
                    ->addSession(api::Session{"ses_" + token, api::hashSecret(token),
                                              store_->findMain().value()->id, scopes, now, now,
                                              now + api::Authority::kSessionLifeMicros},
                                 api::Authority::kSessionIdleMicros)
                    .ok());
    return token;
  }
  static Json json(const ClientResponse& response) {
    Json value = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
    EXPECT_FALSE(value.is_discarded()) << response.status << " " << response.body;
    return value;
  }
  static void expectProblem(const ClientResponse& response, int status, const std::string& code) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
    const Json body = json(response);
    EXPECT_EQ(body.value("code", ""), code) << response.body;
    EXPECT_EQ(body.value("status", 0), status);
    EXPECT_FALSE(body.value("request_id", "").empty());
  }
  const api::RouteTable& table() const { return gatewayRouter_->table(); }
  const std::string& directory() const { return directory_; }  // of both databases

  ManualClock clock_;
  FakePanel panel_;
  std::string token_;
  std::unique_ptr<api::AdminStore> store_;
  std::unique_ptr<api::Authority> authority_;
  std::unique_ptr<api::Store> panelStore_;  // of people and keys: everything else is FakePanel's
  std::atomic<int> keyWritesLeft_ = bulkhead::testing::FillingStore::kNever;
  bulkhead::testing::TempDir dir_;
  const std::string directory_ = dir_.path();
  bulkhead::testing::MockAgent agent_;
  // Its sessions go on: what ends them has tests of its own.
  api::Lockdown lockdown_{agent_, [](std::int64_t) -> Result<Ok> { return Ok{}; }, clock_};
  std::unique_ptr<api::Owners> owners_;
  std::unique_ptr<api::JobRunner> runner_;
  std::unique_ptr<api::EventLog> events_;  // of panelStore_
  std::unique_ptr<api::EventFeed> feed_;
  api::HashPool hashes_{api::HashCost{1, 8192}};

 private:
  void serve(std::unique_ptr<HttpTestServer>& server,
             std::unique_ptr<api::Router>& router,
             api::PeerPolicy peers) {
    auto table = api::makeRouteTable(api::Services{&servedPanel(), people_.get(), authority_.get(),
                                                   &document_, nullptr, uiTokens_.get(),
                                                   events_.get(), feed_.get(), &lockdown_});
    ASSERT_TRUE(table.ok()) << table.error().message;
    router = std::make_unique<api::Router>(
        std::move(table).value(), authenticator(), *borders_, *repeats_, peers,
        [](std::string_view, std::string_view what) { ADD_FAILURE() << "fault: " << what; });
    api::ServerOptions options;
    options.laneOf = [&router](const api::HttpRequest& request) { return router->laneOf(request); };
    server = std::make_unique<HttpTestServer>(
        [&router](const api::HttpRequest& request) { return router->handle(request); },
        std::move(options));
  }

  std::unique_ptr<bulkhead::testing::FillingStore> keyStore_;
  std::unique_ptr<api::Repeats> repeats_;
  std::unique_ptr<api::UiTokens> uiTokens_;
  std::unique_ptr<api::StoreBorders> borders_;
  std::string document_;
  std::unique_ptr<api::People> people_;
  api::FactorKey key_ = api::FactorKey::load(dir_.path()).value();
  std::unique_ptr<api::Router> gatewayRouter_;
  std::unique_ptr<api::Router> rootRouter_;
  std::unique_ptr<HttpTestServer> gateway_;
  std::unique_ptr<HttpTestServer> root_;
};

}  // namespace bulkhead::test
