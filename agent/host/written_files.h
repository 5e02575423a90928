// WrittenFiles: which files outside of the panel's own directories were written, and with what: by
// path and hash, in a root-owned list. So an upgrade may replace them, a removal may remove them,
// and what a person has made of them since is seen.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "agent/host/cloudlinux.h"
#include "agent/host/host.h"

namespace bulkhead::agent::cloudlinux {

class WrittenFiles {
 public:
  // An absent list is empty; kInternal for one that is not understood.
  static Result<WrittenFiles> load(const Host& host, const std::string& list);

  // kOutdated: ours as it was written, but not `wanted` any more. kEdited: neither.
  Result<FileState> stateOf(const Host& host,
                            const std::string& path,
                            const std::string& wanted) const;
  Result<bool> isEdited(const Host& host, const std::string& path) const;  // false when absent
  Result<Ok> remember(Host& host, const std::string& path, const std::string& content);
  Result<Ok> forget(Host& host, const std::string& path);
  std::vector<std::string> paths() const;
  // Directories that had to be made for the files; what is below comes first.
  Result<Ok> rememberFolder(Host& host, const std::string& path);
  Result<Ok> forgetFolder(Host& host, const std::string& path);
  std::vector<std::string> folders() const;

 private:
  explicit WrittenFiles(std::string list) : list_(std::move(list)) {}
  Result<Ok> save(Host& host) const;

  std::string list_;
  // More than one: until a write is done, what was there before is ours as well.
  // A directory ends with a slash and has none.
  std::map<std::string, std::vector<std::string>> hashes_;
};

}  // namespace bulkhead::agent::cloudlinux
