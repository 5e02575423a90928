// `bulkhead doctor`: what on this host differs from what the panel wants, and, with --fix, mends
// what can be mended by an operation that the agent has anyway. It deletes nothing and never
// replaces what a person has edited, unless told so by name (--revert).
#pragma once
#include <chrono>
#include <string>

#include "cli/client.h"
#include "cli/doctor/agent.h"
#include "cli/doctor/report.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace bulkhead::cli::doctor {

struct Options {
  bool plan = false;
  bool fix = false;
  std::string revert;  // a domain
  std::string adopt;   // a domain
  // What is gone at a second look was an operation at work.
  std::chrono::milliseconds secondLook{3000};
};

// What the panel says of its accounts; empty words where it could not be asked.
class Panel {
 public:
  virtual ~Panel() = default;
  virtual Result<std::vector<AgentAccount>> accounts() = 0;
};

ExitCode runDoctor(
    const Options& options, Agent& agent, Panel& panel, const Terminal& terminal, bool json);

// As root on this host, with the real agent and the panel behind `client`.
ExitCode runDoctor(const Options& options,
                   const Client& client,
                   const Terminal& terminal,
                   bool json);

}  // namespace bulkhead::cli::doctor
