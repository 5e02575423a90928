#include "agent/gate/call.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kAccountBytesMax =
    64;  // longer ones are refused by parse(); a lock needs no more

std::string textOf(capnp::Text::Reader text) { return std::string(view(text)); }

std::vector<std::string> textsOf(capnp::DynamicList::Reader list) {
  std::vector<std::string> texts;
  for (const auto item : list)
    texts.push_back(item.getType() == capnp::DynamicValue::TEXT ? textOf(item.as<capnp::Text>())
                                                                : "(not text)");
  return texts;
}

AuditParam paramOf(const AuditField& field, capnp::DynamicStruct::Reader holder) {
  const auto last = field.path.back();
  AuditParam param{field.name, std::string()};
  if (field.secret) {
    param.value = std::string(holder.has(last) ? "present" : "absent");
    return param;
  }
  const auto value = holder.get(last);
  switch (value.getType()) {
    case capnp::DynamicValue::BOOL:
      param.value = value.as<bool>();
      break;
    case capnp::DynamicValue::INT:
      param.value = value.as<std::int64_t>();
      break;
    case capnp::DynamicValue::UINT:
      param.value = value.as<std::uint64_t>();
      break;
    case capnp::DynamicValue::TEXT:
      param.value = textOf(value.as<capnp::Text>());
      break;
    case capnp::DynamicValue::LIST:
      param.value = textsOf(value.as<capnp::DynamicList>());
      break;
    case capnp::DynamicValue::ENUM: {
      const auto enumerant = value.as<capnp::DynamicEnum>();
      KJ_IF_MAYBE (known, enumerant.getEnumerant()) {
        param.value = std::string(known->getProto().getName().cStr());
      } else {
        param.value = "unknown " + std::to_string(enumerant.getRaw());
      }
      break;
    }
    // The contract has no other kind of audited field.
    case capnp::DynamicValue::UNKNOWN:
    case capnp::DynamicValue::VOID:
    case capnp::DynamicValue::FLOAT:
    case capnp::DynamicValue::DATA:
    case capnp::DynamicValue::STRUCT:
    case capnp::DynamicValue::CAPABILITY:
    case capnp::DynamicValue::ANY_POINTER:
      param.value = std::string("(not shown)");
      break;
  }
  return param;
}

}  // namespace

Call::Call(const Caller& caller, const Operation& operation, capnp::AnyPointer::Reader content)
    : caller_(caller), operation_(&operation) {
  message_.getRoot<capnp::AnyPointer>().set(content);
  accounts_ = readAccounts();
}

capnp::DynamicStruct::Reader Call::content() {
  return message_.getRoot<capnp::DynamicStruct>(operation_->callType).asReader();
}

capnp::DynamicStruct::Reader Call::params() {
  return content().get("params").as<capnp::DynamicStruct>();
}

rpc::Context::Reader Call::context() {
  return content().get("context").as<capnp::DynamicStruct>().as<rpc::Context>();
}

std::vector<std::string> Call::readAccounts() {
  std::vector<std::string> accounts;
  for (const auto field : operation_->accountFields)
    accounts.emplace_back(view(params().get(field).as<capnp::Text>()).substr(0, kAccountBytesMax));
  return accounts;
}

std::vector<AuditParam> Call::auditParams() {
  std::vector<AuditParam> params;
  for (const auto& field : operation_->auditFields) {
    auto holder = this->params();
    for (std::size_t i = 0; i + 1 < field.path.size(); ++i)
      holder = holder.get(field.path[i]).as<capnp::DynamicStruct>();
    params.push_back(paramOf(field, holder));
  }
  return params;
}

AuditRecord Call::record(AuditKind kind) {
  AuditRecord record;
  record.kind = kind;
  record.op = operation_->name;
  record.requestId = textOf(context().getRequestId());
  record.actor = textOf(context().getActor());
  record.trace = textOf(context().getTraceparent());
  record.peer = caller_.identity;
  record.account = account();
  record.params = auditParams();
  return record;
}

}  // namespace bulkhead::agent
