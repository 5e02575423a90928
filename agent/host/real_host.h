// RealHost: the machine itself. Needs root, or the capabilities of the operation that runs on it.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "agent/host/host.h"
#include "agent/host/transient.h"

namespace bulkhead::agent {

inline constexpr std::size_t kLeftoversMax = 100;  // named; there may be more than memory holds

class RealHost : public Host {
 public:
  struct Paths {                                 // other ones only in tests
    std::string accountLock = "/etc/.pwd.lock";  // glibc's lckpwdf() locks this file
    std::string nginxLock = "/run/bulkhead/nginx.lock";
    std::string databaseUsersLock = "/run/bulkhead/database-users.lock";
    std::string engines = "/run/bulkhead-engine";  // UID/docker.sock below
    std::string sites = "/run/bulkhead-sites";     // UID/web.sock below
    const std::string& of(LockName name) const;
  };

  RealHost() : RealHost(Paths{}) {}
  explicit RealHost(Paths paths) : paths_(std::move(paths)) {}

  // Time spent inside other programs, engines and probes: what the panel itself did not cost.
  std::uint64_t externalMicros() const { return externalMicros_; }
  // Removes what killed writers left in the directory; at start, before anything writes there.
  Result<Ok> removeTemporaries(const std::string& path);

  Result<std::string> readFile(const std::string& path) const override;
  Result<FileInfo> inspect(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& path) const override;
  Result<std::vector<std::string>> temporaries(const std::string& path) const override;
  Result<ProgramOutput> query(const Command& command) const override;
  Result<HttpReply> probe(const Probe& probe) const override;
  Result<FileSystemInfo> fileSystem(const std::string& path) const override;
  Result<std::uint32_t> projectOf(const std::string& path) const override;
  Result<ProjectQuota> projectQuota(const std::string& path, std::uint32_t project) const override;
  Result<std::vector<std::string>> leftovers(const Identity& who,
                                             const std::string& directory) const override;
  Result<std::vector<ProcessInfo>> processesOf(const Identity& who) const override;
  Result<Ok> checkProgram(const std::string& path) const override;
  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::now();
  }
  void pause(std::chrono::milliseconds time) const override;

  Result<Ok> writeFile(const std::string& path,
                       std::string_view content,
                       const Attributes& attributes) override;
  Result<Ok> removeFile(const std::string& path) override;
  Result<Ok> makeDirectory(const std::string& path, const Attributes& attributes) override;
  Result<Ok> removeEmptyDirectory(const std::string& path) override;
  Result<Ok> removeTree(const std::string& path) override;
  Result<Ok> move(const std::string& from, const std::string& to, uid_t owner) override;
  Result<Ok> removeLeftovers(const Identity& who, const std::string& directory) override;
  Result<Ok> setProject(const std::string& path, std::uint32_t project) override;
  Result<Ok> setProjectQuota(const std::string& path,
                             std::uint32_t project,
                             std::uint64_t bytesMax,
                             std::uint64_t inodesMax) override;
  Result<ProgramOutput> run(const Command& command) override { return query(command); }
  Result<std::unique_ptr<Lock>> lock(LockName name, std::chrono::milliseconds patience) override;

  Result<Ok> makeHomeDirectory(const Identity& who,
                               const std::string& relativePath,
                               mode_t mode) override;
  Result<Ok> writeHomeFileIfAbsent(const Identity& who,
                                   const std::string& relativePath,
                                   std::string_view content,
                                   mode_t mode) override;
  Result<Ok> moveInHome(const Identity& who,
                        const std::string& from,
                        const std::string& to) override;
  Result<HttpReply> engine(const Identity& who, const EngineRequest& request) override;
  Result<HttpReply> engineQuery(const Identity& who, const std::string& path) const override;
  Result<HttpReply> siteQuery(const Identity& who, const std::string& path) const override;

  Result<std::uint32_t> killProcessesOf(const Identity& who) override;

 private:
  class Stopwatch;
  Result<HttpReply> askEngine(const Identity& who, const EngineRequest& request) const;
  Result<ProgramOutput> start(const Command& command, const std::string& path) const;
  Result<ProgramOutput> queryApart(const Command& command, const TransientUnit& unit) const;
  Result<std::string> askQuota(const std::string& verb,
                               const std::string& path,
                               const std::vector<std::uint64_t>& numbers) const;

  Paths paths_;
  mutable std::atomic<std::uint64_t> externalMicros_{0};
};

// "systemctl start x", for previews and messages.
std::string commandLine(const Command& command);

}  // namespace bulkhead::agent
