// FakeHost: a machine in memory. It keeps RealHost's rules (parents must exist, only root-owned
// directories, no links followed), so that an operation that passes here does not fail on a server
// for such a reason. See fake_host.cc for what is on it at the start.
#pragma once
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "tests/support/points.h"

namespace bulkhead::testing {

// Thrown where the process is to die in the middle of an operation; see crashAfter().
struct FakeCrash : std::runtime_error {
  FakeCrash() : std::runtime_error("the process ends here") {}
};

class FakeHost : public agent::Host {
 public:
  struct Node {
    agent::FileInfo info;
    std::string content;  // of a file; the target of a symlink
  };
  using ProgramHandler = std::function<agent::ProgramOutput(const agent::Command&)>;
  using EngineHandler =
      std::function<Result<agent::HttpReply>(const agent::Identity&, const agent::EngineRequest&)>;
  using ProbeHandler = std::function<Result<agent::HttpReply>(const agent::Probe&)>;

  using SiteHandler =
      std::function<Result<agent::HttpReply>(const agent::Identity&, const std::string& path)>;

  FakeHost();

  // ---- setting the scene; makes missing parents, root-owned 0755. These calls are not mutations
  // and never fail.
  void addFile(const std::string& path,
               std::string content,
               const agent::Attributes& attributes = {});
  void addDirectory(const std::string& path, const agent::Attributes& attributes = {0755, 0, 0});
  void addSymlink(const std::string& path, std::string target);
  void addSocket(const std::string& path, const agent::Attributes& attributes = {0660, 0, 0});
  void addProcess(uid_t uid, pid_t pid, std::string name);
  void makeUnkillable(pid_t pid) { unkillable_.insert(pid); }
  // The answer of a program to run() and query(). A program without a handler ends with 0 and no
  // output.
  void onProgram(agent::Program program, ProgramHandler handler) {
    programs_[program] = std::move(handler);
  }
  void onEngine(EngineHandler handler) { engine_ = std::move(handler); }  // without: kUnavailable
  void onSite(SiteHandler handler) { site_ = std::move(handler); }        // without: kUnavailable
  void onProbe(ProbeHandler handler) { probe_ = std::move(handler); }     // without: kUnavailable
  void onPause(std::function<void()> handler) {
    onPause_ = std::move(handler);
  }  // what happens while somebody waits
  // Where every path lies; at the start an ext4 with project quotas. Without the option "prjquota"
  // it has no projects.
  void setFileSystem(agent::FileSystemInfo fileSystem) { fileSystem_ = std::move(fileSystem); }
  void useDisk(std::uint32_t project, std::uint64_t bytes, std::uint64_t inodes);
  void setNow(std::chrono::system_clock::time_point time) { now_ = time; }
  void holdLock(LockName name) { held_.insert(name); }  // as if another process had it
  void dropLock(LockName name) { held_.erase(name); }

  // ---- faults. Mutations are counted from 1 since the start or the last resetFaults().
  void failMutation(std::size_t number, Error error) {
    notePoints();
    failures_[number] = std::move(error);
  }  // without its effect
  void crashAfter(std::size_t number) {
    notePoints();
    crashAfter_ = number;
  }  // FakeCrash after its effect; 0 = before the first has one
  void resetFaults();
  std::size_t mutations() const { return mutations_; }

  // ---- looking
  const std::vector<agent::Command>& commands() const { return commands_; }  // what run() got
  const std::vector<agent::Command>& queries() const { return queries_; }    // what query() got
  // "systemctl start nginx.service": program and arguments, joined by a space.
  static std::string line(const agent::Command& command);
  std::vector<std::string> commandLines() const;
  const std::vector<std::pair<std::string, agent::EngineRequest>>& engineRequests() const {
    return engineRequests_;
  }  // of engine()
  // Every mutation in order: "writeFile /etc/passwd", "run systemctl ...", "engine alice POST
  // /...", "home alice sites/a.test".
  const std::vector<std::string>& log() const { return log_; }
  bool exists(const std::string& path) const { return nodes_.contains(path); }
  std::string content(const std::string& path) const;       // "" when absent
  std::optional<Node> node(const std::string& path) const;  // no rule applies: also inside homes
  std::vector<std::string> paths() const;                   // of everything, sorted
  std::chrono::milliseconds waited() const { return waited_; }
  const std::vector<LockName>& locksTaken() const { return locksTaken_; }

