#include "cli/panel_address.h"

#include <unistd.h>

namespace bulkhead::cli {

std::string panelAddress(const Endpoint& endpoint) {
  if (!endpoint.host.empty()) return "https://" + endpoint.host;
  char name[256] = {};
  const bool named = ::gethostname(name, sizeof name - 1) == 0;
  return "https://" + std::string(named ? name : "localhost") + ":2087";
}

}  // namespace bulkhead::cli
