// bench_agent_call SOCKET SECONDS ACCOUNT: asks the agent for one account again and again, one call
// after the other on one connection. An answer that is not that account ends it with an error.
#include <cstdlib>
#include <exception>

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "common/rpc/agent.capnp.h"
#include "tests/bench/measure.h"

namespace bulkhead::bench {
namespace {

void run(const char* socket, double seconds, const char* account) {
  auto io = kj::setupAsyncIo();
  auto stream = io.provider->getNetwork()
                    .parseAddress(kj::str("unix:", socket))
                    .wait(io.waitScope)
                    ->connect()
                    .wait(io.waitScope);
  capnp::TwoPartyClient client(*stream);
  auto agent = client.bootstrap().castAs<rpc::Agent>();
  Tally tally(seconds);
  for (;;) {
    const auto begun = Clock::now();
    auto request = agent.accountGetRequest();
    request.initParams().setUsername(account);
    auto context = request.initContext();
    context.setRequestId("01JD00000000000000000BENCH");
    context.setActor("admin:main");
    const auto reply = request.send().wait(io.waitScope);
    if (!reply.isOk() || reply.getOk().getUsername() != account)
      throw std::runtime_error("not the answer that is wanted");
    if (!tally.add(begun)) return tally.print();
  }
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    bulkhead::bench::run(argv[1], std::strtod(argv[2], nullptr), argv[3]);
    return 0;
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "bench_agent_call: %s\n", fault.what());
  } catch (const kj::Exception& fault) {
    std::fprintf(stderr, "bench_agent_call: %s\n", fault.getDescription().cStr());
  }
  return 1;
}
