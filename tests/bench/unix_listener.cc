// Gives the stock library, which knows TCP only, a Unix socket: the two calls that differ are
// answered here instead of by libc, and nothing of the library is changed. Both servers of the
// comparison then use the same kind of socket.
#include "tests/bench/unix_listener.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace {

sockaddr_un* wanted() {
  static sockaddr_un address{};
  return &address;
}

}  // namespace

namespace bulkhead::bench {

void listenOnUnixSocketInstead(const char* path) {
  sockaddr_un* address = wanted();
  address->sun_family = AF_UNIX;
  std::strncpy(static_cast<char*>(address->sun_path), path, sizeof address->sun_path - 1);
}

}  // namespace bulkhead::bench

extern "C" {

// The library has bound a TCP socket of its own; its descriptor becomes the Unix socket.
int listen(int fd, int backlog) {
  using Listen = int (*)(int, int);
  static const auto kReal = reinterpret_cast<Listen>(::dlsym(RTLD_NEXT, "listen"));
  const int unixFd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (unixFd < 0) return -1;
  (void)::unlink(static_cast<const char*>(wanted()->sun_path));
  if (::bind(unixFd, reinterpret_cast<const sockaddr*>(wanted()), sizeof *wanted()) != 0 ||
      ::dup3(unixFd, fd, O_CLOEXEC) < 0) {
    (void)::close(unixFd);
    return -1;
  }
  (void)::close(unixFd);
  return kReal(fd, backlog);
}

// The library refuses a peer whose address is none of IP.
int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  using Accept = int (*)(int, sockaddr*, socklen_t*, int);
  static const auto kReal = reinterpret_cast<Accept>(::dlsym(RTLD_NEXT, "accept4"));
  const int client = kReal(fd, nullptr, nullptr, flags);
  if (client < 0 || address == nullptr || size == nullptr) return client;
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (*size >= sizeof loopback) std::memcpy(address, &loopback, sizeof loopback);
  *size = sizeof loopback;
  return client;
}
}
