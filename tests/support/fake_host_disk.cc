// FakeHost: file systems, project quotas, and what accounts leave in shared directories.
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

}  // namespace bulkhead::testing
