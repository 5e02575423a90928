#include "agent/gate/watched_stream.h"

#include <utility>

namespace bulkhead::agent {

WatchedStream::WatchedStream(kj::Own<kj::AsyncIoStream> inner, std::function<void()> onAbort)
    : inner_(kj::mv(inner)), onAbort_(std::move(onAbort)) {
  auto pair = kj::newPromiseAndFulfiller<void>();
  end_ = kj::mv(pair.fulfiller);
  ended_ = pair.promise.fork();
}

void WatchedStream::endReading() {
  peerEnded_ = true;
  end_->fulfill();
}

kj::Promise<std::size_t> WatchedStream::tryRead(void* buffer,
                                                std::size_t minBytes,
                                                std::size_t maxBytes) {
  return inner_->tryRead(buffer, minBytes, maxBytes)
      .exclusiveJoin(ended_.addBranch().then([] { return std::size_t{0}; }))
      .then(
          [this, minBytes](std::size_t got) {
            if (got < minBytes) peerEnded_ = true;
            return got;
          },
          [this](kj::Exception&& exception) -> std::size_t {
            peerEnded_ = true;
            kj::throwFatalException(kj::mv(exception));
          });
}

kj::Promise<void> WatchedStream::write(const void* buffer, std::size_t size) {
  return inner_->write(buffer, size);
}

kj::Promise<void> WatchedStream::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  return inner_->write(pieces);
}

kj::Promise<void> WatchedStream::whenWriteDisconnected() { return inner_->whenWriteDisconnected(); }

void WatchedStream::shutdownWrite() {
  if (!peerEnded_ && onAbort_) std::exchange(onAbort_, nullptr)();
  inner_->shutdownWrite();
}

void WatchedStream::abortRead() { inner_->abortRead(); }

}  // namespace bulkhead::agent
