// AnchorKeeper: asks the agent for the newest anchor of its audit log and keeps it in the API's own
// directory, under another user than the log: a second memory of what the log was.
#pragma once
#include <chrono>
#include <string>

#include "api/agent_client/agent_port.h"
#include "api/usecases/ticker.h"

namespace bulkhead::api {

// 20,000 anchors: two weeks of one a minute, half a year of an idle host. Twice that is kept.
inline constexpr std::size_t kAnchorsFileBytesMax = 8U << 20U;
// As often as the agent makes one while there is work.
inline constexpr std::chrono::seconds kAnchorInterval{60};

class AnchorKeeper {
 public:
  AnchorKeeper(AgentPort& agent, std::string directory, std::size_t bytesMax = kAnchorsFileBytesMax)
      : agent_(agent), directory_(std::move(directory)), bytesMax_(bytesMax) {}

  void start() { ticker_.start(); }
  void stop() { ticker_.stop(); }
  // Asks once. An anchor that is known already is not written again.
  Result<Ok> fetch();

 private:
  void tick();
  Result<Ok> keep(const std::string& line);
  int choose() const;

  AgentPort& agent_;
  std::string directory_;
  std::size_t bytesMax_;
  std::string last_;
  Ticker ticker_{"api-anchors", kAnchorInterval, [this] { tick(); }};  // last: it uses the rest
};

}  // namespace bulkhead::api
