#include "agent/gate/watched_stream.h"

#include <algorithm>
#include <utility>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kReadAheadBytes =
    4096;  // some calls; the limit of a message is the library's to keep

}  // namespace

WatchedStream::WatchedStream(kj::Own<kj::AsyncIoStream> inner, std::function<void()> onAbort)
    : inner_(kj::mv(inner)),
      onAbort_(std::move(onAbort)),
      ahead_(kj::heapArray<kj::byte>(kReadAheadBytes)) {
  auto pair = kj::newPromiseAndFulfiller<void>();
  end_ = kj::mv(pair.fulfiller);
  ended_ = pair.promise.fork();
}

void WatchedStream::endReading() {
  peerEnded_ = true;
  end_->fulfill();
}

std::size_t WatchedStream::serve(kj::byte* buffer, std::size_t maxBytes) {
  const std::size_t bytes = kj::min(maxBytes, unread_.size());
  std::copy_n(unread_.begin(), bytes, buffer);
  unread_ = unread_.slice(bytes, unread_.size());
  return bytes;
}

kj::Promise<std::size_t> WatchedStream::tryRead(void* buffer,
                                                std::size_t minBytes,
                                                std::size_t maxBytes) {
  auto* const out = static_cast<kj::byte*>(buffer);
  const std::size_t had = serve(out, maxBytes);
  if (had >= minBytes) return had;
  // What is larger than the buffer goes past it.
  if (minBytes - had > ahead_.size()) {
    return watch(inner_->tryRead(out + had, minBytes - had, maxBytes - had), minBytes - had)
        .then([had](std::size_t got) { return had + got; });
  }
  return watch(inner_->tryRead(ahead_.begin(), minBytes - had, ahead_.size()), minBytes - had)
      .then([this, out, had, maxBytes](std::size_t got) {
        unread_ = ahead_.slice(0, got);
        return had + serve(out + had, maxBytes - had);
      });
}

// Ends like a peer that hangs up once endReading() was called.
kj::Promise<std::size_t> WatchedStream::watch(kj::Promise<std::size_t> reading,
                                              std::size_t minBytes) {
  return reading.exclusiveJoin(ended_.addBranch().then([] { return std::size_t{0}; }))
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
