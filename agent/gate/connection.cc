#include "agent/gate/connection.h"

#include "common/rpc/message_limits.h"

namespace bulkhead::agent {
namespace {

// Lets the answer to a refused call leave first; a peer that does not read is cut off anyway.
constexpr kj::Duration kFarewell = 20 * kj::MILLISECONDS;
constexpr kj::Duration kFarewellMax = 2 * kj::SECONDS;

capnp::ReaderOptions readerLimits() {
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = rpc::kCallWordsMax;
  limits.nestingLimit = kNestingMax;
  return limits;
}

// Without the text of a library exception, which quotes source code.
kj::Exception refusal() { return {kj::Exception::Type::FAILED, "", 0, kj::heapString("refused")}; }

}  // namespace

// The library's interfaces have no virtual destructor; nobody deletes through them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Connection::Gate final : public capnp::Capability::Server {
 public:
  explicit Gate(Connection& connection) : connection_(connection) {}
  DispatchCallResult dispatchCall(
      std::uint64_t interfaceId,
      std::uint16_t ordinal,
      capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) override {
    return {kj::evalNow([&] { return connection_.call(interfaceId, ordinal, context); }), false};
  }

 private:
  Connection& connection_;
};
#pragma GCC diagnostic pop

Connection::Connection(kj::Own<kj::AsyncIoStream> stream,
                       const Caller& caller,
                       Dispatcher& dispatcher,
                       kj::Timer& timer)
    : caller_(caller),
      dispatcher_(dispatcher),
      timer_(timer),
      stream_(kj::mv(stream),
              [this] {
                dispatcher_.recordTrespass(caller_, "message",
                                           "a message is malformed or too large");
              }),
      network_(stream_, capnp::rpc::twoparty::Side::SERVER, readerLimits()),
      rpc_(capnp::makeRpcServer(network_, capnp::Capability::Client(kj::heap<Gate>(*this)))) {
  rpc_.setFlowLimit(kFlowWordsMax);
  auto pair = kj::newPromiseAndFulfiller<void>();
  cut_ = kj::mv(pair.fulfiller);
  whenCut_ = pair.promise.fork();
}

kj::Promise<void> Connection::done() {
  return network_.onDisconnect().exclusiveJoin(whenCut_.addBranch());
}

kj::Promise<void> Connection::call(
    std::uint64_t interfaceId,
    std::uint16_t ordinal,
    capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) {
  if (closing_) return refusal();
  const Operation* operation = dispatcher_.table().find(interfaceId, ordinal);
  if (operation == nullptr) return refuse("there is no such method");

  kj::Own<Call> call;
  // Copying follows every pointer, also those that no field of ours uses.
  const auto fault = kj::runCatchingExceptions(
      [&] { call = kj::heap<Call>(caller_, *operation, context.getParams()); });
  if (fault != nullptr) return refuse("a message is nested too deeply or malformed");
  context.releaseParams();
  return dispatcher_.handle(kj::mv(call)).then([this, context](Answer answer) mutable {
    context.getResults(capnp::MessageSize{answer.message->sizeInWords() + 8, 0})
        .set(answer.message->getRoot<capnp::AnyPointer>().asReader());
    if (answer.then == Answer::Then::kClose) close();
  });
}

kj::Promise<void> Connection::refuse(const char* reason) {
  dispatcher_.recordTrespass(caller_, "call", reason);
  close();
  return refusal();
}

void Connection::close() {
  if (closing_) return;
  closing_ = true;
  closer_ = timer_.afterDelay(kFarewell)
                .then([this] {
                  stream_.endReading();
                  return timer_.afterDelay(kFarewellMax);
                })
                .then([this] { cut_->fulfill(); })
                .eagerlyEvaluate(nullptr);
}

}  // namespace bulkhead::agent
