// A running agent with a few operations whose deeds can be seen from outside, for the tests of the
// gate.
#pragma once
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "agent/registry/lockdown.h"
#include "common/audit/verify.h"
#include "tests/support/test_agent.h"

namespace bulkhead::agent {

using bulkhead::testing::TestAgent;
using bulkhead::testing::TestAgentOptions;
using bulkhead::testing::TestClient;

inline std::string usernameOf(capnp::DynamicStruct::Reader params) {
  return std::string(view(params.get("username").as<capnp::Text>()));
}

// What "account.create" does here depends on the name; "acted-NAME" in the directory shows that it
// ran.
struct Deeds {
  std::string* directory;
  Result<Proof> operator()(capnp::DynamicStruct::Reader params,
                           capnp::DynamicStruct::Builder reply,
                           Host&) const {
    const std::string name = usernameOf(params);
    std::ofstream(*directory + "/acted-" + name) << ::getpid();
    if (name == "refuse") return Error{Code::kConflict, "the account is suspended", "username"};
    if (name == "throw") throw std::runtime_error("secret text of a fault");
    if (name == "crash") ::abort();
    if (name.starts_with("slow")) ::usleep(400000);
    if (name == "stuck") ::sleep(60);
    reply.set("username", name.c_str());
    return Proof{{"passwd entry", name}};
  }
};

class AgentGate : public ::testing::Test {
 protected:
  AgentGate() {
    OpEntry create{"accountCreate",
                   [](capnp::DynamicStruct::Reader params, Host& host) -> Result<Ok> {
                     return host.makeDirectory("/etc/" + usernameOf(params), {});
                   },
                   Deeds{&directory_}};
    OpEntry get{"accountGet",
                [](capnp::DynamicStruct::Reader, Host&) -> Result<Ok> { return Ok{}; },
                [](capnp::DynamicStruct::Reader params, capnp::DynamicStruct::Builder reply,
                   Host&) -> Result<Proof> {
                  if (usernameOf(params) == "throw") throw std::runtime_error("secret text");
                  if (usernameOf(params) == "absent")
                    return Error{Code::kNotFound, "no such account", ""};
                  reply.set("username", usernameOf(params).c_str());
                  return Proof{};
                }};
    OpEntry quota{"quotaSet",
                  [](capnp::DynamicStruct::Reader params, Host& host) -> Result<Ok> {
                    if (!host.inspect("/etc/" + usernameOf(params)).ok())
                      return Error{Code::kNotFound, "no such account", ""};
                    return host.makeDirectory("/etc/" + usernameOf(params) + "/q", {});
                  },
                  [](capnp::DynamicStruct::Reader, capnp::DynamicStruct::Builder,
                     Host&) -> Result<Proof> { return Proof{}; }};
    OpEntry inspect{"hostInspect",
                    [](capnp::DynamicStruct::Reader, Host&) -> Result<Ok> { return Ok{}; },
                    [](capnp::DynamicStruct::Reader, capnp::DynamicStruct::Builder reply,
                       Host&) -> Result<Proof> {
                      reply.set("hostname", "worker");
                      return Proof{};
                    }};
    OpEntry quotas{"quotaGet",
                   [](capnp::DynamicStruct::Reader, Host&) -> Result<Ok> { return Ok{}; },
                   [this](capnp::DynamicStruct::Reader params, capnp::DynamicStruct::Builder,
                          Host&) -> Result<Proof> {
                     std::ofstream(directory_ + "/acted-" + usernameOf(params)) << ::getpid();
                     ::sleep(1);
                     return Proof{};
                   }};
    OpEntry rename = create;
    rename.method = "accountRename";
    TestAgentOptions options{{create, get, quota, quotas, inspect, rename},
                             [](PolicyRules& rules) {
                               rules.at("account.delete").deniedAccounts = {{"carol", "test.json"}};
                               rules.at("quota.set").peers = {Peer::kAdmin};
                               rules.at("host.inspect").perMinute = 2;
                             },
                             [this](Host& host) {
                               if (::access((directory_ + "/locked").c_str(), F_OK) == 0)
                                 (void)host.writeFile(kLockdownFile, "1700000000\n", {0600, 0, 0});
                             }};
    agent_ = std::make_unique<TestAgent>(options);
    agent_->kill();
    directory_ = agent_->directory();  // known to the operations of the process that starts now
    agent_->start();
  }

  using CreateResult = capnp::Response<rpc::Reply<rpc::Account>>;
  CreateResult create(TestClient& client, const std::string& name, bool dryRun = false) {
    auto request = client.agent().accountCreateRequest();
    request.initParams().setUsername(name.c_str());
    request.getContext().setRequestId("req-" + name);
    request.getContext().setActor("admin:root");
    request.getContext().setDryRun(dryRun);
    return request.send().wait(client.scope());
  }
  void lockDown() { std::ofstream(directory_ + "/locked") << "\n"; }
  bool acted(const std::string& name) const {
    struct stat info {};
    return ::stat((agent_->directory() + "/acted-" + name).c_str(), &info) == 0;
  }
  bool denied(const std::string& op, const std::string& part) const {
    return agent_->hasRecord([&](const AuditLine& record) {
      return record.kind == "deny" && record.op == op &&
             record.message.find(part) != std::string::npos;
    });
  }
  void expectServing() {
    TestClient client(agent_->apiSocket());
    auto request = client.agent().accountGetRequest();
    request.initParams().setUsername("alice");
    EXPECT_TRUE(request.send().wait(client.scope()).isOk());
  }

  std::string directory_;
  std::unique_ptr<TestAgent> agent_;
};

}  // namespace bulkhead::agent
