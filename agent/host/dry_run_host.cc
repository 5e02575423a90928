#include "agent/host/dry_run_host.h"

#include <algorithm>

#include "agent/host/line_diff.h"
#include "agent/host/real_host.h"

namespace bulkhead::agent {
namespace {

constexpr mode_t kEverybodyReads = 0004;
constexpr const char* kHidden = "(content is not shown: the file is not for everybody)\n";

std::string parentOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

Error absent(const std::string& path) {
  return Error{Code::kNotFound, path + ": does not exist", ""};
}

class NoLock : public Host::Lock {};

}  // namespace

// The entry of the path itself, or of the nearest parent that hides it; null when the machine
// decides.
const DryRunHost::Entry* DryRunHost::find(const std::string& path) const {
  static const Entry kAbsent;
  for (auto at = path;; at = parentOf(at)) {
    const auto found = entries_.find(at);
    if (found != entries_.end() && at == path) return &found->second;
    if (found != entries_.end() && found->second.hidesMachine) return &kAbsent;
    if (at == "/") return nullptr;
  }
}

// The rule of the machine: every parent exists and is root's.
Result<Ok> DryRunHost::checkParent(const std::string& path) const {
  if (path.size() < 2 || path.front() != '/' || path.back() == '/' ||
      path.find("/../") != std::string::npos)
    return Error{Code::kPermissionDenied, "not a plain path: " + path, ""};
  const auto parent = parentOf(path);
  const auto* entry = find(parent);
  if (entry == nullptr) {
    auto info = machine_->inspect(parent);
    if (!info.ok()) return info.error();
    if (info->type != FileType::kDirectory || info->uid != 0)
      return Error{Code::kPermissionDenied, parent + ": is not a directory of root", ""};
    return Ok{};
  }
  if (!entry->present) return absent(parent);
  if (entry->info.type != FileType::kDirectory || entry->info.uid != 0)
    return Error{Code::kPermissionDenied, parent + ": is not a directory of root", ""};
  return parent == "/" ? Result<Ok>(Ok{}) : checkParent(parent);
}

// ---- reading

Result<std::string> DryRunHost::readFile(const std::string& path) const {
  const auto* entry = find(path);
  if (entry == nullptr) return machine_->readFile(path);
  if (!entry->present) return absent(path);
  if (entry->info.type != FileType::kRegular)
    return Error{Code::kPermissionDenied, path + ": is not a regular file", ""};
  return entry->content;
}

Result<FileInfo> DryRunHost::inspect(const std::string& path) const {
  const auto* entry = find(path);
  if (entry == nullptr) return machine_->inspect(path);
  if (!entry->present) return absent(path);
  return entry->info;
}

Result<std::vector<std::string>> DryRunHost::list(const std::string& path) const {
  std::set<std::string> names;
  const auto* entry = find(path);
  if (entry != nullptr && !entry->present) return absent(path);
  if (entry == nullptr || !entry->hidesMachine) {
    TRY_ASSIGN(const auto present, machine_->list(path));
    names.insert(present.begin(), present.end());
  }
  const auto prefix = path == "/" ? path : path + "/";
  for (const auto& [other, change] : entries_) {
    if (!other.starts_with(prefix) || other.size() == prefix.size() ||
        other.find('/', prefix.size()) != std::string::npos)
      continue;
    const auto name = other.substr(prefix.size());
    if (change.present)
      names.insert(name);
    else
      names.erase(name);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<ProcessInfo>> DryRunHost::processesOf(const Identity& who) const {
  if (killed_.contains(who.uid)) return std::vector<ProcessInfo>{};
  return machine_->processesOf(who);
}

// ---- disk

std::string DryRunHost::onMachine(const std::string& path) const {
  auto at = path;
  while (at != "/" && find(at) != nullptr)
    at = parentOf(at);
  return at;
}

Result<FileSystemInfo> DryRunHost::fileSystem(const std::string& path) const {
  return machine_->fileSystem(onMachine(path));
}

Result<std::uint32_t> DryRunHost::projectOf(const std::string& path) const {
  const auto set = projects_.find(path);
  if (set != projects_.end()) return set->second;
  const auto known = onMachine(path);
  TRY_ASSIGN(const auto project, machine_->projectOf(known));
  return known == path ? project : 0U;
}

Result<ProjectQuota> DryRunHost::projectQuota(const std::string& path,
                                              std::uint32_t project) const {
  const auto set = quotas_.find(project);
  if (set != quotas_.end()) return set->second;
  return machine_->projectQuota(onMachine(path), project);
}

Result<Ok> DryRunHost::setProject(const std::string& path, std::uint32_t project) {
  TRY(inspect(path));
  TRY(projectOf(path));
  changes_.push_back(
      {Change::Kind::kRun, "project " + std::to_string(project) + " for " + path, ""});
  projects_[path] = project;
  return Ok{};
}

Result<Ok> DryRunHost::setProjectQuota(const std::string& path,
                                       std::uint32_t project,
                                       std::uint64_t bytesMax,
                                       std::uint64_t inodesMax) {
  TRY_ASSIGN(auto quota, projectQuota(path, project));
  quota.bytesMax = bytesMax;
  quota.inodesMax = inodesMax;
  const auto text = std::to_string(bytesMax) + " bytes, " + std::to_string(inodesMax) + " inodes";
  changes_.push_back(
      {Change::Kind::kRun, "quota of project " + std::to_string(project) + ": " + text, ""});
  quotas_[project] = quota;
  return Ok{};
}

Result<std::vector<std::string>> DryRunHost::leftovers(const Identity& who,
                                                       const std::string& directory) const {
  if (emptied_.contains(std::to_string(who.uid) + " " + directory))
    return std::vector<std::string>{};
  return machine_->leftovers(who, directory);
}

Result<Ok> DryRunHost::removeLeftovers(const Identity& who, const std::string& directory) {
  TRY_ASSIGN(const auto names, leftovers(who, directory));
  for (const auto& name : names)
    changes_.push_back({Change::Kind::kRemoveTree, directory + "/" + name, ""});
  emptied_.insert(std::to_string(who.uid) + " " + directory);
  return Ok{};
}

// ---- changing

std::string DryRunHost::diffOf(const std::string& path,
                               std::string_view content,
                               mode_t mode) const {
  const auto info = inspect(path);
  if ((mode & kEverybodyReads) == 0 || (info.ok() && (info->mode & kEverybodyReads) == 0))
    return kHidden;
  const auto before = readFile(path);
  return lineDiff(before.ok() ? *before : "", content, before.ok() ? path : "/dev/null", path);
}

Result<Ok> DryRunHost::writeFile(const std::string& path,
                                 std::string_view content,
                                 const Attributes& attributes) {
  TRY(checkParent(path));
  const auto info = inspect(path);
  if (info.ok() && info->type != FileType::kRegular)
    return Error{Code::kPermissionDenied, path + ": is not a regular file", ""};
  changes_.push_back({Change::Kind::kWriteFile, path, diffOf(path, content, attributes.mode)});
  entries_[path] =
      Entry{true,
            true,
            {FileType::kRegular, attributes.uid, attributes.gid, attributes.mode, content.size()},
            std::string(content)};
  return Ok{};
}

Result<Ok> DryRunHost::removeFile(const std::string& path) {
  const auto info = inspect(path);
  if (!info.ok() && info.error().code == Code::kNotFound) return Ok{};
  if (!info.ok()) return info.error();
  if (info->type == FileType::kDirectory)
    return Error{Code::kPermissionDenied, path + ": is a directory", ""};
  changes_.push_back({Change::Kind::kRemoveFile, path, ""});
  entries_[path] = Entry{};
  return Ok{};
}

Result<Ok> DryRunHost::makeDirectory(const std::string& path, const Attributes& attributes) {
  TRY(checkParent(path));
  const auto before = inspect(path);
  if (!before.ok() && before.error().code != Code::kNotFound) return before.error();
  if (before.ok() && before->type != FileType::kDirectory)
    return Error{Code::kPermissionDenied, path + ": is not a directory", ""};
  const FileInfo info{FileType::kDirectory, attributes.uid, attributes.gid, attributes.mode, 0};
  const bool same = before.ok() && before->uid == info.uid && before->gid == info.gid &&
                    before->mode == info.mode;
  if (same) return Ok{};
  changes_.push_back({Change::Kind::kMakeDirectory, path, ""});
  const auto* known = find(path);
  const bool hides = !before.ok() || (known != nullptr && known->hidesMachine);
  entries_[path] = Entry{true, hides, info, ""};
  return Ok{};
}

Result<Ok> DryRunHost::removeEmptyDirectory(const std::string& path) {
  const auto left = list(path);
  if (!left.ok() && left.error().code != Code::kNotFound) return left.error();
  if (!left.ok() || !left->empty()) return Ok{};
  return removeTree(path);
}

Result<Ok> DryRunHost::removeTree(const std::string& path) {
  const auto info = inspect(path);
  if (!info.ok() && info.error().code == Code::kNotFound) return Ok{};
  if (!info.ok()) return info.error();
  changes_.push_back({Change::Kind::kRemoveTree, path, ""});
  std::erase_if(entries_,
                [&path](const auto& entry) { return entry.first.starts_with(path + "/"); });
  entries_[path] = Entry{};
  return Ok{};
}

// What lies below a moved directory is not seen under its new name; no operation looks there.
Result<Ok> DryRunHost::move(const std::string& from, const std::string& to, uid_t owner) {
  TRY_ASSIGN(const auto info, inspect(from));
  if (info.uid != owner || info.type == FileType::kSymlink)
    return Error{Code::kConflict, from + ": is not what it should be", ""};
  TRY(checkParent(to));
  if (inspect(to).ok()) return Error{Code::kAlreadyExists, to + ": exists already", ""};
  changes_.push_back({Change::Kind::kRun, "rename " + from + " to " + to, ""});
  std::string content;
  if (info.type == FileType::kRegular) {
    TRY_ASSIGN(content, readFile(from));
  }
  entries_[from] = Entry{};
  entries_[to] = Entry{true, true, info, std::move(content)};
  return Ok{};
}

Result<ProgramOutput> DryRunHost::run(const Command& command) {
  changes_.push_back({Change::Kind::kRun, commandLine(command), ""});
  return ProgramOutput{};
}

Result<std::unique_ptr<Host::Lock>> DryRunHost::lock(LockName /*name*/,
                                                     std::chrono::milliseconds /*patience*/) {
  return std::unique_ptr<Lock>(std::make_unique<NoLock>());
}

Result<Ok> DryRunHost::makeHomeDirectory(const Identity& who,
                                         const std::string& relativePath,
                                         mode_t /*mode*/) {
  changes_.push_back({Change::Kind::kHome, who.home + "/" + relativePath + "/", ""});
  return Ok{};
}

Result<Ok> DryRunHost::writeHomeFileIfAbsent(const Identity& who,
                                             const std::string& relativePath,
                                             std::string_view content,
                                             mode_t /*mode*/) {
  const auto path = who.home + "/" + relativePath;
  changes_.push_back({Change::Kind::kHome, path, lineDiff("", content, "/dev/null", path)});
  return Ok{};
}

Result<Ok> DryRunHost::moveInHome(const Identity& who,
                                  const std::string& from,
                                  const std::string& to) {
  changes_.push_back({Change::Kind::kHome, who.home + "/" + from + " to " + to, ""});
  return Ok{};
}

Result<HttpReply> DryRunHost::engine(const Identity& who, const EngineRequest& request) {
  const auto target = who.username + ": " + request.method + " " + request.path;
  changes_.push_back({Change::Kind::kEngine, target, request.body.substr(0, kDiffBytesMax)});
  const auto path = request.path.substr(0, request.path.find('?'));
  if (request.method == "POST" && path.ends_with("/create"))
    return HttpReply{201, R"({"Id":"dry-run"})"};
  return HttpReply{200, "{}"};
}

Result<HttpReply> DryRunHost::engineQuery(const Identity& who, const std::string& path) const {
  auto reply = machine_->engineQuery(who, path);
  if (reply.ok()) return reply;
  return HttpReply{404, R"({"message":"the engine does not run"})"};
}

Result<std::uint32_t> DryRunHost::killProcessesOf(const Identity& who) {
  changes_.push_back({Change::Kind::kKill, "every process of " + who.username, ""});
  killed_.insert(who.uid);
  return 0U;
}

}  // namespace bulkhead::agent
