// What the clients of the comparisons share: a deadline, the times of single calls, one line of
// JSON at the end.
#pragma once
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace bulkhead::bench {

using Clock = std::chrono::steady_clock;

inline int connectTo(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(static_cast<char*>(address.sun_path), path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error(std::string("cannot connect to ") + path);
  return fd;
}

// Calls that ended between start() and the deadline, and how long each took.
class Tally {
 public:
  explicit Tally(double seconds)
      : start_(Clock::now()),
        end_(start_ +
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {
    micros_.reserve(1U << 20U);
  }
  // False when the time is over; such a call does not count.
  bool add(Clock::time_point begun) {
    const auto now = Clock::now();
    if (now >= end_) return false;
    micros_.push_back(std::chrono::duration<float, std::micro>(now - begun).count());
    return true;
  }
  void print() {
    const double seconds = std::chrono::duration<double>(end_ - start_).count();
    std::sort(micros_.begin(), micros_.end());
    const auto at = [this](double share) {
      return micros_.empty() ? 0.0F
                             : micros_[static_cast<std::size_t>(
                                   share * static_cast<double>(micros_.size() - 1))];
    };
    std::printf("{\"calls\":%zu,\"seconds\":%.3f,\"p50_micros\":%.1f,\"p99_micros\":%.1f}\n",
                micros_.size(), seconds, static_cast<double>(at(0.5)),
                static_cast<double>(at(0.99)));
  }

 private:
  Clock::time_point start_, end_;
  std::vector<float> micros_;
};

}  // namespace bulkhead::bench
