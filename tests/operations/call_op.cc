// call_op NAME [JSON]: performs one privileged operation on the machine it runs on, without gate,
// policy and worker, and prints one line of JSON. For host tests: it shows what an operation itself
// does to a real machine, and can be killed at any system call.
//   call_op account.create '{"username":"alice","limits":{"cpuPercent":50}}'
#include <cstdio>
#include <iostream>
#include <map>
#include <string>

#include <capnp/compat/json.h>
#include <capnp/message.h>
#include <capnp/schema.h>

#include "agent/host/real_host.h"
#include "agent/ops/all_ops.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

capnp::StructSchema innerOf(capnp::StructSchema envelope, const char* field) {
  return envelope.getFieldByName(field).getType().asStruct();
}

int call(const std::string& name, const std::string& parameters) {
  capnp::JsonCodec codec;
  for (const auto& entry : agent::allOps()) {
    const auto method = capnp::Schema::from<rpc::Agent>().getMethodByName(entry.method);
    std::string dotted;
    for (const char c : std::string(entry.method))
      dotted += c >= 'A' && c <= 'Z' ? std::string(".") + static_cast<char>(c - 'A' + 'a')
                                     : std::string(1, c);
    if (dotted != name) continue;
    capnp::MallocMessageBuilder in;
    capnp::MallocMessageBuilder out;
    auto params = in.initRoot<capnp::DynamicStruct>(innerOf(method.getParamType(), "params"));
    auto reply = out.initRoot<capnp::DynamicStruct>(innerOf(method.getResultType(), "ok"));
    codec.decode(kj::StringPtr(parameters.c_str(), parameters.size()), params);
    agent::RealHost host;
    const auto done = entry.perform(params.asReader(), reply, host);
    Json answer = Json::object();
    if (!done.ok()) {
      answer["error"] = std::string(codeName(done.error().code));
      answer["message"] = done.error().message;
      std::cout << printJson(answer) << "\n";
      return 1;
    }
    answer["reply"] = Json::parse(std::string(codec.encode(reply.asReader()).cStr()));
    answer["evidence"] = Json::array();
    for (const auto& fact : done.value())
      answer["evidence"].push_back(fact.check + ": " + fact.detail);
    std::cout << printJson(answer) << "\n";
    return 0;
  }
  std::cerr << "call_op: no operation " << name << "\n";
  return 2;
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return bulkhead::call(argv[1], argc > 2 ? argv[2] : "{}");
}
