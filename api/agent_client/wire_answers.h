// The agent's answers as plain values: one overload for each kind of answer in the contract.
#pragma once
#include "api/agent_client/agent_port.h"
#include "common/rpc/agent.capnp.h"

namespace bulkhead::api::wire {

AgentValue read(rpc::Nothing::Reader in);
AgentValue read(rpc::Account::Reader in);
AgentValue read(rpc::AccountPage::Reader in);
AgentValue read(rpc::AccountDeleted::Reader in);
AgentValue read(rpc::Limits::Reader in);
AgentValue read(rpc::Quota::Reader in);
AgentValue read(rpc::Engine::Reader in);
AgentValue read(rpc::Service::Reader in);
AgentValue read(rpc::ServiceList::Reader in);
AgentValue read(rpc::Site::Reader in);
AgentValue read(rpc::FirewallRules::Reader in);
AgentValue read(rpc::HostReport::Reader in);
AgentValue read(rpc::HookList::Reader in);
AgentValue read(rpc::HookResult::Reader in);
AgentValue read(rpc::CpapiSnapshot::Reader in);
AgentValue read(rpc::PhpList::Reader in);
AgentValue read(rpc::CloudlinuxReport::Reader in);
AgentValue read(rpc::AuditPage::Reader in);
AgentValue read(rpc::AnchorLine::Reader in);
AgentValue read(rpc::Lockdown::Reader in);

}  // namespace bulkhead::api::wire
