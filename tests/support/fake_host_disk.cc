// FakeHost: file systems, project quotas, moves, and what accounts leave in shared directories.
#include <algorithm>

#include "tests/support/fake_host.h"

namespace bulkhead::testing {
namespace {

bool owns(const agent::Identity& who, uid_t uid) {
  return uid == who.uid || (uid >= who.subUidFirst && uid - who.subUidFirst < who.subUidCount);
}

}  // namespace

Result<agent::FileSystemInfo> FakeHost::fileSystem(const std::string& path) const {
  if (!nodes_.contains(path)) return Error{Code::kNotFound, path + ": does not exist", ""};
  return fileSystem_;
}

Result<Ok> FakeHost::checkProjects() const {
  const auto& options = fileSystem_.options;
  if (std::find(options.begin(), options.end(), "prjquota") != options.end()) return Ok{};
  return Error{Code::kUnsupported, "the file system has no project quotas", ""};
}

void FakeHost::useDisk(std::uint32_t project, std::uint64_t bytes, std::uint64_t inodes) {
  quotas_[project].bytesUsed = bytes;
  quotas_[project].inodesUsed = inodes;
}

Result<std::uint32_t> FakeHost::projectOf(const std::string& path) const {
  TRY(checkParents(path));
  TRY(checkProjects());
  if (!nodes_.contains(path)) return Error{Code::kNotFound, path + ": does not exist", ""};
  const auto found = projects_.find(path);
  return found == projects_.end() ? 0 : found->second;
}

Result<agent::ProjectQuota> FakeHost::projectQuota(const std::string& path,
                                                   std::uint32_t project) const {
  TRY(checkParents(path));
  TRY(checkProjects());
  const auto found = quotas_.find(project);
  return found == quotas_.end() ? agent::ProjectQuota{} : found->second;
}

Result<Ok> FakeHost::setProject(const std::string& path, std::uint32_t project) {
  return mutate<Ok>("setProject " + path, [&]() -> Result<Ok> {
    TRY(projectOf(path));
    projects_[path] = project;
    return Ok{};
  });
}

Result<Ok> FakeHost::setProjectQuota(const std::string& path,
                                     std::uint32_t project,
                                     std::uint64_t bytesMax,
                                     std::uint64_t inodesMax) {
  return mutate<Ok>("setProjectQuota " + std::to_string(project), [&]() -> Result<Ok> {
    TRY(projectQuota(path, project));
    quotas_[project].bytesMax = bytesMax;
    quotas_[project].inodesMax = inodesMax;
    return Ok{};
  });
}

Result<std::vector<std::string>> FakeHost::leftovers(const agent::Identity& who,
                                                     const std::string& directory) const {
  std::vector<std::string> names;
  const auto prefix = directory + "/";
  for (const auto& [path, node] : nodes_)
    if (path.starts_with(prefix) && path.find('/', prefix.size()) == std::string::npos &&
        owns(who, node.info.uid))
      names.push_back(path.substr(prefix.size()));
  return names;
}

Result<Ok> FakeHost::removeLeftovers(const agent::Identity& who, const std::string& directory) {
  return mutate<Ok>("removeLeftovers " + directory, [&]() -> Result<Ok> {
    TRY_ASSIGN(const auto names, leftovers(who, directory));
    for (const auto& name : names) {
      const auto path = directory + "/" + name;
      std::erase_if(nodes_, [&](const auto& entry) {
        return entry.first == path || entry.first.starts_with(path + "/");
      });
    }
    return Ok{};
  });
}

// ---- moves, and programs that others start

void FakeHost::moveNodes(const std::string& from, const std::string& to) {
  std::map<std::string, Node> moved;
  for (auto entry = nodes_.begin(); entry != nodes_.end();) {
    const bool within = entry->first == from || entry->first.starts_with(from + "/");
    if (!within) {
      ++entry;
      continue;
    }
    moved[to + entry->first.substr(from.size())] = std::move(entry->second);
    entry = nodes_.erase(entry);
  }
  nodes_.merge(moved);
}

Result<Ok> FakeHost::move(const std::string& from, const std::string& to, uid_t owner) {
  return mutate<Ok>("move " + from + " " + to, [&]() -> Result<Ok> {
    TRY(checkParents(from));
    TRY(checkParents(to));
    const auto found = nodes_.find(from);
    if (found == nodes_.end()) return Error{Code::kNotFound, from + ": does not exist", ""};
    if (found->second.info.uid != owner)
      return Error{Code::kConflict, from + ": is not what it should be", ""};
    if (nodes_.contains(to)) return Error{Code::kAlreadyExists, to + ": exists already", ""};
    moveNodes(from, to);
    return Ok{};
  });
}

Result<Ok> FakeHost::moveInHome(const agent::Identity& who,
                                const std::string& from,
                                const std::string& to) {
  return mutate<Ok>("home " + who.username + " " + from + " " + to, [&]() -> Result<Ok> {
    TRY(checkHomeParent(who, from));
    TRY(checkHomeParent(who, to));
    const auto target = who.home + "/" + to;
    if (!nodes_.contains(who.home + "/" + from))
      return Error{Code::kNotFound, from + ": does not exist", ""};
    if (nodes_.contains(target)) return Error{Code::kAlreadyExists, to + ": exists already", ""};
    moveNodes(who.home + "/" + from, target);
    return Ok{};
  });
}

// Links are not followed here: no test needs one.
Result<Ok> FakeHost::checkProgram(const std::string& path) const {
  TRY(checkParents(path));
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) return Error{Code::kNotFound, path + ": does not exist", ""};
  const auto& info = found->second.info;
  if (info.type != agent::FileType::kRegular || info.uid != 0 || (info.mode & 0022U) != 0)
    return Error{Code::kPermissionDenied, "program " + path + ": others can write it", ""};
  return Ok{};
}

}  // namespace bulkhead::testing
