// CoreHost: the machine for the core process, which reads the same few records again and again.
#pragma once
#include <sys/stat.h>

#include <chrono>
#include <map>
#include <string>

#include "agent/host/real_host.h"

namespace bulkhead::agent {

class CoreHost final : public RealHost {
 public:
  // For so long a look at the file itself is enough to know that what was read is still what it
  // says. Then its directories are proved again, too.
  static constexpr std::chrono::milliseconds kProofLife{1000};

  using RealHost::RealHost;
  Result<std::string> readFile(const std::string& path) const override;

 private:
  struct Kept {
    std::string content;
    struct stat file;
    std::chrono::steady_clock::time_point until;
  };
  mutable std::map<std::string, Kept> kept_;
};

}  // namespace bulkhead::agent
