// A Cap'n Proto server that implements the agent's whole contract by echoing: each answer's
// evidence is the call as text. Names in the parameters make it misbehave. Usage: echo_agent SOCKET
#include <unistd.h>

#include <string>

#include <capnp/dynamic.h>
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "common/rpc/agent.capnp.h"

namespace {

using capnp::DynamicStruct;

// The library's class has no virtual destructor; kj::Own destroys by the type that made it.
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Echo final : public capnp::DynamicCapability::Server {
 public:
  explicit Echo(kj::Timer& timer)
      : capnp::DynamicCapability::Server(capnp::Schema::from<bulkhead::rpc::Agent>()),
        timer_(timer) {}

  kj::Promise<void> call(capnp::InterfaceSchema::Method method,
                         capnp::CallContext<DynamicStruct, DynamicStruct> context) override {
    const std::string text = kj::str(context.getParams()).cStr();
    const auto named = [&text](const char* name) {
      return text.find(std::string("\"") + name + "\"") != std::string::npos;
    };
    if (named("die")) ::_exit(9);
    if (named("silent")) return kj::NEVER_DONE;
    if (named("throw")) KJ_FAIL_REQUIRE("secret source text", text);
    auto reply = context.getResults();
    if (named("refused")) {
      auto error = reply.init("error").as<DynamicStruct>();
      error.set("code", "already_exists");
      error.set("message", "not ours");
      error.set("field", "username");
      return kj::READY_NOW;
    }
    if (text.find("dryRun = true") != std::string::npos) {
      auto changes = reply.init("preview", 1).as<capnp::DynamicList>();
      auto change = changes[0].as<DynamicStruct>();
      change.set("kind", "run");
      change.set("target", text.c_str());
      return kj::READY_NOW;
    }
    fillOk(method, reply.init("ok").as<DynamicStruct>());
    auto facts = reply.init("evidence", 1).as<capnp::DynamicList>();
    auto fact = facts[0].as<DynamicStruct>();
    fact.set("check", method.getProto().getName());
    fact.set("detail", text.c_str());
    reply.set("auditSeq", 42U);
    reply.set("externalMicros", 7U);
    if (named("slow")) return timer_.afterDelay(300 * kj::MILLISECONDS);
    return kj::READY_NOW;
  }

 private:
  static void fillOk(capnp::InterfaceSchema::Method method, DynamicStruct::Builder ok) {
    const kj::StringPtr name = method.getProto().getName();
    if (name == "accountCreate") {
      ok.set("uid", 20001U);
      ok.set("home", "/home/alice");
      ok.set("state", "active");
    } else if (name == "quotaGet") {
      ok.set("usedBytes", 12345U);
    } else if (name == "engineStatus") {
      ok.set("state", "running");
      ok.set("containers", 2U);
    } else if (name == "siteApply") {
      ok.set("mode", "suspended");
      ok.set("generation", 8U);
    } else if (name == "auditAnchor") {
      ok.set("line", "{\"anchor\":1}");
    } else if (name == "lockdownOn" || name == "lockdownStatus") {
      ok.set("on", true);
      ok.set("since", 1700000000);
    } else if (name == "auditList") {
      ok.init("records", 2).as<capnp::DynamicList>().set(1, "{\"seq\":1}");
      ok.set("more", true);
    }
  }
  kj::Timer& timer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  ::unlink(argv[1]);
  auto io = kj::setupAsyncIo();
  capnp::Capability::Client agent = kj::heap<Echo>(io.provider->getTimer());
  capnp::TwoPartyServer server(kj::mv(agent));
  auto address =
      io.provider->getNetwork().parseAddress(kj::str("unix:", argv[1])).wait(io.waitScope);
  auto listener = address->listen();
  server.listen(*listener).wait(io.waitScope);
  return 0;
}
