// RenamingScene: a host on which eve has an engine with a web server, a site, an open port, a
// crontab and a membership; and what must be so once she is eva, or eve again.
#pragma once
#include <string>

#include <gtest/gtest.h>

#include "tests/support/hosted_scene.h"

namespace bulkhead::agent {

struct RenamingScene : HostedScene {
  Identity eve;

  RenamingScene() {
    eve = create("eve");
    startEngine(eve);
    serve();
    addSite(eve, "example.com");
    openPort(eve, 33000);
    host.addFile("/var/spool/cron/crontabs/eve", "x", {0600, eve.uid, 101});
    host.addFile("/var/lib/systemd/linger/eve", "");
    host.addFile("/home/eve/sites/example.com/public/page", "x", {0640, eve.uid, eve.gid});
    host.addFile("/etc/group", host.content("/etc/group") + "friends:x:1500:bob,eve,dan\n");
    host.addProcess(eve.uid, 100, "sleep");
    host.resetFaults();
  }
  void serve() {
    host.addFile("/usr/lib/bulkhead/images/web.id", "sha256:" + engine.archived + "\n");
    host.onSite([this](const Identity&, const std::string&) -> Result<HttpReply> {
      if (!engine.up || !engine.containers.contains("web"))
        return Error{Code::kUnavailable, "nothing answers", ""};
      return HttpReply{200, ""};
    });
    testing::OpCall<rpc::ServiceApply, rpc::Service> service;
    service.params().setUsername("eve");
    service.params().setService("web");
    service.params().setPublishPort(40001);
    must(service.perform(serviceApply(), host));
  }
  void suspend() {
    testing::OpCall<rpc::AccountRef, rpc::Account> request;
    request.params().setUsername("eve");
    must(request.perform(accountSuspend(), host));
    host.resetFaults();
  }

  testing::OpCall<rpc::AccountRename, rpc::Account>& call = renaming;
  Result<Proof> rename(const std::string& from = "eve", const std::string& to = "eva") {
    return HostedScene::rename(from, to);
  }
  Result<Proof> remove(const std::string& name) {
    testing::OpCall<rpc::AccountRef, rpc::AccountDeleted> request;
    request.params().setUsername(testing::wire(name));
    return request.perform(accountDelete(), host);
  }

  // The web server runs on what the home of that name has.
  void expectServing(const std::string& name, const std::string& when) {
    ASSERT_TRUE(engine.containers.contains("web")) << when;
    const auto& web = engine.containers.at("web");
    EXPECT_TRUE(web.running) << when;
    const auto& created = web.created;
    EXPECT_EQ(created["HostConfig"]["Mounts"][0]["Source"], "/home/" + name + "/sites") << when;
    EXPECT_EQ(created["HostConfig"]["PortBindings"]["8080/tcp"][0]["HostPort"], "40001") << when;
    EXPECT_EQ(created["Labels"]["bulkhead.account"], std::to_string(eve.uid)) << when;
  }
  // All is called eve, as if nothing had happened.
  void expectAsBefore(const std::string& when) {
    const auto record = Registry(host).find(*Username::parse("eve"));
    ASSERT_TRUE(record.ok()) << when;
    EXPECT_EQ(record->state, AccountState::kActive) << when;
    EXPECT_EQ(record->previousName, "") << when;
    for (const auto& path : host.paths()) {
      if (path.find("/renames/") != std::string::npos) continue;  // see expectNoIntent()
      const auto content = host.content(path);
      EXPECT_FALSE(path.ends_with("/eva") || path.find("/eva/") != std::string::npos)
          << when << " " << path;
      for (const auto* mark : {"eva:", ":eva", ",eva", "\"eva\"", "account eva"})
        EXPECT_EQ(content.find(mark), std::string::npos) << when << " " << path << " " << content;
    }
    for (const auto* path : {"/home/eve/sites/example.com/public/page",
                             "/var/spool/cron/crontabs/eve", "/var/lib/systemd/linger/eve"})
      EXPECT_TRUE(host.exists(path)) << when << " " << path;
    EXPECT_TRUE(host.exists(engine::contextDirectory("eve"))) << when;
    EXPECT_FALSE(host.exists(engine::contextDirectory("eva"))) << when;
    EXPECT_TRUE(ufw.has(testing::FakeUfw::hex("eve"))) << when;
    EXPECT_FALSE(ufw.has(testing::FakeUfw::hex("eva"))) << when;
    const auto sites = Registry(host).sitesOf(*Username::parse("eve"));
    EXPECT_EQ(sites->size(), 1U) << when;
  }

  void expectNoIntent(const std::string& when) {
    EXPECT_FALSE(host.exists("/var/lib/bulkhead/agent/renames/" + std::to_string(eve.uid))) << when;
  }

  // Nothing of the old name anywhere but where it is remembered on purpose.
  void expectRenamed(const std::string& when) {
    for (const auto& path : host.paths()) {
      EXPECT_FALSE(path.ends_with("/eve") || path.find("/eve/") != std::string::npos)
          << when << " " << path;
      const auto content = host.content(path);
      if (path.ends_with("/accounts/eva") || path.find("/nginx-") != std::string::npos) continue;
      for (const auto* mark : {"eve:", ":eve", ",eve", "\"eve\"", "account eve"})
        EXPECT_EQ(content.find(mark), std::string::npos) << when << " " << path << " " << content;
    }
    const auto record = Registry(host).find(*Username::parse("eva"));
    ASSERT_TRUE(record.ok()) << when;
    EXPECT_EQ(record->identity.uid, eve.uid) << when;
    EXPECT_TRUE(host.exists("/home/eva/sites/example.com/public/page")) << when;
    EXPECT_TRUE(host.exists("/var/spool/cron/crontabs/eva")) << when;
    EXPECT_TRUE(host.exists("/var/lib/systemd/linger/eva")) << when;
    EXPECT_NE(host.content("/etc/passwd")
                  .find("\neva:x:" + std::to_string(eve.uid) + ":" + std::to_string(eve.gid) +
                        ":Bulkhead account:/home/eva:"),
              std::string::npos)
        << when;
    EXPECT_NE(host.content("/etc/group").find("friends:x:1500:bob,eva,dan\n"), std::string::npos);
    EXPECT_FALSE(ufw.has(testing::FakeUfw::hex("eve"))) << when;
    EXPECT_TRUE(ufw.has(testing::FakeUfw::hex("eva"))) << when;
    EXPECT_TRUE(host.exists(engine::contextDirectory("eva"))) << when;
    EXPECT_FALSE(host.exists(engine::contextDirectory("eve"))) << when;
    expectNoIntent(when);
  }
};

}  // namespace bulkhead::agent
