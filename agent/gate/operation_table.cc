#include "agent/gate/operation_table.h"

#include <algorithm>

#include "common/rpc/agent.capnp.h"

namespace bulkhead::agent {
namespace {

// Ids of the annotations in op.capnp; the generated code has no names for them.
constexpr std::uint64_t kOperationAnnotation = 0xd2c7a1b3e4f50617;
constexpr std::uint64_t kAuditedAnnotation = 0xe3d8b2c4f5061728;
constexpr std::uint64_t kSecretAnnotation = 0xf4e9c3d506172839;
constexpr std::uint64_t kAccountAnnotation = 0x85fad4e61728394a;

Error broken(const std::string& method, const std::string& what) {
  return Error{Code::kInternal, "operation " + method + ": " + what, ""};
}

bool has(capnp::StructSchema::Field field, std::uint64_t annotation) {
  for (const auto entry : field.getProto().getAnnotations())
    if (entry.getId() == annotation) return true;
  return false;
}

void collectAuditFields(capnp::StructSchema type,
                        const std::vector<capnp::StructSchema::Field>& path,
                        const std::string& prefix,
                        std::vector<AuditField>& fields) {
  for (const auto field : type.getFields()) {
    const bool secret = has(field, kSecretAnnotation);
    if (!secret && !has(field, kAuditedAnnotation)) continue;
    auto fieldPath = path;
    fieldPath.push_back(field);
    const std::string name = prefix + field.getProto().getName().cStr();
    if (!secret && field.getType().isStruct())
      collectAuditFields(field.getType().asStruct(), fieldPath, name + ".", fields);
    else
      fields.push_back({name, std::move(fieldPath), secret});
  }
}

std::optional<rpc::Operation::Reader> annotationOf(capnp::InterfaceSchema::Method method) {
  for (const auto annotation : method.getProto().getAnnotations())
    if (annotation.getId() == kOperationAnnotation)
      return annotation.getValue().getStruct().getAs<rpc::Operation>();
  return std::nullopt;
}

Result<Ok> readTypes(Operation& operation, capnp::InterfaceSchema::Method method) {
  operation.callType = method.getParamType();
  operation.replyType = method.getResultType();
  const auto params = operation.callType.findFieldByName("params");
  KJ_IF_MAYBE (field, params) {
    if (!field->getType().isStruct()) return broken(operation.method, "parameters are no struct");
    operation.paramsType = field->getType().asStruct();
  } else {
    return broken(operation.method, "does not take an Op.Call");
  }
  for (const auto field : operation.paramsType.getFields())
    if (has(field, kAccountAnnotation)) operation.accountFields.push_back(field);
  collectAuditFields(operation.paramsType, {}, "", operation.auditFields);
  return Ok{};
}

Result<Ok> readLimits(Operation& operation, rpc::Operation::Reader annotation) {
  for (const auto name : annotation.getCapabilities()) {
    cap_value_t value = 0;
    if (cap_from_name(name.cStr(), &value) != 0)
      return broken(operation.method, std::string("no capability is called ") + name.cStr());
    operation.capabilityNames.emplace_back(name.cStr());
    operation.capabilities.push_back(value);
  }
  operation.timeLimit = std::chrono::seconds(annotation.getTimeLimitSeconds());
  if (operation.timeLimit.count() == 0 || operation.timeLimit > kTimeLimitMax)
    return broken(operation.method, "time limit is out of range");
  for (const auto name : annotation.getLocks()) {
    const auto service = serviceFromName(name.cStr());
    if (!service)
      return broken(operation.method, std::string("no service is called ") + name.cStr());
    operation.locks.push_back(*service);
  }
  // One order everywhere, whatever the schema says: two operations can never wait for each other.
  std::sort(operation.locks.begin(), operation.locks.end());
  operation.summary = annotation.getSummary().cStr();
  return Ok{};
}

Result<Operation> readOperation(capnp::InterfaceSchema::Method method) {
  Operation operation;
  operation.method = method.getProto().getName().cStr();
  const auto annotation = annotationOf(method);
  if (!annotation) return broken(operation.method, "has no $operation");
  operation.name = annotation->getName().cStr();
  if (operation.name.empty()) return broken(operation.method, "has no name");
  switch (annotation->getRisk()) {
    case rpc::Operation::Risk::READ:
      operation.risk = Risk::kRead;
      break;
    case rpc::Operation::Risk::MUTATE:
      operation.risk = Risk::kMutate;
      break;
    case rpc::Operation::Risk::DESTROY:
      operation.risk = Risk::kDestroy;
      break;
  }
  operation.place =
      annotation->getRuns() == rpc::Operation::Place::CORE ? Place::kCore : Place::kWorker;
  if (operation.place == Place::kCore && operation.risk != Risk::kRead)
    return broken(operation.method, "only reads run in the core");
  TRY(readTypes(operation, method));
  TRY(readLimits(operation, *annotation));
  return operation;
}

}  // namespace

Result<OperationTable> OperationTable::build(std::vector<OpEntry> entries, Coverage coverage) {
  OperationTable table;
  std::set<std::string> names;
  for (const auto method : capnp::Schema::from<rpc::Agent>().getMethods()) {
    TRY_ASSIGN(Operation operation, readOperation(method));
    if (!names.insert(operation.name).second) return broken(operation.name, "is there twice");
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& candidate) {
      return operation.method == candidate.method;
    });
    if (entry != entries.end()) {
      operation.entry = std::move(*entry);
      entries.erase(entry);
    } else if (coverage == Coverage::kAll) {
      return broken(operation.method, "is in the schema, but not in ops.list");
    }
    table.operations_.emplace(method.getOrdinal(), std::move(operation));
  }
  if (!entries.empty())
    return broken(entries.front().method, "is in ops.list twice, or not in the schema");
  return table;
}

const Operation* OperationTable::find(std::uint64_t interfaceId, std::uint16_t ordinal) const {
  if (interfaceId != capnp::typeId<rpc::Agent>()) return nullptr;
  const auto found = operations_.find(ordinal);
  return found == operations_.end() || !found->second.entry ? nullptr : &found->second;
}

const Operation* OperationTable::findByMethod(std::string_view method) const {
  for (const auto& [ordinal, operation] : operations_)
    if (operation.method == method && operation.entry) return &operation;
  return nullptr;
}

std::set<std::string> OperationTable::names() const {
  std::set<std::string> names;
  for (const auto& [ordinal, operation] : operations_)
    names.insert(operation.name);
  return names;
}

std::set<std::string, std::less<>> OperationTable::namesOf(Risk risk) const {
  std::set<std::string, std::less<>> names;
  for (const auto& [ordinal, operation] : operations_)
    if (operation.risk == risk) names.insert(operation.name);
  return names;
}

}  // namespace bulkhead::agent
