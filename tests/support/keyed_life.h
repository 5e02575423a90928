// KeyedLife: the panel from the router down to its databases, with an agent that is not there; its
// requests can be cut off right before or right after what they change is committed.
#pragma once
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/auth/authority.h"
#include "api/http/event_feed.h"
#include "api/http/router.h"
#include "api/http/routes/routes.h"
#include "api/usecases/panel_impl.h"
#include "tests/support/filling_store.h"
#include "tests/support/mock_agent.h"

#include <nlohmann/json.hpp>

namespace bulkhead::testing {

class KeyedLife {
 public:
  // kBefore, kAfter: nothing can be stored any more from then on. kKillBefore, kKillAfter: the
  // process dies.
  enum class Cut { kNone, kBefore, kAfter, kKillBefore, kKillAfter };

  KeyedLife(const std::string& directory, StorePlace& place)
      : agent_(hostDirectory(directory)), key_(api::FactorKey::load(directory).value()) {
    agent_.hooks.enabled = true;
    files_ = place.open();
    store_ = std::make_unique<FillingStore>(*files_, writesLeft_);
    admins_ = api::AdminStore::open(directory + "/admins.db").value();
    authority_ = std::make_unique<api::Authority>(*admins_, *files_, hashes_, key_, clock_);
    owners_ = std::make_unique<api::Owners>(*admins_);
    api::JobRunner::Options options;
    options.pace = {std::chrono::milliseconds(1), std::chrono::milliseconds(5),
                    std::chrono::milliseconds(20), std::chrono::milliseconds(50)};
    runner_ = std::make_unique<api::JobRunner>(*files_, agent_, clock_, options);
    panel_ = api::makePanel(*store_, agent_, *runner_, *owners_, clock_);
    people_ = api::makePeople(*store_, *owners_, *runner_, clock_);
    repeats_ = std::make_unique<api::Repeats>(*store_, clock_);
    borders_ = std::make_unique<api::StoreBorders>(*files_);
    router_ = std::make_unique<api::Router>(
        table(), *authority_, *borders_, *repeats_, api::PeerPolicy{0, {}},
        [](std::string_view, std::string_view what) { ADD_FAILURE() << "fault: " << what; });
    EXPECT_TRUE(runner_->start().ok());
  }
  KeyedLife(const KeyedLife&) = delete;
  KeyedLife& operator=(const KeyedLife&) = delete;
  ~KeyedLife() {
    feed_->stop();
    runner_->stop();
  }

  // As root.
  api::HttpResponse send(api::Method method,
                         const std::string& path,
                         const std::string& body = "",
                         const std::string& key = "",
                         Cut cut = Cut::kNone) {
    api::HttpRequest request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.peer.uid = 0;
    request.requestId = "req-1";
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    if (!key.empty()) request.headers.emplace_back("idempotency-key", key);
    cut_ = cut;
    api::HttpResponse response = router_->handle(request);
    if (cut != Cut::kNone) {
      cut_ = Cut::kNone;
      writesLeft_ = FillingStore::kNever;
    }
    return response;
  }
  void finishJobs() {
    const auto page = panel_->jobs({"", 200});
    ASSERT_TRUE(page.ok());
    for (const auto& job : page->items) {
      const auto ended = panel_->waitForJob(job.id, std::chrono::seconds(10));
      EXPECT_TRUE(ended.ok() && ended->state == api::JobState::kSucceeded) << job.kind;
    }
  }
  std::size_t jobsOf(const std::string& kind) {
    const auto page = panel_->jobs({"", 200});
    std::size_t count = 0;
    for (const auto& job : page->items)
      if (kind.empty() || job.kind == kind) ++count;
    return count;
  }
  api::AdminStore& admins() { return *admins_; }
  api::Authority& authority() { return *authority_; }
  const api::Router& router() const { return *router_; }
  const api::RouteTable& routes() const { return router_->table(); }

 private:
  static std::string hostDirectory(const std::string& directory) {
    std::filesystem::create_directories(directory + "/host");
    return directory + "/host";
  }
  void cutAt(Cut storing, Cut killing) {
    if (cut_ == storing) writesLeft_ = 0;
    if (cut_ == killing) ::kill(::getpid(), SIGKILL);
  }
  api::RouteTable table() {
    api::Services services{panel_.get(), people_.get(), authority_.get(), &document_};
    services.events = &events_.emplace(*files_);
    services.eventFeed = &feed_.emplace(*events_, [] { return false; });
    feed_->start();
    const auto plain = api::makeRouteTable(services);
    std::vector<api::Route> routes = plain.value().routes();
    for (auto& route : routes)
      if (route.changes())
        route.handler = [this, inner = route.handler](const api::Call& call) {
          cutAt(Cut::kBefore, Cut::kKillBefore);
          api::Answered answered = inner(call);
          cutAt(Cut::kAfter, Cut::kKillAfter);
          return answered;
        };
    return api::RouteTable::make(std::move(routes)).value();
  }

  SystemClock clock_;
  MockAgent agent_;
  api::HashPool hashes_{api::HashCost{1, 8192}};
  api::FactorKey key_;
  std::string document_;
  std::atomic<int> writesLeft_ = FillingStore::kNever;
  std::atomic<Cut> cut_ = Cut::kNone;
  std::unique_ptr<api::Store> files_;
  std::unique_ptr<FillingStore> store_;
  std::unique_ptr<api::AdminStore> admins_;
  std::unique_ptr<api::Authority> authority_;
  std::unique_ptr<api::Owners> owners_;
  std::unique_ptr<api::JobRunner> runner_;
  std::unique_ptr<api::Panel> panel_;
  std::unique_ptr<api::People> people_;
  std::unique_ptr<api::Repeats> repeats_;
  std::unique_ptr<api::StoreBorders> borders_;
  std::optional<api::EventLog> events_;
  std::optional<api::EventFeed> feed_;
  std::unique_ptr<api::Router> router_;
};

}  // namespace bulkhead::testing
