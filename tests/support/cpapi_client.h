// Runs the client of the scripts as its callers do, in a directory of its own, against a server in
// the test.
#pragma once
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/router.h"
#include "api/http/routes/routes.h"
#include "api/http/server.h"
#include "tests/paths.h"
#include "tests/support/store_kinds.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::testing {

// Nobody needs a token for the scripts.
class NoTokens final : public api::Authenticator {
 public:
  Result<api::Principal> authenticate(std::string_view) override {
    return Error{Code::kUnauthenticated, "no", ""};
  }
  std::optional<api::Kept> keepOut(const api::Principal&, const std::string&) override {
    return std::nullopt;
  }
};

// The socket of the scripts, served as in the real program.
class CpapiServer {
 public:
  CpapiServer(const std::string& path, api::CpapiScripts& scripts, std::size_t perUser = 0) {
    auto table = api::makeRouteTable(api::Services{nullptr, nullptr, nullptr, nullptr, &scripts});
    router_ =
        std::make_unique<api::Router>(std::move(table).value(), tokens_, borders_, repeats_,
                                      api::PeerPolicy{}, [](std::string_view, std::string_view) {});
    std::vector<api::Listener> listeners;
    api::Listener listener;
    listener.name = std::string(api::kCpapiListener);
    listener.socket = api::listenOnUnixSocket(path, 0666).value();
    listener.admits = [](const api::Peer&) { return true; };
    listener.connectionsMax = api::kScriptConnectionsMax;
    listener.connectionsOfUserMax = perUser;
    listeners.push_back(std::move(listener));
    api::ServerOptions options;
    options.laneOf = [](const api::HttpRequest&) { return api::Lane::kScript; };
    server_ = std::make_unique<api::Server>(
        std::move(listeners),
        [this](const api::HttpRequest& request) { return router_->handle(request); }, options);
    server_->start();
  }

 private:
  NoTokens tokens_;
  SystemClock clock_;
  SqliteUnderTest store_;
  api::Repeats repeats_{store_.store(), clock_};
  api::StoreBorders borders_{store_.store()};
  std::unique_ptr<api::Router> router_;
  std::unique_ptr<api::Server> server_;
};

struct Ran {
  std::string output;
  int exit = -1;  // -1: ended by a signal
  int signal = 0;
};

class CpapiClient {
 public:
  CpapiClient() {
    namespace fs = std::filesystem;
    fs::create_directories(root() + "/opt/cpvendor/run");
    fs::create_directories(root() + "/bin");
    fs::copy_file(std::string(BULKHEAD_BINARY_DIR) + "/tests/cpapi_test_client",
                  root() + "/bin/cpapi");
    for (const char* name :
         {"panel_info", "db_info", "packages", "users", "domains", "resellers", "admins", "php",
          "cpapi-ui-user-info", "cpapi-domains", "domains-elevated"})
      fs::create_symlink("cpapi", root() + "/bin/" + name);
    (void)::chmod(root().c_str(), 0755);  // ignoring: without it callers of other ids would fail
  }
  const std::string& root() const { return directory_.path(); }
  std::string socket() const { return root() + "/opt/cpvendor/run/cpapi.sock"; }

  struct How {
    std::vector<std::string> environment = {};
    std::function<void()> before = {};  // in the child, just before the program starts
    bool readAll = true;                // else one byte only
  };
  Ran run(const std::string& name, const std::vector<std::string>& words, const How& how) const {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    // All that takes memory comes before the fork: another thread may hold the allocator's lock.
    const std::string directory = root();
    const std::string program = directory + "/bin/cpapi";
    std::vector<std::string> line{name};
    line.insert(line.end(), words.begin(), words.end());
    const auto arguments = pointersTo(line);
    const auto environment = pointersTo(how.environment);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::chdir(directory.c_str()) != 0 || ::dup2(ends[1], STDOUT_FILENO) < 0) ::_exit(126);
      if (how.before) how.before();
      ::execve(program.c_str(), arguments.data(), environment.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    Ran ran;
    char buffer[65536];
    ssize_t got = 0;
    while ((got = ::read(ends[0], buffer, how.readAll ? sizeof buffer : 1)) > 0) {
      ran.output.append(buffer, static_cast<std::size_t>(got));
      if (!how.readAll) break;
    }
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
    }
    if (WIFEXITED(status)) ran.exit = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ran.signal = WTERMSIG(status);
    return ran;
  }
  Ran run(const std::string& name, const std::vector<std::string>& words = {}) const {
    return run(name, words, How{});
  }

 private:
  static std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts)
      all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
  }

  TempDir directory_;
};

}  // namespace bulkhead::testing
