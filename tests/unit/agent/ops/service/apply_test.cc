#include <functional>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "agent/host/container.h"
#include "agent/host/dry_run_host.h"
#include "agent/ops/all_ops.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"
#include "tests/support/service_scene.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

struct Wanted {
  std::string username = "alice";
  std::string service = "web";
  std::uint32_t cpuPercent = 0;
  std::uint64_t memoryBytes = 0;
  std::uint16_t publishPort = 0;
};

struct ApplyScene : testing::ServiceScene {
  testing::OpCall<rpc::ServiceApply, rpc::Service> last;

  Result<Proof> apply(const Wanted& wanted = {}) {
    last.params().setUsername(testing::wire(wanted.username));
    last.params().setService(testing::wire(wanted.service));
    last.params().setCpuPercent(wanted.cpuPercent);
    last.params().setMemoryBytes(wanted.memoryBytes);
    last.params().setPublishPort(wanted.publishPort);
    return last.perform(serviceApply(), host);
  }
  void limitAccount(const ResourceLimits& limits) {
    alice.limits = limits;
    ASSERT_TRUE(Registry(host).put(alice).ok());
    host.resetFaults();
  }
};

void eachKey(const Json& value, const std::function<void(const std::string&)>& see) {
  if (value.is_object())
    for (const auto& [key, member] : value.items()) {
      see(key);
      eachKey(member, see);
    }
  if (value.is_array())
    for (const auto& member : value)
      eachKey(member, see);
}

TEST(ServiceApply, LoadsTheImageAndRunsTheContainer) {
  ApplyScene scene;
  const auto proof = scene.apply();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(scene.count("POST", "/images/load"), 1U);
  EXPECT_TRUE(scene.engine.containers.at("web").running);
  EXPECT_EQ(std::string(scene.last.reply().getState().cStr()), "running");
  EXPECT_EQ(std::string(scene.last.reply().getNetwork().cStr()), "www");
  EXPECT_GE(scene.asked, 1);
}

TEST(ServiceApply, StreamsTheArchiveOfTheCatalogue) {
  ApplyScene scene;
  ASSERT_TRUE(scene.apply().ok());
  for (const auto& [who, request] : scene.host.engineRequests()) {
    if (request.path.find("/images/load") == std::string::npos) continue;
    EXPECT_EQ(request.bodyFile, "/usr/lib/bulkhead/images/web.tar");
  }
}

TEST(ServiceApply, MakesAContainerWithoutAnyRight) {
  ApplyScene scene;
  ASSERT_TRUE(scene.apply({"alice", "web", 50, 64U << 20U, 40000}).ok());
  const auto& config = scene.engine.containers.at("web").created["HostConfig"];
  EXPECT_EQ(printJson(config["CapDrop"]), R"(["ALL"])");
  EXPECT_EQ(printJson(config["CapAdd"]), "[]");
  EXPECT_EQ(printJson(config["SecurityOpt"]), R"(["no-new-privileges"])");
  EXPECT_EQ(config["ReadonlyRootfs"], true);
  EXPECT_EQ(config["IpcMode"], "private");
  EXPECT_EQ(printJson(config["PortBindings"]), R"({"8080/tcp":[{"HostPort":"40000"}]})");
  std::set<std::string> sources;
  for (const auto& mount : config["Mounts"])
    sources.insert(mount["Source"].get<std::string>() + (mount["ReadOnly"] == true ? " ro" : ""));
  EXPECT_EQ(sources, (std::set<std::string>{"/home/alice/sites ro", "/run/bulkhead-sites/20000"}));
}

TEST(ServiceApply, NeverSendsAForbiddenKey) {
  static const std::set<std::string> kForbidden{"Privileged",
                                                "PidMode",
                                                "UsernsMode",
                                                "CgroupParent",
                                                "Devices",
                                                "DeviceRequests",
                                                "DeviceCgroupRules",
                                                "Binds",
                                                "VolumesFrom",
                                                "Links",
                                                "ExtraHosts",
                                                "Sysctls",
                                                "UTSMode",
                                                "Cmd",
                                                "Entrypoint",
                                                "Env",
                                                "Volumes",
                                                "MaskedPaths",
                                                "ReadonlyPaths",
                                                "Runtime",
                                                "Cgroup",
                                                "OomScoreAdj",
                                                "VolumeDriver",
                                                "ContainerIDFile",
                                                "Dns"};
  for (const bool limits : {false, true})
    for (const auto port : std::vector<std::uint16_t>{0, 32768, 60999}) {
      ApplyScene scene;
      scene.engine.hasMemoryLimit = limits;
      ASSERT_TRUE(scene.apply({"alice", "web", 25, 32U << 20U, port}).ok());
      for (const auto& [who, request] : scene.host.engineRequests()) {
        if (request.body.empty()) continue;
        eachKey(*parseJson(request.body),
                [](const std::string& key) { EXPECT_FALSE(kForbidden.contains(key)) << key; });
        EXPECT_EQ(request.body.find("host"), std::string::npos);
      }
    }
}

