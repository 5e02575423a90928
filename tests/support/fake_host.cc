#include "tests/support/fake_host.h"

#include <algorithm>

#include "common/os/atomic_file.h"

namespace bulkhead::testing {
namespace {

using agent::FileType;

std::string parentOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

const char* nameOf(agent::Program program) {
  switch (program) {
    case agent::Program::kSystemctl:
      return "systemctl";
    case agent::Program::kSystemdRun:
      return "systemd-run";
    case agent::Program::kNginx:
      return "nginx";
    case agent::Program::kUfw:
      return "ufw";
    case agent::Program::kQuota:
      return "bulkhead-quota";
  }
  return "unknown";
}

bool isCleanPath(const std::string& path) {
  if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos) return false;
  if (path == "/") return true;
  std::size_t start = 1;
  while (start <= path.size()) {
    const auto end = std::min(path.find('/', start), path.size());
    const auto part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return true;
}

bool owns(const agent::Identity& who, uid_t uid) {
  return uid == who.uid || (uid >= who.subUidFirst && uid - who.subUidFirst < who.subUidCount);
}

Error refused(const std::string& path, const std::string& why) {
  return Error{Code::kPermissionDenied, path + ": " + why, ""};
}
Error absent(const std::string& path) {
  return Error{Code::kNotFound, path + ": does not exist", ""};
}

}  // namespace

class FakeHost::FakeLock : public agent::Host::Lock {
 public:
  FakeLock(FakeHost& host, LockName name) : host_(host), name_(name) { host_.held_.insert(name_); }
  FakeLock(const FakeLock&) = delete;
  FakeLock& operator=(const FakeLock&) = delete;
  ~FakeLock() override { host_.held_.erase(name_); }

