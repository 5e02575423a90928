// TempDir: a private directory that is gone, with all in it, when the test ends.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace bulkhead::testing {

class TempDir {
 public:
  TempDir() {
    std::string pattern = std::filesystem::temp_directory_path() / "bulkhead-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;  // a directory left behind in /tmp is no reason to fail
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace bulkhead::testing
