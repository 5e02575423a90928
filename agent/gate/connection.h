// Connection: one accepted peer: the limits of what it may send, and the capability that it gets,
// which sees every call before anything else does.
#pragma once
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "agent/gate/dispatcher.h"
#include "agent/gate/watched_stream.h"

namespace bulkhead::agent {

inline constexpr int kNestingMax = 16;              // the deepest honest message has eight levels
inline constexpr std::size_t kFlowWordsMax = 8192;  // of calls in flight on one connection: 64 KiB

class Connection {
 public:
  Connection(kj::Own<kj::AsyncIoStream> stream,
             const Caller& caller,
             Dispatcher& dispatcher,
             kj::Timer& timer);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Resolves when either side has ended it.
  kj::Promise<void> done();

 private:
  class Gate;
  kj::Promise<void> call(std::uint64_t interfaceId,
                         std::uint16_t ordinal,
                         capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context);
  kj::Promise<void> refuse(const char* reason);
  void close();  // after what is queued has been written

  Caller caller_;
  Dispatcher& dispatcher_;
  kj::Timer& timer_;
  WatchedStream stream_;
  bool closing_ = false;
  kj::Own<kj::PromiseFulfiller<void>> cut_;
  kj::ForkedPromise<void> whenCut_ = nullptr;
  kj::Promise<void> closer_ = nullptr;
  capnp::TwoPartyVatNetwork network_;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> rpc_;
};

}  // namespace bulkhead::agent
