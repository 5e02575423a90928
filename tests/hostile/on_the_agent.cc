#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <map>
#include <random>

#include <capnp/dynamic.h>
#include <capnp/rpc-twoparty.h>
#include <capnp/schema.h>
#include <kj/async-io.h>

#include "common/rpc/agent.capnp.h"
#include "tests/hostile/attempt.h"

namespace bulkhead::hostile {
namespace {

constexpr const char* kSocket = "/run/bulkhead/agent.sock";
// Where an account is named: one that there is not, so that what is allowed harms nobody, and all
// that means more than a name to somebody.
constexpr const char* kNames[] = {
    "root",       "bulkhead-api", "../../etc/passwd", "-rf",      "hostage\n", "hostage root",
    "hostage;id", "$(id)",        "hostage\r",        "%s%s%s%n", "",          "nobody"};
constexpr int kDeletions = 100;
constexpr int kNonsenseRounds = 300;

std::string text(capnp::Text::Reader reader) { return {reader.begin(), reader.end()}; }

struct Line {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::Own<kj::AsyncIoStream> stream = io.provider->getNetwork()
                                          .parseAddress(std::string("unix:") + kSocket)
                                          .wait(io.waitScope)
                                          ->connect()
                                          .wait(io.waitScope);
  capnp::TwoPartyClient client{*stream};
  capnp::DynamicCapability::Client agent{client.bootstrap().castAs<rpc::Agent>()};
};

// Every text is `name`, every number and bit all ones, every list has one of them.
void fill(capnp::DynamicStruct::Builder out, const char* name) {
  for (const auto field : out.getSchema().getNonUnionFields()) {
    const auto type = field.getType();
    switch (type.which()) {
      case capnp::schema::Type::TEXT:
        out.set(field, name);
        break;
      case capnp::schema::Type::STRUCT:
        fill(out.init(field).as<capnp::DynamicStruct>(), name);
        break;
      case capnp::schema::Type::LIST:
        if (type.asList().getElementType().isText())
          out.init(field, 1).as<capnp::DynamicList>().set(0, name);
        break;
      case capnp::schema::Type::UINT16:
        out.set(field, std::uint16_t{0xffff});
        break;
      case capnp::schema::Type::UINT32:
        out.set(field, std::uint32_t{0xffffffff});
        break;
      case capnp::schema::Type::UINT64:
        out.set(field, std::uint64_t{0x7fffffffffffffff});
        break;
      default:
        break;
    }
  }
}

// "" when the agent did it, or the code of its refusal.
std::string call(const char* method,
                 const std::function<void(capnp::DynamicStruct::Builder)>& with) {
  try {
    Line line;
    auto request = line.agent.newRequest(method);
    auto context = request.init("context").as<capnp::DynamicStruct>();
    context.set("actor", "local:root");
    context.set("requestId", "\x1b[2J");
    with(request.init("params").as<capnp::DynamicStruct>());
    auto response = request.send().wait(line.io.waitScope);
    if (!response.has("error", capnp::HasMode::NON_NULL)) return "";
    return text(response.get("error").as<capnp::DynamicStruct>().as<rpc::Error>().getCode());
  } catch (const kj::Exception&) {
    return "hung up";
  }
}

Answer hostileCalls(const char* method) {
  std::map<std::string, int> said;
  for (const char* name : kNames)
    ++said[call(method, [name](capnp::DynamicStruct::Builder params) { fill(params, name); })];
  std::string words;
  for (const auto& [code, times] : said)
    words += (words.empty() ? "" : ", ") + (code.empty() ? "answered" : code) + " " +
             std::to_string(times) + " times";
  return {said.count("") != 0, words};
}

Answer deletions() {
  std::map<std::string, int> said;
  for (int i = 0; i < kDeletions; ++i)
    ++said[call("accountDelete", [i](capnp::DynamicStruct::Builder params) {
      params.set("username", ("absent" + std::to_string(i)).c_str());
    })];
  const std::string words = std::to_string(kDeletions - said["busy"]) + " of " +
                            std::to_string(kDeletions) + " were looked at, then \"busy\"";
  return {said["busy"] == 0, words};
}

int connected() {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::string(kSocket).copy(to.sun_path, sizeof to.sun_path - 1);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return -1;
  return socket;
}

// Frames of many segments, segments of many gigabytes, pointers to nowhere, plain noise.
Answer nonsense() {
  std::mt19937 chance(20260101);
  for (int i = 0; i < kNonsenseRounds; ++i) {
    const int socket = connected();
    if (socket < 0)
      return refused("errno " + std::to_string(errno) + " after " + std::to_string(i) + " rounds");
    std::string bytes(1 + chance() % 4096, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(chance());
    if (i % 3 == 0) bytes.replace(0, std::min<std::size_t>(4, bytes.size()), 4, '\0');
    if (i % 5 == 0) bytes.assign(64, '\xff');
    (void)!::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);  // it may have hung up
    (void)::close(socket);
  }
  // Its places are taken until the agent has seen that nobody sits there any more.
  std::string after = "hung up";
  for (int i = 0; i < 100 && after == "hung up"; ++i) {
    ::usleep(50'000);
    after = call("hostInspect", [](capnp::DynamicStruct::Builder) {});
  }
  if (!after.empty()) return did("afterwards the agent says " + after);
  return refused(std::to_string(kNonsenseRounds) + " messages; the agent answers as before");
}

// Places of a socket that nobody uses.
Answer hoarding() {
  int held = 0;
  while (held < 1000 && connected() >= 0)
    ++held;
  return refused(std::to_string(held) + " connections held; root has another socket");
}

}  // namespace

std::vector<Attempt> attemptsOnTheAgent() {
  std::vector<Attempt> all;
  const std::string last = "lockdownOn";  // which it may turn on, and not off
  for (const auto method : capnp::Schema::from<rpc::Agent>().getMethods()) {
    const std::string name = method.getProto().getName().cStr();
    if (name == last) continue;
    // What takes no account is answered to whoever may ask: reads.
    const bool reads = name == "hostInspect" || name == "accountList" || name == "auditList" ||
                       name == "auditAnchor" || name == "hookList" || name == "phpList" ||
                       name == "cloudlinuxStatus" || name == "firewallList" ||
                       name == "lockdownStatus" ||
                       // Where there is no lvectl, there is nothing to be done.
                       name == "lvectlApply" || name == "lvectlForget";
    all.push_back({"agent: " + name + " with hostile values",
                   [name] { return hostileCalls(name.c_str()); }, reads});
  }
  all.push_back({"agent: nonsense", nonsense});
  all.push_back({"agent: a hundred deletions", deletions});
  all.push_back({"agent: all connections for itself", hoarding});
  all.push_back({"agent: lock the panel down",
                 [] {
                   const auto said = call("lockdownOn", [](capnp::DynamicStruct::Builder) {});
                   return said.empty() ? did("it may; only root ends it") : refused(said);
                 },
                 /*may=*/true});
  all.push_back({"agent: end the lockdown again", [] {
                   const auto said = call("lockdownOff", [](capnp::DynamicStruct::Builder) {});
                   return said.empty() ? did("it worked") : refused(said);
                 }});
  return all;
}

}  // namespace bulkhead::hostile