TEST(ServiceApply, LimitsTheContainerOnlyWhereTheEngineCan) {
  ApplyScene scene;
  ASSERT_TRUE(scene.apply({"alice", "web", 50, 64U << 20U, 0}).ok());
  EXPECT_FALSE(scene.engine.containers.at("web").created["HostConfig"].contains("Memory"));
  ApplyScene other;
  other.engine.hasMemoryLimit = true;
  ASSERT_TRUE(other.apply({"alice", "web", 50, 64U << 20U, 0}).ok());
  const auto& config = other.engine.containers.at("web").created["HostConfig"];
  EXPECT_EQ(config["Memory"], 64U << 20U);
  EXPECT_EQ(config["MemorySwap"], 64U << 20U);
  EXPECT_EQ(config["NanoCpus"], 500000000);
  EXPECT_EQ(config["PidsLimit"], 64);
  EXPECT_EQ(other.last.reply().getMemoryBytes(), 64U << 20U);
  EXPECT_EQ(other.last.reply().getCpuPercent(), 50U);
}

TEST(ServiceApply, LeavesARunningContainerOfTheSameSpecificationAlone) {
  ApplyScene scene;
  ASSERT_TRUE(scene.apply().ok());
  const auto id = scene.engine.containers.at("web").id;
  const auto requests = scene.host.engineRequests().size();
  ASSERT_TRUE(scene.apply().ok());
  EXPECT_EQ(scene.engine.containers.at("web").id, id);
  EXPECT_EQ(scene.host.engineRequests().size(), requests);
}

TEST(ServiceApply, ReplacesAContainerOfAnotherSpecificationOrThatStopped) {
  ApplyScene scene;
  ASSERT_TRUE(scene.apply().ok());
  ASSERT_TRUE(scene.apply({"alice", "web", 0, 0, 40000}).ok());
  EXPECT_EQ(scene.count("DELETE", "/containers/"), 1U);
  EXPECT_EQ(scene.last.reply().getPublishPort(), 40000U);
  scene.engine.containers.at("web").running = false;
  ASSERT_TRUE(scene.apply({"alice", "web", 0, 0, 40000}).ok());
  EXPECT_EQ(scene.count("DELETE", "/containers/"), 2U);
}

TEST(ServiceApply, ReplacesTheContainerThatTheAccountHadUnderItsFormerName) {
  ApplyScene scene;
  ASSERT_TRUE(scene.apply().ok());
  auto& labels = scene.engine.containers.at("web").created["Labels"];
  labels["bulkhead.account"] = "before";
  labels["bulkhead.spec"] = "of another home";
  ASSERT_TRUE(scene.apply().ok());
  EXPECT_EQ(scene.count("DELETE", "/containers/"), 1U);
  EXPECT_EQ(scene.engine.containers.at("web").created["Labels"]["bulkhead.account"],
            std::to_string(scene.alice.identity.uid));
}

TEST(ServiceApply, RunsTheNewerImageThatAnUpgradeBroughtUnderTheSameTag) {
  ApplyScene scene;
  ASSERT_TRUE(scene.apply().ok());
  const auto before = scene.engine.containers.at("web").image;
  scene.upgradeImage();
  const auto proof = scene.apply();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_NE(scene.engine.containers.at("web").image, before);
  EXPECT_EQ(scene.engine.containers.at("web").image, "sha256:" + scene.engine.archived);
  EXPECT_EQ(scene.count("POST", "/images/load"), 2U);
  EXPECT_EQ(scene.count("DELETE", "/containers/"), 1U);
  EXPECT_TRUE(scene.engine.untagged.empty());
}

TEST(ServiceApply, DoesNotTrustATagOfTheAccountsOwn) {
  ApplyScene scene;
  scene.engine.images["bulkhead/web:1"] = testing::FakeEngine::id("the tenant's own");
  ASSERT_TRUE(scene.apply().ok());
  EXPECT_EQ(scene.engine.containers.at("web").image, "sha256:" + scene.engine.archived);
}

TEST(ServiceApply, FailsWhenTheArchiveBringsAnotherImageThanItsId) {
  ApplyScene scene;
  scene.engine.archived = testing::FakeEngine::id("something else");
  EXPECT_EQ(scene.apply().error().code, Code::kUnavailable);
}

