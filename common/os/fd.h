// Fd: owns a file descriptor. Every descriptor in this project is born O_CLOEXEC and lives in one
// of these.
#pragma once
#include <unistd.h>

#include <utility>

namespace bulkhead {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  explicit operator bool() const { return valid(); }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) (void)::close(fd_);  // ignoring: nothing can be done about a failed close
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace bulkhead