  // ---- agent::Host
  Result<std::string> readFile(const std::string& path) const override;
  Result<agent::FileInfo> inspect(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& path) const override;
  Result<std::vector<std::string>> temporaries(const std::string& path) const override;
  Result<agent::ProgramOutput> query(const agent::Command& command) const override;
  Result<agent::FileSystemInfo> fileSystem(const std::string& path) const override;
  Result<std::uint32_t> projectOf(const std::string& path) const override;
  Result<agent::ProjectQuota> projectQuota(const std::string& path,
                                           std::uint32_t project) const override;
  Result<std::vector<std::string>> leftovers(const agent::Identity& who,
                                             const std::string& directory) const override;
  Result<agent::HttpReply> probe(const agent::Probe& probe) const override;
  Result<std::vector<agent::ProcessInfo>> processesOf(const agent::Identity& who) const override;
  Result<Ok> checkProgram(const std::string& path) const override;
  std::chrono::system_clock::time_point now() const override { return now_; }
  void pause(std::chrono::milliseconds time) const override;
  Result<Ok> writeFile(const std::string& path,
                       std::string_view content,
                       const agent::Attributes& attributes) override;
  Result<Ok> removeFile(const std::string& path) override;
  Result<Ok> makeDirectory(const std::string& path, const agent::Attributes& attributes) override;
  Result<Ok> removeEmptyDirectory(const std::string& path) override;
  Result<Ok> removeTree(const std::string& path) override;
  Result<Ok> move(const std::string& from, const std::string& to, uid_t owner) override;
  Result<Ok> removeLeftovers(const agent::Identity& who, const std::string& directory) override;
  Result<Ok> setProject(const std::string& path, std::uint32_t project) override;
  Result<Ok> setProjectQuota(const std::string& path,
                             std::uint32_t project,
                             std::uint64_t bytesMax,
                             std::uint64_t inodesMax) override;
  Result<agent::ProgramOutput> run(const agent::Command& command) override;
  Result<std::unique_ptr<Lock>> lock(LockName name, std::chrono::milliseconds patience) override;
  Result<Ok> makeHomeDirectory(const agent::Identity& who,
                               const std::string& relativePath,
                               mode_t mode) override;
  Result<Ok> writeHomeFileIfAbsent(const agent::Identity& who,
                                   const std::string& relativePath,
                                   std::string_view content,
                                   mode_t mode) override;
  Result<Ok> moveInHome(const agent::Identity& who,
                        const std::string& from,
                        const std::string& to) override;
  Result<agent::HttpReply> engine(const agent::Identity& who,
                                  const agent::EngineRequest& request) override;
  Result<agent::HttpReply> engineQuery(const agent::Identity& who,
                                       const std::string& path) const override;
  Result<agent::HttpReply> siteQuery(const agent::Identity& who,
                                     const std::string& path) const override {
    if (!site_) return Error{Code::kUnavailable, "nothing answers", ""};
    return site_(who, path);
  }
  Result<std::uint32_t> killProcessesOf(const agent::Identity& who) override;

 private:
  class FakeLock;
  Result<Ok> checkParents(const std::string& path) const;
  void moveNodes(const std::string& from, const std::string& to);
  Result<Ok> checkHomeParent(const agent::Identity& who, const std::string& relativePath) const;
  agent::ProgramOutput answer(const agent::Command& command) const;
  // Counts a mutation, writes the log and applies the faults; the effect runs only when it is to
  // happen.
  template <typename T>
  Result<T> mutate(std::string what, const std::function<Result<T>()>& effect);

  std::map<std::string, Node> nodes_;
  Result<Ok> checkProjects() const;
  agent::FileSystemInfo fileSystem_{"ext4",        "/dev/vda1", "/", {"rw", "relatime", "prjquota"},
                                    100ULL << 30U, 40ULL << 30U};
  std::map<std::string, std::uint32_t> projects_;
  std::map<std::uint32_t, agent::ProjectQuota> quotas_;
  std::map<agent::Program, ProgramHandler> programs_;
  EngineHandler engine_;
  ProbeHandler probe_;
  SiteHandler site_;
  std::function<void()> onPause_;
  std::map<pid_t, agent::ProcessInfo> processes_;
  std::set<pid_t> unkillable_;
  std::set<LockName> held_;
  std::vector<LockName> locksTaken_;
  std::map<std::size_t, Error> failures_;
  std::size_t crashAfter_ = std::numeric_limits<std::size_t>::max();
  std::size_t mutations_ = 0;
  std::vector<agent::Command> commands_;
  mutable std::vector<agent::Command> queries_;
  std::vector<std::pair<std::string, agent::EngineRequest>> engineRequests_;
  std::vector<std::string> log_;
  mutable std::chrono::system_clock::time_point now_;
  mutable std::chrono::milliseconds waited_{0};
};

template <typename T>
Result<T> FakeHost::mutate(std::string what, const std::function<Result<T>()>& effect) {
  if (crashAfter_ == mutations_) throw FakeCrash();
  ++mutations_;
  if (const auto failure = failures_.find(mutations_); failure != failures_.end())
    return failure->second;
  log_.push_back(std::move(what));
  auto result = effect();
  if (crashAfter_ == mutations_) throw FakeCrash();
  return result;
}

}  // namespace bulkhead::testing
