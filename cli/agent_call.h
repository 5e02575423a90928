// How a command calls the agent over root's own socket: connects, waits no longer than it may, and
// turns what the transport throws into our own words.
#pragma once
#include <string>
#include <utility>

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "cli/agent_admin.h"
#include "common/rpc/agent.capnp.h"

namespace bulkhead::cli {

constexpr auto kReadLimit = 90 * kj::SECONDS;
// A change waits in the agent, for at most so long, until the ones that run are done.
constexpr auto kQueueLimit = 660 * kj::SECONDS;

template <typename Reply>
Result<Ok> refusal(const Reply& reply) {
  if (!reply.isError()) return Ok{};
  const auto error = reply.getError();
  const auto text = [](capnp::Text::Reader reader) {
    return std::string(reader.begin(), reader.end());
  };
  return Error{codeFromName(text(error.getCode())), text(error.getMessage()),
               text(error.getField())};
}

// Exceptions of the transport carry source text; people get our own words.
template <typename Call>
auto withAgent(Call call)
    -> decltype(call(std::declval<rpc::Agent::Client>(), std::declval<kj::AsyncIoContext&>())) {
  try {
    auto io = kj::setupAsyncIo();
    auto address = io.provider->getNetwork()
                       .parseAddress(std::string("unix:").append(kAgentAdminSocket))
                       .wait(io.waitScope);
    auto stream = address->connect().wait(io.waitScope);
    capnp::TwoPartyClient client(*stream);
    return call(client.bootstrap().castAs<rpc::Agent>(), io);
  } catch (const kj::Exception&) {
    return Error{
        Code::kUnavailable,
        "the agent does not answer on its administrators' socket (systemctl status bulkhead-agent)",
        ""};
  }
}

}  // namespace bulkhead::cli
