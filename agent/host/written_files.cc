#include "agent/host/written_files.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent::cloudlinux {
namespace {

std::string hashOf(const std::string& content) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  (void)crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(content.data()),
                           content.size());  // ignoring: it has no way to fail
  std::string text;
  for (const auto byte : hash) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

bool holds(const std::vector<std::string>& hashes, const std::string& content) {
  return std::find(hashes.begin(), hashes.end(), hashOf(content)) != hashes.end();
}

}  // namespace

Result<WrittenFiles> WrittenFiles::load(const Host& host, const std::string& list) {
  WrittenFiles files(list);
  const auto content = host.readFile(list);
  if (!content.ok() && content.error().code == Code::kNotFound) return files;
  if (!content.ok()) return content.error();
  const auto json = parseJson(*content);
  const Error broken{Code::kInternal, list + ": is not a list of files", ""};
  if (!json.ok() || !json->is_object()) return broken;
  for (const auto& [path, hashes] : json->items()) {
    if (!path.starts_with('/') || !hashes.is_array()) return broken;
    auto& known = files.hashes_[path];
    for (const auto& hash : hashes) {
      if (!hash.is_string()) return broken;
      known.push_back(hash.get<std::string>());
    }
  }
  return files;
}

Result<FileState> WrittenFiles::stateOf(const Host& host,
                                        const std::string& path,
                                        const std::string& wanted) const {
  const auto content = host.readFile(path);
  if (!content.ok() && content.error().code == Code::kNotFound) return FileState::kAbsent;
  if (!content.ok()) return content.error();
  if (*content == wanted) return FileState::kCurrent;
  const auto known = hashes_.find(path);
  const bool ours = known != hashes_.end() && holds(known->second, *content);
  return ours ? FileState::kOutdated : FileState::kEdited;
}

Result<bool> WrittenFiles::isEdited(const Host& host, const std::string& path) const {
  TRY_ASSIGN(const auto state, stateOf(host, path, ""));
  return state == FileState::kEdited;
}

Result<Ok> WrittenFiles::remember(Host& host, const std::string& path, const std::string& content) {
  auto& hashes = hashes_[path];
  if (holds(hashes, content)) return Ok{};
  hashes.push_back(hashOf(content));
  if (hashes.size() > 2) hashes.erase(hashes.begin());
  return save(host);
}

Result<Ok> WrittenFiles::forget(Host& host, const std::string& path) {
  hashes_.erase(path);
  return save(host);
}

std::vector<std::string> WrittenFiles::paths() const {
  std::vector<std::string> all;
  for (const auto& [path, unused] : hashes_)
    if (!path.ends_with('/')) all.push_back(path);
  return all;
}

Result<Ok> WrittenFiles::rememberFolder(Host& host, const std::string& path) {
  hashes_[path + "/"].clear();
  return save(host);
}

Result<Ok> WrittenFiles::forgetFolder(Host& host, const std::string& path) {
  return forget(host, path + "/");
}

std::vector<std::string> WrittenFiles::folders() const {
  std::vector<std::string> all;
  for (const auto& [path, unused] : hashes_)
    if (path.ends_with('/')) all.push_back(path.substr(0, path.size() - 1));
  std::reverse(all.begin(), all.end());
  return all;
}

Result<Ok> WrittenFiles::save(Host& host) const {
  Json object = Json::object();
  for (const auto& [path, hashes] : hashes_) {
    object[path] = Json::array();
    for (const auto& hash : hashes)
      object[path].push_back(hash);
  }
  return host.writeFile(list_, printJson(object) + "\n", {0600, 0, 0});
}

}  // namespace bulkhead::agent::cloudlinux
