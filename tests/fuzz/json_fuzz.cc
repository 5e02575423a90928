// Fuzz target of the JSON reader with its limits, and of the schemas that bodies meet next.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/http/routes/routes.h"
#include "common/core/json.h"
#include "tests/fuzz/require.h"

#include <nlohmann/json.hpp>

namespace {

using namespace bulkhead;
using fuzz::require;

const api::RouteTable& table() {
  static const auto made = api::makeRouteTable(api::Services{});
  require(made.ok(), "the route table is complete");
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = parseJson({reinterpret_cast<const char*>(data), size});
  if (!value.ok()) return 0;
  const std::string written = value->dump();  // throws on what is no UTF-8
  const auto again = parseJson(written);
  require(again.ok() && *again == *value, "what was read is written and read as the same");
  for (const auto& route : table().routes()) {
    if (!route.body) continue;
    const auto faults = api::checkValue(*route.body, *value);
    require(faults.size() <= api::kFieldErrorsMax, "a bounded number of faults");
    if (!faults.empty() || !value->is_object()) continue;
    for (const auto& [name, unused] : value->items())
      require(route.body->field(name) != nullptr, "a body without faults has known fields only");
  }
  return 0;
}
