#include "api/http/body_stream.h"

#include <utility>

namespace bulkhead::api {

void BodyStream::push(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  bytes_ += bytes;
  if (wake_) wake_();
}

void BodyStream::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  if (wake_) wake_();
}

std::size_t BodyStream::waiting() const {
  const std::lock_guard lock(mutex_);
  return bytes_.size();
}

void BodyStream::onNews(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

BodyStream::Piece BodyStream::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(bytes_, std::string()), ended_};
}

}  // namespace bulkhead::api
