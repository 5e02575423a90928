// ApiDaemon: the installed program as it runs on a server, under its own list of system calls.
#pragma once
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/json.h"
#include "tests/paths.h"
#include "tests/support/http_client.h"

#include <nlohmann/json.hpp>

namespace bulkhead::test {

namespace fs = std::filesystem;

class ApiDaemon : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::geteuid(), 0U) << "run the sandbox suite as root";
    std::string name = "/tmp/bulkhead-daemon-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    // A copy of ours: the program takes root's files only, and a checkout may belong to somebody
    // else.
    list_ = directory_ + "/api.list";
    fs::copy_file(std::string(BULKHEAD_SOURCE_DIR) + "/policy/seccomp/api.list", list_);
    fs::permissions(list_, fs::perms(0644));
  }
  void TearDown() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  std::string socket() const { return directory_ + "/api.sock"; }

  void start(const std::string& list, const std::vector<std::string>& more = {}) {
    const std::string program = std::string(BULKHEAD_BINARY_DIR) + "/bulkhead-api";
    const std::string path = socket();
    const std::string agent = directory_ + "/agent.sock";
    std::vector<const char*> arguments{program.c_str(),  "--socket",         path.c_str(),
                                       "--state",        directory_.c_str(), "--agent-socket",
                                       agent.c_str(),    "--gateway-user",   "nobody",
                                       "--seccomp-list", list.c_str()};
    for (const auto& argument : more)
      arguments.push_back(argument.c_str());
    arguments.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      ::execv(program.c_str(), const_cast<char**>(arguments.data()));
      ::_exit(127);
    }
    ASSERT_GT(child_, 0);
  }
  bool comesUp() {
    for (int i = 0; i < 200; ++i) {
      if (HttpClient(socket()).connected()) {
        const auto alive = HttpClient(socket()).exchange(httpRequest("GET", "/healthz"));
        if (alive && alive->status == 200) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  int end(int signal) {
    int status = 0;
    if (signal != 0) ::kill(child_, signal);
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    child_ = -1;
    return status;
  }
  Json ask(std::string_view method,
           std::string_view target,
           int status,
           std::string_view body = "",
           const std::string& lines = "") {
    HttpClient client(socket());
    const auto answer = client.exchange(httpRequest(
        method, target, body, lines + (body.empty() ? "" : "Content-Type: application/json\r\n")));
    EXPECT_TRUE(answer.has_value()) << target;
    if (!answer) return Json::object();
    EXPECT_EQ(answer->status, status) << target << " " << answer->body;
    return answer->body.empty() ? Json::object()
                                : Json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  }

  std::string directory_;
  std::string list_;
  pid_t child_ = -1;
};

}  // namespace bulkhead::test
