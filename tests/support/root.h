// For tests that act on the machine itself: they need root, and say so loudly instead of passing
// without it.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

namespace bulkhead::testing {

// Throws unless the test runs as root; a skipped security test would look like a passed one.
void requireRoot();

// A directory of root's that no other user can write, with everything in it removed at the end. Not
// below /tmp: programs there are not trusted by the code under test.
class RootDirectory {
 public:
  RootDirectory();
  RootDirectory(const RootDirectory&) = delete;
  RootDirectory& operator=(const RootDirectory&) = delete;
  ~RootDirectory();
  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

std::string slurp(const std::string& path);  // "" when absent
void spill(const std::string& path, std::string_view content, mode_t mode = 0644);

// Runs the function in a child as that user without any privilege, until it returns; answers the
// child's exit code (the function's value).
int runAs(uid_t uid, const std::function<int()>& work);
// The same, but answers at once with the child's pid; the child is to be killed with endChild().
pid_t startAs(uid_t uid, const std::function<void()>& work);
void endChild(pid_t pid);

}  // namespace bulkhead::testing
