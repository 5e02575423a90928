// The real client before the real server, or before something that only looks like it.
#pragma once
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/cpapi_client.h"
#include "tests/support/cpapi_schema.h"
#include "tests/support/cpapi_world.h"

#include <nlohmann/json.hpp>

namespace bulkhead::testing {

class CpapiClientScene : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.fill();
    // The tests' own user is who may see everything.
    scripts_ =
        std::make_unique<api::Scripts>(world_.store(), world_.admins, catalogue_, world_.tokens(),
                                       api::Scripts::Options{::getuid(), world_.directory()});
    serve();
  }
  void serve() { server_ = std::make_unique<CpapiServer>(client_.socket(), *scripts_); }

  static void expectResult(const Ran& ran, const std::string& result, int exit) {
    EXPECT_EQ(ran.exit, exit) << ran.output << " signal " << ran.signal;
    const Json document = Json::parse(ran.output, nullptr, /*allow_exceptions=*/false);
    ASSERT_FALSE(document.is_discarded()) << "[" << ran.output << "]";
    EXPECT_EQ(document["metadata"]["result"], result) << ran.output;
    EXPECT_EQ(result == "ok" ? "" : schemaFault("error", ran.output), "");
  }
  // A listening socket behind which something else than our server is.
  Fd impostor(int backlog = 16) const {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = client_.socket();
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd.get(), backlog), 0);
    return fd;
  }
  // Answers every client with these bytes and hangs up, until the test ends.
  std::thread answering(const Fd& listening, std::string bytes) {
    return std::thread([this, fd = listening.get(), bytes = std::move(bytes)] {
      while (!ending_) {
        const Fd peer(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
        if (!peer) return;
        char request[4096];
        (void)!::recv(peer.get(), request, sizeof request, 0);
        (void)::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      }
    });
  }
  void end(Fd& listening, std::thread& thread) {
    ending_ = true;
    (void)::shutdown(listening.get(), SHUT_RDWR);
    thread.join();
  }

  CpapiWorld world_;
  test::ManualClock clock_;
  api::CachedPhp catalogue_{[this]() -> Result<api::PhpVersions> { return world_.php(); }, clock_};
  std::unique_ptr<api::Scripts> scripts_;
  CpapiClient client_;
  std::unique_ptr<CpapiServer> server_;
  std::atomic<bool> ending_{false};
};

}  // namespace bulkhead::testing