TEST(ServiceApply, RefusesACatalogueWithoutTheIdOfTheImage) {
  ApplyScene scene;
  for (const char* text : {"", "sha256:", "sha256:../../etc", "latest\n"}) {
    scene.host.addFile(testing::ServiceScene::kIdFile, text);
    EXPECT_EQ(scene.apply().error().code, Code::kInternal) << text;
  }
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(ServiceApply, RefusesToReplaceAContainerThatIsNotThePanels) {
  ApplyScene scene;
  scene.engine.containers["web"] = {testing::FakeEngine::id("mine"), "web",
                                    *parseJson(R"({"Image":"mine","Labels":{},"HostConfig":{}})"),
                                    true};
  EXPECT_EQ(scene.apply().error().code, Code::kConflict);
  EXPECT_TRUE(scene.engine.containers.contains("web"));
}

TEST(ServiceApply, FailsWhenTheContainerEndsAtOnce) {
  ApplyScene scene;
  scene.engine.startsDie = true;
  EXPECT_EQ(scene.apply().error().code, Code::kUnavailable);
}

TEST(ServiceApply, FailsWhenNothingAnswersOnTheSocket) {
  ApplyScene scene;
  scene.host.onSite([](const Identity&, const std::string&) -> Result<HttpReply> {
    return Error{Code::kUnavailable, "nothing answers", ""};
  });
  const auto done = scene.apply();
  EXPECT_EQ(done.error().code, Code::kUnavailable);
  EXPECT_NE(done.error().message.find("socket"), std::string::npos);
}

TEST(ServiceApply, FailsWhenTheArchiveDoesNotBringTheImage) {
  ApplyScene scene;
  scene.engine.loads = "bulkhead/other:1";
  EXPECT_EQ(scene.apply().error().code, Code::kUnavailable);
}

TEST(ServiceApply, SaysThatAPortIsTaken) {
  ApplyScene scene;
  scene.engine.instead["POST /v1.41/containers/web/start"] = {
      500,
      R"({"message":"driver failed programming external connectivity on endpoint web (2d9509ef00df7cb27)"
      R"(23509792f1f057720a9ba875297a88121b61feab4f8d9c9): Error starting userland proxy: error while )"
      R"(calling PortManager.AddPort(): listen tcp4 0.0.0.0:40000: bind: address already in use"})"};
  const auto done = scene.apply({"alice", "web", 0, 0, 40000});
  EXPECT_EQ(done.error().code, Code::kConflict);
  EXPECT_EQ(done.error().field, "publishPort");
}

TEST(ServiceApply, RefusesPortsOutsideTheAccountRange) {
  ApplyScene scene;
  for (const auto port : std::vector<std::uint16_t>{1, 22, 80, 443, 2083, 32767, 61000, 65535})
    EXPECT_FALSE(scene.apply({"alice", "web", 0, 0, port}).ok()) << port;
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(ServiceApply, RefusesLimitsThatTheAccountDoesNotHave) {
  ApplyScene scene;
  scene.limitAccount({100, 128U << 20U, 0});
  EXPECT_EQ(scene.apply({"alice", "web", 101, 0, 0}).error().code, Code::kLimitExceeded);
  EXPECT_EQ(scene.apply({"alice", "web", 0, (128U << 20U) + 1, 0}).error().code,
            Code::kLimitExceeded);
  EXPECT_EQ(scene.apply({"alice", "web", 0, 1U << 20U, 0}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(ServiceApply, RefusesUnknownServicesAndSleepingAccounts) {
  ApplyScene scene;
  scene.addAccount("bob", AccountState::kSuspended);
  scene.host.resetFaults();
  EXPECT_EQ(scene.apply({"alice", "mail", 0, 0, 0}).error().code, Code::kNotFound);
  EXPECT_EQ(scene.apply({"bob", "web", 0, 0, 0}).error().code, Code::kConflict);
  EXPECT_EQ(scene.apply({"carol", "web", 0, 0, 0}).error().code, Code::kNotFound);
  for (const auto& text : testing::poison()) {
    EXPECT_FALSE(scene.apply({"alice", text, 0, 0, 0}).ok()) << text;
    EXPECT_FALSE(scene.apply({text, "web", 0, 0, 0}).ok()) << text;
  }
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(ServiceApply, FailsWithoutAnEngine) {
  ApplyScene scene;
  scene.engine.up = false;
  EXPECT_EQ(scene.apply().error().code, Code::kUnavailable);
}

TEST(ServiceApply, EndsRunningAfterACrashAtEveryStep) {
  for (std::size_t step = 0; step < 40; ++step) {
    ApplyScene scene;
    scene.host.crashAfter(step);
    bool crashed = false;
    try {
      (void)scene.apply();  // ignoring: the retry counts
    } catch (const testing::FakeCrash&) {
      crashed = true;
    }
    scene.host.resetFaults();
    const auto done = scene.apply();
    ASSERT_TRUE(done.ok()) << step << ": " << done.error().message;
    EXPECT_EQ(scene.engine.containers.size(), 1U);
    if (!crashed) return;
  }
  FAIL() << "more steps than expected";
}

TEST(ServiceApply, ShowsWhatItWouldDoWithoutDoingIt) {
  for (const bool up : {true, false}) {
    ApplyScene scene;
    scene.engine.up = up;
    DryRunHost preview(scene.host);
    scene.last.params().setUsername("alice");
    scene.last.params().setService("web");
    ASSERT_TRUE(scene.last.preview(serviceApply(), preview).ok());
    EXPECT_EQ(scene.host.mutations(), 0U);
    std::string all;
    for (const auto& change : preview.changes())
      all += change.target + "\n";
    for (const char* part : {"/images/load", "/containers/create?name=web", "/web/start"})
      EXPECT_NE(all.find(part), std::string::npos) << part << " in\n" << all;
  }
}

}  // namespace
}  // namespace bulkhead::agent
