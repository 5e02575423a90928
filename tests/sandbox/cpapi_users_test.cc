// The scripts as different users of one host call them, against the real program under its own
// sandbox. Needs root, to be all of them.
#include <array>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "common/cpapi/domain_line.h"
#include "tests/support/cpapi_client.h"
#include "tests/support/cpapi_world.h"
#include "tests/support/http_client.h"
#include "tests/support/root.h"

#include <nlohmann/json.hpp>

namespace bulkhead::testing {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

class CpapiUsers : public ::testing::Test {
 protected:
  void SetUp() override {
    requireRoot();
    world_.fill();
    list_ = world_.directory() + "/api.list";
    fs::copy_file(std::string(BULKHEAD_SOURCE_DIR) + "/policy/seccomp/api.list", list_);
    fs::permissions(list_, fs::perms(0644));
    start();
  }
  void TearDown() override { stop(); }

  void start() {
    const std::string program = std::string(BULKHEAD_BINARY_DIR) + "/bulkhead-api";
    const std::string panel = panelSocket();
    const std::string scripts = client_.socket();
    const std::string state = world_.directory();
    const std::string agent = state + "/agent.sock";
    const std::array<const char*, 14> arguments{
        program.c_str(), "--socket",       panel.c_str(),    "--cpapi-socket", scripts.c_str(),
        "--state",       state.c_str(),    "--agent-socket", agent.c_str(),    "--gateway-user",
        "nobody",        "--seccomp-list", list_.c_str(),    nullptr};
    server_ = ::fork();
    if (server_ == 0) {
      ::execv(program.c_str(), const_cast<char**>(arguments.data()));
      ::_exit(127);
    }
    // It listens before it serves, and clients of this build are not patient.
    const std::string call =
        test::httpRequest("POST", "/cpapi/v1/panel_info", R"({"arguments":[]})",
                          "Content-Type: application/json\r\n");
    for (int i = 0; i < 200; ++i) {
      test::HttpClient probe(scripts);
      if (probe.connected() && probe.exchange(call, std::chrono::seconds(30))) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL() << "the server does not come up";
  }
  void stop() {
    if (server_ <= 0) return;
    ::kill(server_, SIGKILL);
    ::waitpid(server_, nullptr, 0);
    server_ = -1;
  }
  std::string panelSocket() const { return world_.directory() + "/panel.sock"; }

  Ran as(uid_t uid,
         const std::string& name,
         const std::vector<std::string>& words = {},
         std::vector<std::string> environment = {}) {
    CpapiClient::How how;
    how.environment = std::move(environment);
    how.before = [uid] {
      if (uid != 0 && (::setgid(uid) != 0 || ::setuid(uid) != 0)) ::_exit(126);
    };
    return client_.run(name, words, how);
  }
  static std::string result(const Ran& ran) {
    const Json document = Json::parse(ran.output, nullptr, /*allow_exceptions=*/false);
    return document.is_discarded() ? "no document: " + ran.output
                                   : document["metadata"]["result"].get<std::string>();
  }
  static Names names(const Ran& ran) {
    Names found;
    const Json document = Json::parse(ran.output, nullptr, /*allow_exceptions=*/false);
    EXPECT_EQ(result(ran), "ok");
    if (!document.is_discarded() && document["data"].is_object())
      for (const auto& [name, entry] : document["data"].items())
        found.insert(name);
    return found;
  }

  static inline const Names kOfAlice{"alice.example", "blog.alice.example", "static.alice.example",
                                     "xn--e1afmkfd.example"};
  CpapiWorld world_;
  CpapiClient client_;
  std::string list_;
  pid_t server_ = -1;
};

TEST_F(CpapiUsers, SeeTheirOwn) {
  EXPECT_EQ(names(as(0, "domains")).size(), 9U);
  EXPECT_EQ(names(as(CpapiWorld::kAlice, "domains")), kOfAlice);
  EXPECT_EQ(names(as(CpapiWorld::kBob, "domains")), (Names{"bob.example", "shop.bob.example"}));
  EXPECT_EQ(names(as(CpapiWorld::kRita, "domains")), (Names{"rita.example"}));
  EXPECT_EQ(names(as(CpapiWorld::kStranger, "domains")), Names{});
  EXPECT_EQ(result(as(0, "users")), "ok");
  for (const char* script : {"users", "packages", "resellers", "admins", "db_info", "php"})
    EXPECT_EQ(result(as(CpapiWorld::kAlice, script)), "PermissionDenied") << script;
  EXPECT_EQ(as(CpapiWorld::kAlice, "panel_info").output, as(0, "panel_info").output);
}
TEST_F(CpapiUsers, AreNotBelievedWhoTheySayTheyAre) {
  const std::vector<std::string> lies{"PROXYEXEC_UID=0",   "PROXYEXEC_UID=1002", "SUDO_UID=1002",
                                      "SUDO_USER=bob",     "USER=bob",           "LOGNAME=bob",
                                      "LD_PRELOAD=/tmp/x", "PYTHONPATH=/tmp",    "HOME=/home/bob"};
  for (const auto& lie : lies) {
    EXPECT_EQ(names(as(CpapiWorld::kAlice, "domains", {}, {lie})), kOfAlice) << lie;
    EXPECT_EQ(names(as(CpapiWorld::kAlice, "cpapi-domains", {}, {lie})), kOfAlice) << lie;
  }
  EXPECT_EQ(names(as(CpapiWorld::kAlice, "cpapi-domains", {}, lies)), kOfAlice);
  // Root's own run is root's, whatever a session has left in its environment.
  EXPECT_EQ(names(as(0, "domains", {}, {"SUDO_UID=1001"})).size(), 9U);
}
TEST_F(CpapiUsers, AreWhomSudoAndProxyexecStartedItFor) {
  EXPECT_EQ(names(as(0, "cpapi-domains", {}, {"SUDO_UID=1001", "SUDO_GID=1001"})), kOfAlice);
  EXPECT_EQ(names(as(0, "cpapi-domains", {}, {"PROXYEXEC_UID=1001", "PROXYEXEC_GID=1001"})),
            kOfAlice);
  EXPECT_EQ(names(as(0, "cpapi-domains", {}, {"PROXYEXEC_UID=1001"})), kOfAlice);
  EXPECT_EQ(names(as(0, "cpapi-domains", {"domains"}, {"SUDO_UID=1001"})), kOfAlice);
  EXPECT_EQ(names(as(0, "cpapi-domains", {}, {"SUDO_UID=0"})).size(), 9U);
  EXPECT_EQ(result(as(0, "cpapi-domains", {"users"}, {"SUDO_UID=0"})), "ok");
  for (const char* word : {"users", "--owner=bob", "--name=bob.example", "--name=nosuch.example"})
    EXPECT_EQ(result(as(0, "cpapi-domains", {word}, {"PROXYEXEC_UID=1001"})), "PermissionDenied")
        << word;
}
TEST_F(CpapiUsers, AreNobodyWhenItIsNotCertain) {
  for (const auto& environment :
       std::vector<std::vector<std::string>>{{},
                                             {"SUDO_UID=1001", "PROXYEXEC_UID=1001"},
                                             {"SUDO_UID=alice"},
                                             {"SUDO_UID="},
                                             {"SUDO_UID=-1"},
                                             {"SUDO_UID=4294967295"},
                                             {"SUDO_UID=1001", "SUDO_UID=0"},
                                             {"PROXYEXEC_UID=0"},
                                             {"SUDO_USER=alice", "USER=alice"}}) {
    const Ran ran = as(0, "cpapi-domains", {}, environment);
    EXPECT_EQ(result(ran), "PermissionDenied");
    EXPECT_EQ(ran.exit, 2);
  }
}
TEST_F(CpapiUsers, HaveTheirSnapshotWhileTheServerIsAway) {
  stop();
  const std::string passwd = client_.root() + "/etc/passwd";
  fs::create_directories(client_.root() + "/etc");
  spill(passwd, "root:x:0:0::/:/bin/sh\nalice:x:1001:1001::/:/bin/sh\nbob:x:1002:1002::/:/x\n",
        0644);
  const std::string below = client_.root() + "/var/lib/bulkhead/cpapi/uid/";
  for (const uid_t uid : {CpapiWorld::kAlice, CpapiWorld::kBob}) {
    const std::string directory = below + std::to_string(uid);
    fs::create_directories(directory);
    std::string text(cpapi::kDomainsBegin);
    text += "\n";
    cpapi::putSnapshotLine(text, {"of" + std::to_string(uid) + ".example", "x", "/home/x", true});
    text += "\n" + std::string(cpapi::kDomainsEnd);
    spill(directory + "/domains.json", text, 0640);
    ASSERT_EQ(::chown((directory + "/domains.json").c_str(), 0, uid), 0);
    ASSERT_EQ(::chown(directory.c_str(), 0, uid), 0);
    ASSERT_EQ(::chmod(directory.c_str(), 0750), 0);
  }
  EXPECT_EQ(names(as(CpapiWorld::kAlice, "domains")), (Names{"of1001.example"}));
  EXPECT_EQ(names(as(CpapiWorld::kBob, "domains")), (Names{"of1002.example"}));
  EXPECT_EQ(names(as(0, "cpapi-domains", {}, {"SUDO_UID=1001", "SUDO_GID=1001"})),
            (Names{"of1001.example"}));
  EXPECT_EQ(result(as(CpapiWorld::kStranger, "domains")), "InternalAPIError");
  EXPECT_EQ(result(as(CpapiWorld::kStranger, "domains", {"--owner=x"})), "InternalAPIError");
  EXPECT_EQ(names(as(CpapiWorld::kAlice, "domains", {"--owner=x"})), (Names{"of1001.example"}));
  EXPECT_EQ(result(as(CpapiWorld::kAlice, "domains", {"--owner=bob"})), "PermissionDenied");
  // The snapshot calls him x, as he was called until a moment ago.
  EXPECT_EQ(result(as(CpapiWorld::kAlice, "domains", {"--owner=alice"})), "InternalAPIError");
  EXPECT_EQ(result(as(0, "cpapi-domains", {"--owner=alice"}, {"SUDO_UID=1001"})),
            "InternalAPIError");
  spill(passwd, "root:x:0:0::/:/bin/sh\n", 0644);
  EXPECT_EQ(result(as(CpapiWorld::kAlice, "domains", {"--owner=bob"})), "InternalAPIError");
  EXPECT_EQ(result(as(CpapiWorld::kAlice, "users")), "PermissionDenied");
  EXPECT_EQ(result(as(0, "users")), "InternalAPIError");
}
TEST_F(CpapiUsers, DoNotReachThePanelThroughTheScripts) {
  const auto status = [](const std::string& socket, const std::string& request) {
    test::HttpClient client(socket);
    const auto answer = client.exchange(request);
    return answer ? answer->status : 0;
  };
  const std::string call = test::httpRequest("POST", "/cpapi/v1/users", R"({"arguments":[]})",
                                             "Content-Type: application/json\r\n");
  EXPECT_EQ(status(client_.socket(), call), 200);
  EXPECT_EQ(status(panelSocket(), call), 404);
  EXPECT_EQ(status(panelSocket(), test::httpRequest("GET", "/healthz")), 200);
  for (const char* path : {"/healthz", "/api/v1/accounts", "/api/v1/bootstrap-codes", "/"})
    EXPECT_EQ(status(client_.socket(), test::httpRequest("GET", path)), 404) << path;
}
TEST_F(CpapiUsers, CannotTakePlacesByHangingUpAtOnce) {
  const std::string socket = client_.socket();
  // Each of these leaves work behind, as fast as it can be asked for.
  const pid_t greedy = startAs(CpapiWorld::kBob, [&] {
    for (;;) {
      test::HttpClient leaving(socket);
      (void)leaving.send(test::httpRequest("POST", "/cpapi/v1/domains", R"({"arguments":[]})",
                                           "Content-Type: application/json\r\n"),
                         std::chrono::milliseconds(100));
    }
  });
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(result(as(CpapiWorld::kAlice, "panel_info")), "ok") << i;
    EXPECT_EQ(result(as(0, "panel_info")), "ok") << i;
  }
  endChild(greedy);
}

TEST_F(CpapiUsers, CannotTakeEachOthersPlaces) {
  // One user holds every place that he can get, and a few more.
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe(ready), 0);
  const std::string socket = client_.socket();
  const pid_t greedy = startAs(CpapiWorld::kBob, [&] {
    std::vector<std::unique_ptr<test::HttpClient>> held;
    for (std::size_t i = 0; i < api::kScriptConnectionsOfUserMax + 8; ++i)
      held.push_back(std::make_unique<test::HttpClient>(socket));
    std::size_t refused = 0;
    // Those that came in wait for a request; the others were told at once.
    for (std::size_t i = api::kScriptConnectionsOfUserMax; i < held.size(); ++i) {
      const auto answer = held[i]->receive(std::chrono::milliseconds(500));
      if (answer && answer->status == 503) ++refused;
    }
    const char told = static_cast<char>('0' + refused);
    (void)!::write(ready[1], &told, 1);
    ::pause();
  });
  char told = 0;
  ASSERT_EQ(::read(ready[0], &told, 1), 1);
  EXPECT_EQ(told, '8');
  EXPECT_EQ(result(as(CpapiWorld::kBob, "panel_info")), "InternalAPIError");
  EXPECT_EQ(names(as(CpapiWorld::kAlice, "domains")), kOfAlice);
  EXPECT_EQ(names(as(0, "domains")).size(), 9U);
  endChild(greedy);
  EXPECT_EQ(result(as(CpapiWorld::kBob, "panel_info")), "ok");
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace bulkhead::testing
