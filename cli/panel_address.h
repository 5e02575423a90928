// Where a browser finds the administrators' panel.
#pragma once
#include <string>

#include "cli/client.h"

namespace bulkhead::cli {

std::string panelAddress(const Endpoint& endpoint);  // "https://NAME:2087", without a final slash

}  // namespace bulkhead::cli
