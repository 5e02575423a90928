// A stand-in for CageFS: the file system as an end user sees it from inside a cage. Built in the
// child's own mount namespace, so that nothing of it is ever visible outside.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::cli::cloudlinux {

struct CageMount {
  std::string path;  // the same inside and outside
  bool writable = false;
};

// What a cage shows besides the system's programs: the directories of cagefs.mp, resolved for one
// user. A line "*DIR" gives DIR/UID, "%DIR" gives DIR/NAME; private copies ("@") and comments give
// nothing.
std::vector<CageMount> mountsOf(std::string_view cagefsMp, uid_t uid, const std::string& name);

class Cage {
 public:
  // Makes the (empty) mount point. `cagefsMp` is the text of /etc/cagefs/cagefs.mp; with "" the
  // defaults count: /opt, and the per-uid answers of this project.
  static Result<Cage> make(std::string cagefsMp);
  Cage(Cage&& other) noexcept;
  Cage(const Cage&) = delete;
  Cage& operator=(const Cage&) = delete;
  Cage& operator=(Cage&&) = delete;
  ~Cage();  // removes the mount point

  // In a child, as root, before privileges are dropped: changes the child's root directory for
  // good. Every mount is nosuid. On failure answers what could not be done and leaves the child
  // unusable.
  Result<Ok> enter(uid_t uid, gid_t gid, const std::string& name, const std::string& home) const;

 private:
  Cage(std::string root, std::string cagefsMp)
      : root_(std::move(root)), cagefsMp_(std::move(cagefsMp)) {}
  std::string root_;
  std::string cagefsMp_;
};

}  // namespace bulkhead::cli::cloudlinux
