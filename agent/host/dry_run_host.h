// DryRunHost: lets an operation run and records what it would change. What it wrote, it reads
// again; the machine stays as it is.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/host/host.h"

namespace bulkhead::agent {

struct Change {
  enum class Kind {
    kWriteFile,
    kRemoveFile,
    kMakeDirectory,
    kRemoveTree,
    kRun,
    kEngine,
    kKill,
    kHome
  };
  Kind kind;
  std::string target;  // path, program with arguments, engine request, account
  std::string diff;    // unified diff for files, the body for engine requests, "" otherwise
};

class DryRunHost : public Host {
 public:
  // `machine` must outlive this. Of it, only reading methods are called.
  explicit DryRunHost(const Host& machine) : machine_(&machine) {}
  DryRunHost(const DryRunHost&) = delete;  // a second layer takes the first as a Host
  DryRunHost& operator=(const DryRunHost&) = delete;

  // In order. Content of files that not everybody may read is left out.
  const std::vector<Change>& changes() const { return changes_; }

  Result<std::string> readFile(const std::string& path) const override;
  Result<FileInfo> inspect(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& path) const override;
  Result<ProgramOutput> query(const Command& command) const override {
    return machine_->query(command);
  }
  Result<HttpReply> probe(const Probe& probe) const override { return machine_->probe(probe); }
  Result<HttpReply> siteQuery(const Identity& who, const std::string& path) const override {
    return machine_->siteQuery(who, path);
  }
  Result<FileSystemInfo> fileSystem(const std::string& path) const override;
  Result<std::uint32_t> projectOf(const std::string& path) const override;
  Result<ProjectQuota> projectQuota(const std::string& path, std::uint32_t project) const override;
  Result<std::vector<std::string>> leftovers(const Identity& who,
                                             const std::string& directory) const override;
  Result<std::vector<ProcessInfo>> processesOf(const Identity& who) const override;
  Result<Ok> checkProgram(const std::string& path) const override {
    return machine_->checkProgram(path);
  }
  // Waiting takes no time here, but the clock goes on: who waits for what never happens comes to
  // its own limit.
  std::chrono::system_clock::time_point now() const override { return machine_->now() + waited_; }
  void pause(std::chrono::milliseconds time) const override { waited_ += time; }
  bool isPreview() const override { return true; }

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
  Result<ProgramOutput> run(const Command& command) override;  // answers exit code 0, no output
  Result<std::unique_ptr<Lock>> lock(LockName name,
                                     std::chrono::milliseconds patience) override;  // takes none
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
  Result<HttpReply> engine(const Identity& who,
                           const EngineRequest& request) override;  // 201 for .../create, else 200
  Result<HttpReply> engineQuery(const Identity& who,
                                const std::string& path) const override;  // 404 without an engine
  Result<std::uint32_t> killProcessesOf(const Identity& who) override;

 private:
  // What this run made of a path. A removed one and a new directory hide what the machine has
  // below.
  struct Entry {
    bool present = false;
    bool hidesMachine = true;
    FileInfo info;
    std::string content;
  };
  const Entry* find(const std::string& path) const;
  Result<Ok> checkParent(const std::string& path) const;
  // The path, or its nearest parent that the machine has.
  std::string onMachine(const std::string& path) const;
  std::string diffOf(const std::string& path, std::string_view content, mode_t mode) const;

  const Host* machine_;
  std::map<std::string, Entry> entries_;
  std::set<uid_t> killed_;
  std::set<std::string> emptied_;  // "UID DIRECTORY" without leftovers
  std::map<std::string, std::uint32_t> projects_;
  std::map<std::uint32_t, ProjectQuota> quotas_;
  std::vector<Change> changes_;
  mutable std::chrono::milliseconds waited_{0};
};

}  // namespace bulkhead::agent
