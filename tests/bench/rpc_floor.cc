// bench_rpc_floor SOCKET: answers account.get out of its hand, by the RPC library as its
// documentation shows it. What no server that speaks the contract can be faster than.
#include <csignal>
#include <cstdio>

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "common/rpc/agent.capnp.h"

namespace {

// The library's class has no virtual destructor; kj::Own destroys by the type that made it.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Floor final : public bulkhead::rpc::Agent::Server {
  kj::Promise<void> accountGet(AccountGetContext context) override {
    const auto name = context.getParams().getParams().getUsername();
    auto account = context.getResults().initOk();
    account.setUsername(name);
    account.setUid(20100);
    account.setHome("/home/benchmark");
    account.setSlice("bulkhead-account-20100.slice");
    account.setState(bulkhead::rpc::Account::State::ACTIVE);
    auto limits = account.initLimits();
    limits.setCpuPercent(50);
    limits.setMemoryBytes(1ULL << 29U);
    limits.setTasks(300);
    return kj::READY_NOW;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    auto io = kj::setupAsyncIo();
    auto listener = io.provider->getNetwork()
                        .parseAddress(kj::str("unix:", argv[1]))
                        .wait(io.waitScope)
                        ->listen();
    capnp::TwoPartyServer server(kj::heap<Floor>());
    server.listen(*listener).wait(io.waitScope);
  } catch (const kj::Exception& fault) {
    std::fprintf(stderr, "bench_rpc_floor: %s\n", fault.getDescription().cStr());
  }
  return 1;
}
