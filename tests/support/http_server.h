// HttpTestServer: a Server on a Unix socket in a directory of its own, for tests.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "api/http/server.h"

namespace bulkhead::test {

class HttpTestServer {
 public:
  explicit HttpTestServer(
      api::Handler handler,
      api::ServerOptions options = {},
      std::function<bool(const api::Peer&)> admits = api::admitUids({::getuid()}))
      : directory_(makeDirectory()) {
    std::vector<api::Listener> listeners;
    listeners.push_back({"test", api::listenOnUnixSocket(path(), 0600).value(), std::move(admits)});
    server_ =
        std::make_unique<api::Server>(std::move(listeners), std::move(handler), std::move(options));
    server_->start();
  }
  HttpTestServer(const HttpTestServer&) = delete;
  HttpTestServer& operator=(const HttpTestServer&) = delete;
  ~HttpTestServer() {
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string path() const { return directory_ + "/socket"; }
  api::Server& server() { return *server_; }

 private:
  static std::string makeDirectory() {
    std::string name = "/tmp/bulkhead-http-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    return name;
  }

  std::string directory_;
  std::unique_ptr<api::Server> server_;
};

}  // namespace bulkhead::test
