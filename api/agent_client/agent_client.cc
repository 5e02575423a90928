#include "api/agent_client/agent_client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <thread>

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/thread.h>

#include "api/agent_client/wire.h"
#include "common/os/fd.h"

namespace bulkhead::api {
namespace {

// The largest answer is a page of 200 audit records.
constexpr std::uint64_t kMessageWordsMax = (8U << 20U) / sizeof(capnp::word);
constexpr int kNestingMax = 32;

Error unavailable(const char* what) { return {Code::kUnavailable, what, ""}; }

Result<Fd> connectTo(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    return Error{Code::kInternal, "the agent's socket path is too long", ""};
  std::memcpy(address.sun_path, path.data(), path.size());
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return unavailable("the agent cannot be reached: no socket");
  // Non-blocking: a full backlog answers EAGAIN at once instead of holding every caller.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the system's interface
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return unavailable(errno == EAGAIN ? "the agent is overloaded" : "the agent is not running");
  return socket;
}

// One connection; dies as a whole.
struct Connection {
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> rpcSystem;
  rpc::Agent::Client agent;

  static capnp::ReaderOptions limits() {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = kMessageWordsMax;
    options.nestingLimit = kNestingMax;
    return options;
  }
  static capnp::Capability::Client bootstrap(
      capnp::RpcSystem<capnp::rpc::twoparty::VatId>& system) {
    capnp::word scratch[4] = {};
    capnp::MallocMessageBuilder message(scratch);
    auto server = message.initRoot<capnp::rpc::twoparty::VatId>();
    server.setSide(capnp::rpc::twoparty::Side::SERVER);
    return system.bootstrap(server);
  }
  explicit Connection(kj::Own<kj::AsyncIoStream> connected)
      : stream(kj::mv(connected)),
        network(*stream, capnp::rpc::twoparty::Side::CLIENT, limits()),
        rpcSystem(capnp::makeRpcClient(network)),
        agent(bootstrap(rpcSystem).castAs<rpc::Agent>()) {}
};

// Everything that lives on the RPC thread.
class Loop {
 public:
  Loop(kj::AsyncIoContext& io,
       const AgentClient::Options& options,
       kj::ForkedPromise<void>& stopping)
      : io_(io), options_(options), stopping_(stopping) {}

  kj::Promise<Result<AgentReply>> call(const CallContext& context, const AgentRequest& request) {
    if (stopped_) return stoppedError<AgentReply>();
    auto connected = connect();
    if (!connected.ok()) return Result<AgentReply>(connected.error());
    const auto limit =
        context.patience.value_or(wire::timeLimit(operationName(request)) + options_.queueing);
    return bounded<AgentReply>(wire::send(connection_->agent, context, request), limit);
  }

  kj::Promise<Result<Ok>> reachable() {
    if (stopped_) return stoppedError<Ok>();
    auto connected = connect();
    if (!connected.ok()) return Result<Ok>(connected.error());
    auto resolved = connection_->agent.whenResolved().then([]() -> Result<Ok> { return Ok{}; });
    return bounded<Ok>(kj::mv(resolved), options_.connectPatience);
  }

  void stop() { stopped_ = true; }

 private:
  template <typename T>
  static kj::Promise<Result<T>> stoppedError() {
    return Result<T>(Error{Code::kCancelled, "the panel is stopping", ""});
  }

  Result<Ok> connect() {
    if (connection_.get() != nullptr && !lost_) return Ok{};
    watch_ = nullptr;
    connection_ = nullptr;
    TRY_ASSIGN(Fd socket, connectTo(options_.socketPath));
    using Flags = kj::LowLevelAsyncIoProvider;
    connection_ = kj::heap<Connection>(io_.lowLevelProvider->wrapSocketFd(
        socket.release(),
        Flags::TAKE_OWNERSHIP | Flags::ALREADY_CLOEXEC | Flags::ALREADY_NONBLOCK));
    lost_ = false;
    // Only marks: tearing the connection down inside its own callback would free what is running.
    watch_ = connection_->network.onDisconnect()
                 .then([this] { lost_ = true; }, [this](kj::Exception&&) { lost_ = true; })
                 .eagerlyEvaluate(nullptr);
    return Ok{};
  }

