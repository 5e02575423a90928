// CuttingProxy: stands between a client and a server on Unix sockets, and can cut a connection off
// at its COMMIT: before the server hears it, or after it has done it and before the client knows.
#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/os/fd.h"

namespace bulkhead::testing {

class CuttingProxy {
 public:
  enum class Cut { kNone, kBefore, kAfter };
  CuttingProxy(std::string path, std::string server)
      : path_(std::move(path)), server_(std::move(server)) {
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un place = address(path_);
    (void)::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place);
    (void)::listen(listener_.get(), 16);
    accepting_ = std::thread([this] { accept(); });
  }
  ~CuttingProxy() {
    ending_ = true;
    accepting_.join();
    for (auto& thread : serving_)
      thread.join();
  }
  std::atomic<Cut> cut = Cut::kNone;  // of the next COMMIT
  const std::string& path() const { return path_; }

 private:
  static constexpr int kTickMs = 20;

  static sockaddr_un address(const std::string& path) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    std::strncpy(place.sun_path, path.c_str(), sizeof place.sun_path - 1);
    return place;
  }
  void accept() {
    while (!ending_) {
      pollfd ready{listener_.get(), POLLIN, 0};
      if (::poll(&ready, 1, kTickMs) != 1) continue;
      Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      Fd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const sockaddr_un place = address(server_);
      if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
        continue;
      serving_.emplace_back([this, c = std::move(client), s = std::move(server)]() mutable {
        pass(std::move(c), std::move(s));
      });
    }
  }
  void pass(Fd client, Fd server) {
    bool swallow = false;
    std::array<char, 65536> buffer{};
    while (!ending_) {
      std::array<pollfd, 2> both{pollfd{client.get(), POLLIN, 0}, pollfd{server.get(), POLLIN, 0}};
      if (::poll(both.data(), both.size(), kTickMs) <= 0) continue;
      if (both[0].revents != 0) {
        const ssize_t size = ::read(client.get(), buffer.data(), buffer.size());
        if (size <= 0) return;
        const std::string_view sent(buffer.data(), static_cast<std::size_t>(size));
        if (sent.find("COMMIT") != std::string_view::npos) {
          const Cut now = cut.exchange(Cut::kNone);
          if (now == Cut::kBefore) return;
          swallow = now == Cut::kAfter;
        }
        (void)::write(server.get(), buffer.data(), sent.size());
      }
      if (both[1].revents != 0) {
        const ssize_t size = ::read(server.get(), buffer.data(), buffer.size());
        if (size <= 0 || swallow) return;
        (void)::write(client.get(), buffer.data(), static_cast<std::size_t>(size));
      }
    }
  }

  const std::string path_;
  const std::string server_;
  std::atomic<bool> ending_ = false;
  Fd listener_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

}  // namespace bulkhead::testing
