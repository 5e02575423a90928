// Fuzz target from bytes on the API's socket to the handler: framing, path, authorization, query
// and body against the real route table, the real authority and its database. Handlers answer
// nothing: what reaches one has passed every check of the router, and that is looked at here.
#include <cstdint>
#include <string>
#include <string_view>

#include "api/auth/authority.h"
#include "api/http/framing.h"
#include "api/http/router.h"
#include "api/http/routes/routes.h"
#include "tests/fuzz/require.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store_kinds.h"

#include <nlohmann/json.hpp>

namespace {

using namespace bulkhead;
using fuzz::require;

constexpr uid_t kRoot = 0;
constexpr uid_t kGateway = 4001;

api::RouteTable checkingTable() {
  std::vector<api::Route> routes = api::makeRouteTable(api::Services{}).value().routes();
  for (auto& route : routes) {
    route.handler = [access = *route.access, body = route.body](const api::Call& call) {
      const bool known = !call.principal.actor.empty();
      require(known || access == api::Access::kOpen, "nobody in particular meets open routes only");
      require(access != api::Access::kLocalRoot || call.http.peer.uid == kRoot,
              "root's routes are root's");
      require(!body || api::checkValue(*body, call.body).empty(), "a body fits its schema");
      return api::Answered(api::HttpResponse{});
    };
  }
  return api::RouteTable::make(std::move(routes)).value();
}

struct Scene {
  bulkhead::testing::TempDir directory;
  bulkhead::testing::SqliteUnderTest store;
  test::ManualClock clock;
  api::HashPool hashes;
  std::unique_ptr<api::AdminStore> admins =
      api::AdminStore::open(directory.path() + "/admins.db").value();
  api::FactorKey key = api::FactorKey::load(directory.path()).value();
  api::Authority authority{*admins, store.store(), hashes, key, clock};
  api::StoreBorders borders{store.store()};
  api::Repeats repeats{store.store(), clock};
  api::Router router{checkingTable(),
                     authority,
                     borders,
                     repeats,
                     api::PeerPolicy{kRoot, kGateway},
                     [](std::string_view, std::string_view what) {
                       std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
                       require(false, "nothing throws");
                     }};
};

void check(const api::HttpResponse& response, bool known) {
  require(response.status >= 200 && response.status < 600, "a status");
  require(response.status < 500 || response.status == 503, "no fault");
  require(known || response.status != 403, "a stranger is not told what he may not do");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto* const scene = new Scene;  // NOLINT(cppcoreguidelines-owning-memory): for ever
  if (size == 0) return 0;
  const bool asRoot = data[0] % 2 == 0;
  api::RequestReader reader({});
  reader.append({reinterpret_cast<const char*>(data) + 1, size - 1});
  while (reader.advance() == api::RequestReader::State::kRequest) {
    api::HttpRequest request = reader.take().request;
    request.peer.uid = asRoot ? kRoot : kGateway;
    request.requestId = "fuzz";
    check(scene->router.handle(request), asRoot);
  }
  return 0;
}
