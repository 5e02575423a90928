// BodyStream: a body that comes in pieces. Whoever makes it pushes from any thread and never waits;
// the socket's thread takes. The connection owns it: whoever makes it keeps a weak pointer, and
// sees by that when the reader has left.
#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace bulkhead::api {

class BodyStream {
 public:
  BodyStream() = default;
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;
  virtual ~BodyStream() = default;

  // After end() nothing is taken any more.
  void push(std::string_view bytes);
  void end();
  // What was pushed and not taken: whoever makes it stops at some size.
  std::size_t waiting() const;

  // For the socket's thread: called from then on, by whoever pushes, when there is something new.
  void onNews(std::function<void()> wake);
  struct Piece {
    std::string bytes;
    bool last = false;  // nothing comes after it
  };
  Piece take();

 private:
  mutable std::mutex mutex_;
  std::string bytes_;
  bool ended_ = false;
  std::function<void()> wake_;
};

}  // namespace bulkhead::api
