// How long a call may take in all.
#pragma once
#include <ctime>

namespace bulkhead::cpapi {

class Deadline {
 public:
  explicit Deadline(long milliseconds) : end_(now() + milliseconds) {}
  long left() const {
    const long rest = end_ - now();
    return rest > 0 ? rest : 0;
  }
  bool over() const { return left() == 0; }

 private:
  static long now() {
    timespec time{};
    (void)::clock_gettime(CLOCK_MONOTONIC, &time);  // ignoring: this clock always answers
    return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
  }
  long end_;
};

}  // namespace bulkhead::cpapi
