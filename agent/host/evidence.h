// Evidence: one fact read back from the machine. A success is a list of these; a step that cannot
// show any has not succeeded.
#pragma once
#include <string>
#include <vector>

namespace bulkhead::agent {

struct Evidence {
  std::string check;   // what was looked at
  std::string detail;  // what was found
};
using Proof = std::vector<Evidence>;

// Adds the facts of one part of a machine to the facts of the whole.
inline void append(Proof& all, Proof part) {
  for (auto& fact : part)
    all.push_back(std::move(fact));
}

}  // namespace bulkhead::agent
