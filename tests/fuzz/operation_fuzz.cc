// Fuzz target from a message on the agent's socket to the operation behind it: the decoder's
// limits, every check() and, on a host that only pretends, every run(). The first byte chooses the
// operation; the rest is either the message itself, or what its fields are filled with.
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "agent/gate/operation_table.h"
#include "agent/host/dry_run_host.h"
#include "agent/ops/all_ops.h"
#include "common/rpc/message_limits.h"
#include "tests/fuzz/require.h"
#include "tests/support/hosted_scene.h"

#include <fuzzer/FuzzedDataProvider.h>

namespace {

using namespace bulkhead;
using fuzz::require;

constexpr int kNestingMax = 16;  // at least what the gate allows
constexpr std::size_t kListMax = 4;
constexpr std::size_t kTextMax = 300;  // longer than any name may be

// A host with an account, its engine and a site; nothing here ever changes it.
agent::HostedScene& scene() {
  static auto* const made = [] {
    auto* const out = new agent::HostedScene;  // NOLINT(cppcoreguidelines-owning-memory): for ever
    const auto who = out->create("alpha");
    out->startEngine(who);
    out->addSite(who, "alpha.example.com");
    return out;
  }();
  return *made;
}

const agent::OperationTable& table() {
  static const auto made = agent::OperationTable::build(agent::allOps(), agent::Coverage::kAll);
  require(made.ok(), "the table is complete");
  return *made;
}

std::string textFrom(FuzzedDataProvider& data) {
  switch (data.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return "alpha";
    case 1:
      return "alpha.example.com";
    default:
      return data.ConsumeRandomLengthString(kTextMax);
  }
}

void fill(capnp::DynamicStruct::Builder out, FuzzedDataProvider& data) {
  for (const auto field : out.getSchema().getFields()) {
    const capnp::Type type = field.getType();
    if (type.isText()) {
      const std::string text = textFrom(data);
      out.set(field, capnp::Text::Reader(text.c_str(), text.size()));
    } else if (type.isBool()) {
      out.set(field, data.ConsumeBool());
    } else if (type.isStruct()) {
      fill(out.init(field).as<capnp::DynamicStruct>(), data);
    } else if (type.isList() && type.asList().getElementType().isText()) {
      const auto count = data.ConsumeIntegralInRange<unsigned>(0, kListMax);
      auto list = out.init(field, count).as<capnp::DynamicList>();
      for (unsigned i = 0; i < count; ++i) {
        const std::string text = textFrom(data);
        list.set(i, capnp::Text::Reader(text.c_str(), text.size()));
      }
    } else if (type.isUInt64() || type.isInt64()) {
      out.set(field,
              data.ConsumeIntegral<std::uint32_t>() * (data.ConsumeBool() ? 1ULL : 1ULL << 20U));
    } else if (type.isUInt32() || type.isInt32()) {
      out.set(field, data.ConsumeIntegralInRange<std::uint32_t>(0, 0x7fffffff));
    } else if (type.isUInt16()) {
      out.set(field, data.ConsumeIntegral<std::uint16_t>());
    } else if (type.isEnum()) {
      const auto choices = type.asEnum().getEnumerants();
      out.set(field, capnp::DynamicEnum(
                         choices[data.ConsumeIntegralInRange<unsigned>(0, choices.size() - 1)]));
    }
  }
}

void preview(const agent::Operation& operation, capnp::DynamicStruct::Reader params) {
  agent::DryRunHost host(scene().host);
  const std::size_t before = scene().host.mutations();
  const auto done = operation.entry->preview(params, host);
  require(scene().host.mutations() == before, "a preview changes nothing");
  if (!done.ok()) require(!done.error().message.empty(), "a refusal has words");
  for (const auto& change : host.changes())
    require(change.target.find('\n') == std::string::npos, "a change is one line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  const auto& all = table().all();
  auto chosen = all.begin();
  std::advance(chosen, data.ConsumeIntegralInRange<std::size_t>(0, all.size() - 1));
  const agent::Operation& operation = chosen->second;
  if (data.ConsumeBool()) {
    capnp::MallocMessageBuilder message;
    fill(message.initRoot<capnp::DynamicStruct>(operation.paramsType), data);
    preview(operation, message.getRoot<capnp::DynamicStruct>(operation.paramsType).asReader());
    return 0;
  }
  const auto rest = data.ConsumeRemainingBytes<std::uint8_t>();
  std::vector<capnp::word> words(rest.size() / sizeof(capnp::word));
  if (words.empty()) return 0;
  std::memcpy(words.data(), rest.data(), words.size() * sizeof(capnp::word));
  // A message that is none is an exception of the decoder, and ends its connection.
  kj::runCatchingExceptions([&] {
    capnp::ReaderOptions limits;
    limits.traversalLimitInWords = rpc::kCallWordsMax;
    limits.nestingLimit = kNestingMax;
    capnp::FlatArrayMessageReader reader(
        kj::arrayPtr(static_cast<const capnp::word*>(words.data()), words.size()), limits);
    preview(operation, reader.getRoot<capnp::DynamicStruct>(operation.paramsType));
  });
  return 0;
}
