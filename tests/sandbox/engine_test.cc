// An engine is the tenant's process: it may lie, hang, redirect and answer without end.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/real_host.h"
#include "agent/registry/registry.h"
#include "common/os/fd.h"
#include "common/os/peer.h"
#include "tests/support/root.h"

namespace bulkhead::agent {
namespace {

using ::testing::HasSubstr;
using testing::RootDirectory;
using ::testing::StartsWith;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A server on a Unix socket: one thread, one request a connection.
class Server {
 public:
  using Handler = std::function<void(int connection, const std::string& request)>;

  Server(const std::string& path, Handler handler)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), handler_(std::move(handler)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 8) != 0)
      throw std::runtime_error("no socket at " + path);
    thread_ = std::thread([this] { serve(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    stop_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  uid_t peerUid() const { return peerUid_; }
  std::string last() const { return last_; }

  static void say(int connection, const std::string& text) {
    (void)!::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
  }
  static void answer(int connection, const std::string& body, const char* status = "200 OK") {
    say(connection, std::string("HTTP/1.1 ") + status +
                        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

 private:
  void serve() {
    while (!stop_) {
      const Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) continue;
      peerUid_ = os::peerOf(connection.get()).value().uid;
      const auto request = receive(connection.get());
      last_ = request;
      handler_(connection.get(), request);
    }
  }
  static std::string receive(int connection) {
    std::string request;
    char chunk[65536];
    while (true) {
      const auto head = request.find("\r\n\r\n");
      if (head != std::string::npos) {
        const auto at = request.find("Content-Length: ");
        const auto length = at == std::string::npos || at > head
                                ? 0
                                : std::strtoul(request.c_str() + at + 16, nullptr, 10);
        if (request.size() >= head + 4 + length) return request;
      }
      const auto size = ::recv(connection, chunk, sizeof chunk, 0);
      if (size <= 0) return request;
      request.append(chunk, static_cast<std::size_t>(size));
    }
  }

  Fd listener_;
  Handler handler_;
  std::atomic<bool> stop_ = false;
  std::atomic<uid_t> peerUid_ = 0;
  std::string last_;
  std::thread thread_;
};

class Engine : public ::testing::Test {
 protected:
  void SetUp() override {
    directory = root / ("engines/" + std::to_string(who.uid));
    fs::create_directories(directory);
  }
  // The socket belongs to the tenant and to nobody else.
  std::unique_ptr<Server> serve(Server::Handler handler) {
    auto server = std::make_unique<Server>(directory + "/docker.sock", std::move(handler));
    if (::chown((directory + "/docker.sock").c_str(), who.uid, who.gid) != 0 ||
        ::chmod((directory + "/docker.sock").c_str(), 0600) != 0)
      throw std::runtime_error("chown");
    return server;
  }

  RootDirectory root;
  std::string directory;
  const uid_t uid = kUidFirst + static_cast<uid_t>(::getpid()) % 40000U;
  const Identity who{"tenant", uid, uid, "/home/tenant", 0, 0};
  RealHost host{RealHost::Paths{.accountLock = root / "a",
                                .nginxLock = root / "b",
                                .databaseUsersLock = root / "c",
                                .engines = root / "engines",
                                .sites = root / "sites"}};
};

TEST_F(Engine, IsAskedAsTheAccount) {
  const auto server = serve(
      [](int connection, const std::string&) { Server::answer(connection, R"({"Version":"x"})"); });
  const auto reply = host.engineQuery(who, "/v1.41/version?a=b");
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, R"({"Version":"x"})");
  EXPECT_EQ(server->peerUid(), who.uid);
  EXPECT_THAT(server->last(), StartsWith("GET /v1.41/version?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(server->last(), HasSubstr("Host: docker\r\n"));
  EXPECT_GT(host.externalMicros(), 0U);
}

TEST_F(Engine, GetsJsonBodiesAndDeletions) {
  const auto server = serve(
      [](int connection, const std::string&) { Server::answer(connection, "", "204 No Content"); });
  EXPECT_EQ(host.engine(who, {"POST", "/networks/create", R"({"Name":"www"})", ""})->status, 204);
  EXPECT_THAT(server->last(), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(server->last(), ::testing::EndsWith(R"({"Name":"www"})"));
  EXPECT_EQ(host.engine(who, {"POST", "/containers/x/start", "", ""})->status, 204);
  EXPECT_THAT(server->last(), HasSubstr("Content-Length: 0\r\n"));
  EXPECT_EQ(host.engine(who, {"DELETE", "/containers/x?force=1", "", ""})->status, 204);
  EXPECT_THAT(server->last(), StartsWith("DELETE /containers/x?force=1 "));
}

TEST_F(Engine, GetsAnArchiveThatOnlyRootCanRead) {
  std::string archive(3U << 20U, 'a');
  archive += "end";
  testing::spill(root / "web.tar", archive, 0600);
  const auto server =
      serve([](int connection, const std::string&) { Server::answer(connection, "{}"); });
  const auto reply = host.engine(who, {"POST", "/images/load", "", root / "web.tar"});
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_THAT(server->last(), HasSubstr("Content-Type: application/x-tar\r\n"));
  EXPECT_EQ(server->last().substr(server->last().find("\r\n\r\n") + 4), archive);
  ASSERT_EQ(::chown((root / "web.tar").c_str(), who.uid, who.gid), 0);
  EXPECT_EQ(host.engine(who, {"POST", "/images/load", "", root / "web.tar"}).error().code,
            Code::kPermissionDenied)
      << "an archive that the tenant can change";
  EXPECT_EQ(host.engine(who, {"POST", "/images/load", "", root / "none"}).error().code,
            Code::kNotFound);
}

TEST_F(Engine, ThatDoesNotRunIsUnavailable) {
  EXPECT_EQ(host.engineQuery(who, "/version").error().code, Code::kUnavailable);
}

TEST_F(Engine, ThatHangsMeetsTheTimeLimit) {
  std::atomic<bool> over = false;
  const auto server = serve([&over](int, const std::string&) {
    while (!over)
      std::this_thread::sleep_for(5ms);
  });
  EngineRequest request{"GET", "/version", "", ""};
  request.timeLimit = 200ms;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(host.engine(who, request).error().code, Code::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
  over = true;
}

TEST_F(Engine, ThatAnswersWithoutEndIsCutOff) {
  const auto server = serve([](int connection, const std::string&) {
    Server::say(connection, "HTTP/1.1 200 OK\r\n\r\n");
    const std::string flood(1U << 20U, 'x');
    while (::send(connection, flood.data(), flood.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  EXPECT_EQ(host.engineQuery(who, "/logs").error().code, Code::kLimitExceeded);
}

TEST_F(Engine, CannotSendTheAgentElsewhere) {
  const auto server = serve([](int connection, const std::string&) {
    Server::say(connection,
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_EQ(host.engineQuery(who, "/version")->status, 302);
}

TEST_F(Engine, ThatSpeaksNoHttpIsUnavailable) {
  for (const char* nonsense :
       {"", "hello\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 000 No\r\n\r\n"}) {
    const auto server = serve(
        [nonsense](int connection, const std::string&) { Server::say(connection, nonsense); });
    EXPECT_EQ(host.engineQuery(who, "/version").error().code, Code::kUnavailable) << nonsense;
    fs::remove(directory + "/docker.sock");
  }
}

TEST_F(Engine, CannotBeALinkToASocketOfRoot) {
  const Server roots(root / "roots.sock", [](int connection, const std::string&) {
    Server::answer(connection, "root's");
  });
  ASSERT_EQ(::chmod((root / "roots.sock").c_str(), 0600), 0);
  fs::create_symlink(root / "roots.sock", directory + "/docker.sock");
  EXPECT_EQ(host.engineQuery(who, "/version").error().code, Code::kUnavailable);
}

TEST_F(Engine, GetsNoRequestThatCouldBeTwo) {
  const auto server =
      serve([](int connection, const std::string&) { Server::answer(connection, "x"); });
  for (const char* path : {"version", "", "/a b", "/a\r\nX: y", "/a\n", "/\xc3\xbc"})
    EXPECT_EQ(host.engineQuery(who, path).error().code, Code::kInternal) << path;
  EXPECT_EQ(server->last(), "");
}

TEST_F(Engine, ProbesAskWithTheHostNameAndCutALongPage) {
  const Server site(root / "site.sock", [](int connection, const std::string&) {
    Server::answer(connection, std::string(5U << 20U, 'p'));
  });
  Probe probe;
  probe.socketPath = root / "site.sock";
  probe.hostHeader = "site.test";
  const auto reply = host.probe(probe);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body.size(), kReplyBytesMax);
  EXPECT_THAT(site.last(), HasSubstr("Host: site.test\r\n"));
}

}  // namespace
}  // namespace bulkhead::agent
