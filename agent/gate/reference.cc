#include "agent/gate/reference.h"

namespace bulkhead::agent {
namespace {

std::string_view riskName(Risk risk) {
  switch (risk) {
    case Risk::kRead:
      return "read";
    case Risk::kMutate:
      return "mutate";
    case Risk::kDestroy:
      return "destroy";
  }
  return "";
}

std::string joined(const std::vector<std::string>& words, const char* none) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "`" : ", `") + word + "`";
  return text.empty() ? none : text;
}

std::string locksOf(const Operation& operation) {
  std::vector<std::string> names;
  if (!operation.accountFields.empty() && operation.risk != Risk::kRead)
    names.emplace_back("account");
  for (const auto service : operation.locks)
    names.emplace_back(serviceName(service));
  return joined(names, "none");
}

std::string paramsOf(const Operation& operation) {
  std::vector<std::string> names;
  for (const auto field : operation.paramsType.getFields())
    names.emplace_back(field.getProto().getName().cStr());
  return joined(names, "none");
}

std::string auditedOf(const Operation& operation) {
  std::vector<std::string> names;
  for (const auto& field : operation.auditFields)
    names.push_back(field.secret ? field.name + " (presence only)" : field.name);
  return joined(names, "none");
}

}  // namespace

std::string operationsMarkdown(const OperationTable& table) {
  std::string text =
      "# Operations\n\n"
      "Everything that bulkhead-agent can do. Written by `bulkhead-agent --print-operations` from\n"
      "`common/rpc/agent.capnp`; do not edit. Who may call an operation, and how often, is in\n"
      "`policy/operations.json`.\n";
  for (const auto& [ordinal, operation] : table.all()) {
    text += "\n## " + operation.name + "\n\n" + operation.summary + "\n\n";
    text += "- Risk: " + std::string(riskName(operation.risk)) + "\n";
    text += "- Parameters: " + paramsOf(operation) + "\n";
    text += "- Recorded: " + auditedOf(operation) + "\n";
    if (operation.place == Place::kCore) {
      text += "- Runs: in the core, on the agent's own records\n";
      continue;
    }
    text += "- Runs: in a worker, at most " + std::to_string(operation.timeLimit.count()) +
            " seconds\n";
    text += "- Capabilities: " + joined(operation.capabilityNames, "none") + "\n";
    text += "- Locks: " + locksOf(operation) + "\n";
  }
  return text;
}

}  // namespace bulkhead::agent
