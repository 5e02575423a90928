#include "cli/doctor/agent.h"

#include <functional>

#include <capnp/dynamic.h>
#include <capnp/message.h>

#include "cli/agent_call.h"

namespace bulkhead::cli::doctor {
namespace {

constexpr auto kCheckLimit = 200 * kj::SECONDS;                 // account.check may take 180
constexpr auto kRepairLimit = kQueueLimit + 200 * kj::SECONDS;  // service.apply may take 180
constexpr std::uint16_t kPage = 50;
constexpr const char* kActor = "local:root";

std::string textOf(capnp::Text::Reader text) { return {text.begin(), text.end()}; }

// "accountCreate" -> "account.create", "homeMode" -> "home_mode".
std::string spelled(kj::StringPtr name, char separator) {
  std::string text;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') text += separator;
    text += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return text;
}

template <typename Enum>
std::string nameOf(Enum value) {
  const auto all = capnp::Schema::from<Enum>().getEnumerants();
  const auto number = static_cast<unsigned>(value);
  if (number >= all.size()) return "unknown_" + std::to_string(number);  // of a newer agent
  return spelled(all[number].getProto().getName(), '_');
}

Json jsonOf(capnp::DynamicValue::Reader value) {
  switch (value.getType()) {
    case capnp::DynamicValue::BOOL:
      return value.as<bool>();
    case capnp::DynamicValue::INT:
      return value.as<std::int64_t>();
    case capnp::DynamicValue::UINT:
      return value.as<std::uint64_t>();
    case capnp::DynamicValue::TEXT:
      return textOf(value.as<capnp::Text>());
    case capnp::DynamicValue::ENUM: {
      const auto enumerant = value.as<capnp::DynamicEnum>();
      KJ_IF_MAYBE (known, enumerant.getEnumerant()) {
        return std::string(known->getProto().getName().cStr());
      }
      return enumerant.getRaw();
    }
    case capnp::DynamicValue::LIST: {
      Json list = Json::array();
      for (const auto item : value.as<capnp::DynamicList>())
        list.push_back(jsonOf(item));
      return list;
    }
    case capnp::DynamicValue::STRUCT: {
      Json object = Json::object();
      const auto structure = value.as<capnp::DynamicStruct>();
      for (const auto field : structure.getSchema().getNonUnionFields())
        object[field.getProto().getName().cStr()] = jsonOf(structure.get(field));
      return object;
    }
    default:  // the contract's parameters have nothing else
      return nullptr;
  }
}

std::optional<Step> stepOf(rpc::Repair::Reader repair) {
  if (repair.isNone()) return std::nullopt;
  const capnp::DynamicStruct::Reader chosen = repair;
  KJ_IF_MAYBE (field, chosen.which()) {
    auto kept = std::make_shared<capnp::MallocMessageBuilder>();
    kept->setRoot(repair);
    return Step{spelled(field->getProto().getName(), '.'), jsonOf(chosen.get(*field)),
                std::move(kept)};
  }
  return std::nullopt;  // of a newer agent: a person has to look
}

Finding findingOf(rpc::Finding::Reader in) {
  Finding out{nameOf(in.getKind()),     textOf(in.getObject()),  nameOf(in.getCode()),
              nameOf(in.getSeverity()), textOf(in.getDesired()), textOf(in.getFound()),
              textOf(in.getAdvice())};
  out.repair = stepOf(in.getRepair());
  out.revert = stepOf(in.getRevert());
  return out;
}

// Calls one of the checks until it has said everything. `make` makes its request.
template <typename Make>
Result<Ok> readPages(const Make& make, kj::AsyncIoContext& io, Look& look) {
  std::string after;
  do {
    auto request = make();
    request.initContext().setActor(kActor);
    auto params = request.initParams();
    params.setAfter(after);
    params.setLimit(kPage);
    auto response =
        io.provider->getTimer().timeoutAfter(kCheckLimit, request.send()).wait(io.waitScope);
    TRY(refusal(response));
    const auto page = response.getOk();
    for (const auto finding : page.getFindings())
      look.findings.push_back(findingOf(finding));
    look.checked += page.getChecked();
    look.dropped += page.getDropped();
    after = textOf(page.getNext());
  } while (!after.empty());
  return Ok{};
}

class LocalAgent final : public Agent {
 public:
  Result<Look> look() override {
    return withAgent([](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<Look> {
      Look look;
      TRY(readPages([&agent] { return agent.hostCheckRequest(); }, io, look));
      TRY(readPages([&agent] { return agent.accountCheckRequest(); }, io, look));
      TRY(readPages([&agent] { return agent.siteCheckRequest(); }, io, look));
      TRY(readPages([&agent] { return agent.firewallCheckRequest(); }, io, look));
      return look;
    });
  }

  Result<std::vector<AgentAccount>> accounts() override {
    return withAgent(
        [](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<std::vector<AgentAccount>> {
          std::vector<AgentAccount> all;
          for (bool more = true; more;) {
            auto request = agent.accountListRequest();
            request.initContext().setActor(kActor);
            request.initParams().setAfter(all.empty() ? "" : all.back().name);
            auto response =
                io.provider->getTimer().timeoutAfter(kReadLimit, request.send()).wait(io.waitScope);
            TRY(refusal(response));
            for (const auto account : response.getOk().getAccounts())
              all.push_back({textOf(account.getUsername()), nameOf(account.getState())});
            more = response.getOk().getMore() && response.getOk().getAccounts().size() > 0;
          }
          return all;
        });
  }

  // By the names of the contract: each repair is called as the method of the same name.
  Result<Ok> perform(const Step& step) override {
    return withAgent([&step](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<Ok> {
      if (!step.call) return Error{Code::kInternal, "a repair without its call", ""};
      auto& message = *std::static_pointer_cast<capnp::MallocMessageBuilder>(step.call);
      const capnp::DynamicStruct::Reader repair = message.getRoot<rpc::Repair>().asReader();
      const auto field = KJ_ASSERT_NONNULL(repair.which());
      capnp::DynamicCapability::Client any = agent;
      auto request = any.newRequest(field.getProto().getName());
      auto context = request.init("context").as<capnp::DynamicStruct>();
      context.set("actor", kActor);
      context.set("asRecorded", true);  // what was removed since the look does not come back
      request.set("params", repair.get(field));
      auto response =
          io.provider->getTimer().timeoutAfter(kRepairLimit, request.send()).wait(io.waitScope);
      if (!response.has("error", capnp::HasMode::NON_NULL)) return Ok{};
      const auto error = response.get("error").as<capnp::DynamicStruct>().as<rpc::Error>();
      return Error{codeFromName(textOf(error.getCode())), textOf(error.getMessage()),
                   textOf(error.getField())};
    });
  }
};

}  // namespace

Agent& localAgent() {
  static LocalAgent agent;
  return agent;
}

}  // namespace bulkhead::cli::doctor