  // The first of: the answer, the end of patience, the end of this process. What the library throws
  // carries source text and stays here.
  template <typename T>
  kj::Promise<Result<T>> bounded(kj::Promise<Result<T>> answer, std::chrono::milliseconds limit) {
    auto late = io_.provider->getTimer()
                    .afterDelay(limit.count() * kj::MILLISECONDS)
                    .then([]() -> Result<T> {
                      return Error{Code::kTimeout, "the agent did not answer in time", ""};
                    });
    auto stopping = stopping_.addBranch().then([]() -> Result<T> {
      return Error{Code::kCancelled, "the panel is stopping", ""};
    });
    return answer
        .then([](Result<T>&& result) -> Result<T> { return kj::mv(result); },
              [this](kj::Exception&& fault) -> Result<T> {
                if (fault.getType() == kj::Exception::Type::DISCONNECTED) {
                  lost_ = true;
                  return unavailable("the agent went away before it answered");
                }
                if (fault.getType() == kj::Exception::Type::OVERLOADED)
                  return unavailable("the agent is overloaded");
                return Error{Code::kInternal, "the agent could not handle the call", ""};
              })
        .exclusiveJoin(kj::mv(late))
        .exclusiveJoin(kj::mv(stopping));
  }

  kj::AsyncIoContext& io_;
  const AgentClient::Options& options_;
  kj::ForkedPromise<void>& stopping_;
  kj::Own<Connection> connection_;
  kj::Promise<void> watch_ = nullptr;
  bool lost_ = false;
  bool stopped_ = false;
};

}  // namespace

struct AgentClient::Impl {
  Options options;
  std::thread thread;
  kj::Own<const kj::Executor> executor;
  Loop* loop = nullptr;                                      // touched on the RPC thread only
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stopCalls;  // ends waiting calls
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> endThread;

  void run(std::promise<void>& ready) {
    auto io = kj::setupAsyncIo();
    auto stop = kj::newPromiseAndCrossThreadFulfiller<void>();
    auto end = kj::newPromiseAndCrossThreadFulfiller<void>();
    auto stopping = stop.promise.fork();
    Loop own(io, options, stopping);
    loop = &own;
    auto marking = stopping.addBranch().then([&own] { own.stop(); }).eagerlyEvaluate(nullptr);
    stopCalls = kj::mv(stop.fulfiller);
    endThread = kj::mv(end.fulfiller);
    executor = kj::getCurrentThreadExecutor().addRef();
    ready.set_value();
    end.promise.wait(io.waitScope);
  }
};

AgentClient::AgentClient(Options options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  // Shared: the waiter may be gone before set_value() has returned.
  auto ready = std::make_shared<std::promise<void>>();
  auto running = ready->get_future();
  impl_->thread = std::thread([this, ready] { impl_->run(*ready); });
  running.wait();
}

AgentClient::~AgentClient() {
  impl_->endThread->fulfill();
  impl_->thread.join();
}

Result<AgentReply> AgentClient::call(const CallContext& context, const AgentRequest& request) {
  try {
    return impl_->executor->executeSync([&] { return impl_->loop->call(context, request); });
  } catch (const kj::Exception&) {
    return Error{Code::kInternal, "the agent's client failed", ""};
  }
}

Result<Ok> AgentClient::reachable() {
  try {
    return impl_->executor->executeSync([&] { return impl_->loop->reachable(); });
  } catch (const kj::Exception&) {
    return Error{Code::kInternal, "the agent's client failed", ""};
  }
}

void AgentClient::stop() { impl_->stopCalls->fulfill(); }

}  // namespace bulkhead::api
