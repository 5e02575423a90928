#include "agent/ops/host/as_recorded.h"

#include <algorithm>
#include <string>
#include <vector>

#include <capnp/any.h>
#include <capnp/message.h>

#include "agent/ops/host/findings.h"

namespace bulkhead::agent {
namespace {

Error changed() {
  return Error{Code::kConflict,
               "the record has changed since: look again, bulkhead doctor says what differs now",
               ""};
}

bool isCall(const Repair& repair, std::string_view method, capnp::DynamicStruct::Reader params) {
  capnp::MallocMessageBuilder message;
  const auto root = message.initRoot<rpc::Repair>();
  repair(root);
  const capnp::DynamicStruct::Reader chosen = root.asReader();
  KJ_IF_MAYBE (field, chosen.which()) {
    if (view(field->getProto().getName()) != method) return false;
    const auto wanted = chosen.get(*field).as<capnp::DynamicStruct>();
    return wanted.getSchema() == params.getSchema() &&
           capnp::AnyStruct::Reader(wanted) == capnp::AnyStruct::Reader(params);
  }
  return false;
}

// All that doctor may do for an account as its record is.
std::vector<Repair> repairsOf(const AccountRecord& record) {
  if (record.state == AccountState::kSuspended)
    return {createAgain(record), suspendAgain(record), setLimits(record), setQuota(record)};
  if (record.state != AccountState::kActive) return {};
  std::vector<Repair> all{createAgain(record), setLimits(record), ensureEngine(record)};
  if (record.quota) all.push_back(setQuota(record));
  for (const auto& service : record.services)
    all.push_back(applyService(record, service));
  for (const auto& port : record.ports)
    all.push_back(openPort(record, port));
  return all;
}

// A site's file follows its account's state, or the site's own where that was set last.
Result<std::vector<Repair>> repairsOf(const AccountRecord& account,
                                      capnp::DynamicStruct::Reader params,
                                      const Host& host) {
  TRY_ASSIGN(const auto domain, DomainName::parse(view(params.get("domain").as<capnp::Text>())));
  const auto site = Registry(host).findSite(domain);
  if (!site.ok()) return site.error().code == Code::kNotFound ? changed() : site.error();
  return std::vector<Repair>{applySite(*site, site->mode), applySite(*site, modeFor(account))};
}

}  // namespace

Result<Ok> checkAsRecorded(std::string_view method,
                           capnp::DynamicStruct::Reader params,
                           const Host& host) {
  const auto repair = capnp::Schema::from<rpc::Repair>().findFieldByName(
      kj::StringPtr(std::string(method).c_str()));
  if (repair == nullptr || method == "none")
    return Error{Code::kUnsupported, std::string(method) + ": is no repair", ""};
  if (method == "firewallSetup") return Ok{};  // wants the same whatever the registry says
  const auto name = Username::parse(view(params.get("username").as<capnp::Text>()));
  if (!name.ok()) return name.error();
  const auto record = Registry(host).find(*name);
  if (!record.ok()) return record.error().code == Code::kNotFound ? changed() : record.error();
  auto wanted = repairsOf(*record);
  if (method == "siteApply") {
    TRY_ASSIGN(wanted, repairsOf(*record, params, host));
  }
  const bool stands = std::any_of(wanted.begin(), wanted.end(),
                                  [&](const Repair& one) { return isCall(one, method, params); });
  if (!stands) return changed();
  return Ok{};
}

}  // namespace bulkhead::agent
