// WatchedStream: the bytes of one connection, seen from outside the RPC library: it tells when the
// library gives up on what the peer sent, and lets the core end the connection after its last
// answer. It reads ahead, because the library asks for each part of a message by itself.
#pragma once
#include <functional>

#include <kj/async-io.h>

namespace bulkhead::agent {

// The library's interfaces have no virtual destructor; nobody deletes through them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class WatchedStream final : public kj::AsyncIoStream {
 public:
  // `onAbort` is called once when the library ends the connection although the peer did not.
  WatchedStream(kj::Own<kj::AsyncIoStream> inner, std::function<void()> onAbort);

  // From now on the peer seems to have hung up; what is queued is still written.
  void endReading();

  kj::Promise<std::size_t> tryRead(void* buffer,
                                   std::size_t minBytes,
                                   std::size_t maxBytes) override;
  kj::Promise<void> write(const void* buffer, std::size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> whenWriteDisconnected() override;
  void shutdownWrite() override;
  void abortRead() override;

 private:
  kj::Promise<std::size_t> watch(kj::Promise<std::size_t> reading, std::size_t minBytes);
  std::size_t serve(kj::byte* buffer, std::size_t maxBytes);

  kj::Own<kj::AsyncIoStream> inner_;
  std::function<void()> onAbort_;
  bool peerEnded_ = false;
  kj::Array<kj::byte> ahead_;
  kj::ArrayPtr<kj::byte> unread_;  // the part of ahead_ that nobody has got yet
  kj::Own<kj::PromiseFulfiller<void>> end_;
  kj::ForkedPromise<void> ended_ = nullptr;
};
#pragma GCC diagnostic pop

}  // namespace bulkhead::agent