 private:
  FakeHost& host_;
  LockName name_;
};

// A Debian server with Bulkhead's packages, no account yet; 2026-01-01 00:00 UTC.
FakeHost::FakeHost() : now_(std::chrono::system_clock::from_time_t(1767225600)) {
  addFile("/etc/passwd",
          "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
          "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
  addFile("/etc/group", "root:x:0:\nshadow:x:42:\nwww-data:x:33:\nnogroup:x:65534:\n");
  addFile("/etc/shadow",
          "root:*:19000:0:99999:7:::\nwww-data:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n",
          {0640, 0, 42});
  addFile("/etc/gshadow", "root:*::\nshadow:*::\nwww-data:*::\nnogroup:*::\n", {0640, 0, 42});
  addFile("/etc/subuid", "");
  addFile("/etc/subgid", "");
  for (const char* path :
       {"/home", "/etc/nginx/bulkhead/sites", "/etc/nginx/conf.d", "/etc/systemd/system",
        "/etc/bulkhead/policy.d", "/run/bulkhead-engine", "/run/bulkhead-sites",
        "/run/bulkhead-nginx", "/usr/share/bulkhead/policy", "/usr/lib/bulkhead/images"})
    addDirectory(path);
  for (const char* path : {"/var/lib/bulkhead/agent", "/var/lib/bulkhead/docker",
                           "/var/log/bulkhead/audit", "/run/bulkhead"})
    addDirectory(path, {0700, 0, 0});
}

void FakeHost::addDirectory(const std::string& path, const agent::Attributes& attributes) {
  if (path != "/" && !nodes_.contains(parentOf(path))) addDirectory(parentOf(path));
  nodes_[path] =
      Node{{FileType::kDirectory, attributes.uid, attributes.gid, attributes.mode, 0}, ""};
}

void FakeHost::addFile(const std::string& path,
                       std::string content,
                       const agent::Attributes& attributes) {
  if (!nodes_.contains(parentOf(path))) addDirectory(parentOf(path));
  const auto size = content.size();
  nodes_[path] = Node{{FileType::kRegular, attributes.uid, attributes.gid, attributes.mode, size},
                      std::move(content)};
}

void FakeHost::addSymlink(const std::string& path, std::string target) {
  addFile(path, std::move(target), {0777, 0, 0});
  nodes_[path].info.type = FileType::kSymlink;
}

void FakeHost::addSocket(const std::string& path, const agent::Attributes& attributes) {
  addFile(path, "", attributes);
  nodes_[path].info.type = FileType::kSocket;
}

void FakeHost::addProcess(uid_t uid, pid_t pid, std::string name) {
  processes_[pid] = {pid, uid, std::move(name)};
}

void FakeHost::resetFaults() {
  failures_.clear();
  crashAfter_ = std::numeric_limits<std::size_t>::max();
  mutations_ = 0;
}

std::string FakeHost::line(const agent::Command& command) {
  std::string text = nameOf(command.program);
  for (const auto& argument : command.arguments)
    text += " " + argument;
  return text;
}

std::vector<std::string> FakeHost::commandLines() const {
  std::vector<std::string> lines;
  for (const auto& command : commands_)
    lines.push_back(line(command));
  return lines;
}

std::string FakeHost::content(const std::string& path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? "" : found->second.content;
}

std::optional<FakeHost::Node> FakeHost::node(const std::string& path) const {
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> FakeHost::paths() const {
  std::vector<std::string> all;
  for (const auto& [path, unused] : nodes_)
    all.push_back(path);
  return all;
}

// ---- rules of the machine

Result<Ok> FakeHost::checkParents(const std::string& path) const {
  if (!isCleanPath(path)) return refused(path, "not an absolute, plain path");
  for (auto parent = parentOf(path);; parent = parentOf(parent)) {
    const auto found = nodes_.find(parent);
    if (found == nodes_.end()) return absent(parent);
    const auto& info = found->second.info;
    if (info.type == FileType::kSymlink) return refused(parent, "is a symbolic link");
    if (info.type != FileType::kDirectory) return refused(parent, "is not a directory");
    const bool sticky = (info.mode & 01000U) != 0;
    if (info.uid != 0 || ((info.mode & 0022U) != 0 && !sticky))
      return refused(parent, "others than root can change it");
    if (parent == "/") return Ok{};
  }
}

Result<Ok> FakeHost::checkHomeParent(const agent::Identity& who,
                                     const std::string& relativePath) const {
  if (relativePath.empty() || !isCleanPath("/" + relativePath))
    return refused(relativePath, "not a plain relative path");
  const auto parent = parentOf(who.home + "/" + relativePath);
  const auto found = nodes_.find(parent);
  if (found == nodes_.end()) return absent(parent);
  if (found->second.info.type != FileType::kDirectory) return refused(parent, "is not a directory");
  if (found->second.info.uid != who.uid) return refused(parent, "does not belong to the account");
  return Ok{};
}

// ---- reading

Result<std::string> FakeHost::readFile(const std::string& path) const {
  TRY(checkParents(path));
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return absent(path);
  if (found->second.info.type != FileType::kRegular) return refused(path, "is not a regular file");
  if (found->second.content.size() > agent::kFileBytesMax)
    return Error{Code::kLimitExceeded, path + ": too large", ""};
  return found->second.content;
}

Result<agent::FileInfo> FakeHost::inspect(const std::string& path) const {
  TRY(checkParents(path));
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return absent(path);
  return found->second.info;
}

Result<std::vector<std::string>> FakeHost::list(const std::string& path) const {
  TRY(checkParents(path));
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return absent(path);
  if (found->second.info.type != FileType::kDirectory) return refused(path, "is not a directory");
  std::vector<std::string> names;
  const auto prefix = path == "/" ? path : path + "/";
  for (const auto& [other, unused] : nodes_)
    if (other.starts_with(prefix) && other.size() > prefix.size() &&
        other.find('/', prefix.size()) == std::string::npos)
      names.push_back(other.substr(prefix.size()));
  return names;
}

agent::ProgramOutput FakeHost::answer(const agent::Command& command) const {
  const auto handler = programs_.find(command.program);
  return handler == programs_.end() ? agent::ProgramOutput{} : handler->second(command);
}

Result<std::vector<std::string>> FakeHost::temporaries(const std::string& path) const {
  auto names = list(path);
  if (names.ok())
    std::erase_if(names.value(),
                  [](const std::string& name) { return !name.starts_with(os::kTemporaryPrefix); });
  return names;
}

Result<agent::ProgramOutput> FakeHost::query(const agent::Command& command) const {
  queries_.push_back(command);
  return answer(command);
}

Result<agent::HttpReply> FakeHost::probe(const agent::Probe& probe) const {
  if (!probe_) return Error{Code::kUnavailable, "nothing answers", ""};
  return probe_(probe);
}

Result<std::vector<agent::ProcessInfo>> FakeHost::processesOf(const agent::Identity& who) const {
  std::vector<agent::ProcessInfo> found;
  for (const auto& [pid, process] : processes_)
    if (owns(who, process.uid)) found.push_back(process);
  return found;
}

void FakeHost::pause(std::chrono::milliseconds time) const {
  now_ += time;
  waited_ += time;
  if (onPause_) onPause_();
}

// ---- changing

Result<Ok> FakeHost::writeFile(const std::string& path,
                               std::string_view content,
                               const agent::Attributes& attributes) {
  return mutate<Ok>("writeFile " + path, [&]() -> Result<Ok> {
    TRY(checkParents(path));
    const auto found = nodes_.find(path);
    if (found != nodes_.end() && found->second.info.type != FileType::kRegular)
      return refused(path, "is not a regular file");
    addFile(path, std::string(content), attributes);
    return Ok{};
  });
}

Result<Ok> FakeHost::removeFile(const std::string& path) {
  return mutate<Ok>("removeFile " + path, [&]() -> Result<Ok> {
    if (auto parents = checkParents(path); !parents.ok())
      return parents.error().code == Code::kNotFound ? Result<Ok>(Ok{}) : parents;
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) return Ok{};
    if (found->second.info.type == FileType::kDirectory) return refused(path, "is a directory");
    nodes_.erase(found);
    return Ok{};
  });
}

Result<Ok> FakeHost::makeDirectory(const std::string& path, const agent::Attributes& attributes) {
  return mutate<Ok>("makeDirectory " + path, [&]() -> Result<Ok> {
    TRY(checkParents(path));
    const auto found = nodes_.find(path);
    if (found != nodes_.end() && found->second.info.type != FileType::kDirectory)
      return refused(path, "is not a directory");
    addDirectory(path, attributes);
    return Ok{};
  });
}

Result<Ok> FakeHost::removeEmptyDirectory(const std::string& path) {
  return mutate<Ok>("removeEmptyDirectory " + path, [&]() -> Result<Ok> {
    if (auto parents = checkParents(path); !parents.ok())
      return parents.error().code == Code::kNotFound ? Result<Ok>(Ok{}) : parents;
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) return Ok{};
    if (found->second.info.type != FileType::kDirectory) return refused(path, "is no directory");
    const auto below = nodes_.lower_bound(path + "/");
    if (below == nodes_.end() || !below->first.starts_with(path + "/")) nodes_.erase(found);
    return Ok{};
  });
}

Result<Ok> FakeHost::removeTree(const std::string& path) {
  return mutate<Ok>("removeTree " + path, [&]() -> Result<Ok> {
    if (path == "/") return refused(path, "is the root directory");
    if (auto parents = checkParents(path); !parents.ok())
      return parents.error().code == Code::kNotFound ? Result<Ok>(Ok{}) : parents;
    std::erase_if(nodes_, [&](const auto& entry) {
      return entry.first == path || entry.first.starts_with(path + "/");
    });
    return Ok{};
  });
}

Result<agent::ProgramOutput> FakeHost::run(const agent::Command& command) {
  return mutate<agent::ProgramOutput>("run " + line(command),
                                      [&]() -> Result<agent::ProgramOutput> {
                                        commands_.push_back(command);
                                        return answer(command);
                                      });
}

Result<std::unique_ptr<agent::Host::Lock>> FakeHost::lock(LockName name,
                                                          std::chrono::milliseconds patience) {
  if (held_.contains(name)) {
    pause(patience);
    if (held_.contains(name)) return Error{Code::kBusy, "another process holds the lock", ""};
  }
  locksTaken_.push_back(name);
  return std::unique_ptr<Lock>(std::make_unique<FakeLock>(*this, name));
}

Result<Ok> FakeHost::makeHomeDirectory(const agent::Identity& who,
                                       const std::string& relativePath,
                                       mode_t mode) {
  return mutate<Ok>("home " + who.username + " " + relativePath, [&]() -> Result<Ok> {
    TRY(checkHomeParent(who, relativePath));
    const auto path = who.home + "/" + relativePath;
    const auto found = nodes_.find(path);
    if (found != nodes_.end() && found->second.info.type != FileType::kDirectory)
      return refused(path, "is not a directory");
    addDirectory(path, {mode, who.uid, who.gid});
    return Ok{};
  });
}

Result<Ok> FakeHost::writeHomeFileIfAbsent(const agent::Identity& who,
                                           const std::string& relativePath,
                                           std::string_view content,
                                           mode_t mode) {
  return mutate<Ok>("home " + who.username + " " + relativePath, [&]() -> Result<Ok> {
    TRY(checkHomeParent(who, relativePath));
    const auto path = who.home + "/" + relativePath;
    if (!nodes_.contains(path)) addFile(path, std::string(content), {mode, who.uid, who.gid});
    return Ok{};
  });
}

Result<agent::HttpReply> FakeHost::engine(const agent::Identity& who,
                                          const agent::EngineRequest& request) {
  return mutate<agent::HttpReply>(
      "engine " + who.username + " " + request.method + " " + request.path,
      [&]() -> Result<agent::HttpReply> {
        engineRequests_.emplace_back(who.username, request);
        if (!engine_) return Error{Code::kUnavailable, "the engine does not answer", ""};
        return engine_(who, request);
      });
}

Result<agent::HttpReply> FakeHost::engineQuery(const agent::Identity& who,
                                               const std::string& path) const {
  if (!engine_) return Error{Code::kUnavailable, "the engine does not answer", ""};
  return engine_(who, agent::EngineRequest{"GET", path, "", ""});
}

Result<std::uint32_t> FakeHost::killProcessesOf(const agent::Identity& who) {
  return mutate<std::uint32_t>("kill " + who.username, [&]() -> Result<std::uint32_t> {
    const auto ended = std::erase_if(processes_, [&](const auto& entry) {
      return owns(who, entry.second.uid) && !unkillable_.contains(entry.first);
    });
    for (const auto& [pid, process] : processes_)
      if (owns(who, process.uid)) return Error{Code::kTimeout, "a process does not end", ""};
    return static_cast<std::uint32_t>(ended);
  });
}

}  // namespace bulkhead::testing
