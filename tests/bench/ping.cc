// bench_ping serve SOCKET ANSWER-BYTES | call SOCKET SECONDS CALL-BYTES ANSWER-BYTES: the least
// that a question and an answer over a Unix socket can cost: blocking reads and writes, and nothing
// else.
#include <cstdlib>
#include <exception>

#include "tests/bench/measure.h"

namespace bulkhead::bench {
namespace {

constexpr std::size_t kBytesMax = 65536;

std::size_t sizeFrom(const char* text) {
  const auto size = std::strtoul(text, nullptr, 10);
  if (size == 0 || size > kBytesMax) throw std::runtime_error("bad size");
  return size;
}

bool readAll(int fd, char* buffer, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(fd, buffer, size);
    if (got <= 0) return false;
    buffer += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void serve(const char* path, std::size_t answerBytes) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(static_cast<char*>(address.sun_path), path, sizeof address.sun_path - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 8) != 0)
    throw std::runtime_error("cannot listen");
  const std::string answer(answerBytes, 'a');
  std::vector<char> buffer(kBytesMax);
  for (;;) {  // one client after the other
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    while (::read(client, buffer.data(), buffer.size()) > 0 &&
           ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) > 0) {
    }
    (void)::close(client);
  }
}

void call(const char* path, double seconds, std::size_t callBytes, std::size_t answerBytes) {
  const int fd = connectTo(path);
  const std::string question(callBytes, 'q');
  std::vector<char> answer(answerBytes);
  Tally tally(seconds);
  for (;;) {
    const auto begun = Clock::now();
    if (::send(fd, question.data(), question.size(), MSG_NOSIGNAL) < 0 ||
        !readAll(fd, answer.data(), answer.size()))
      throw std::runtime_error("the other side is gone");
    if (!tally.add(begun)) return tally.print();
  }
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
  try {
    using namespace bulkhead::bench;
    const std::string task = argc > 1 ? argv[1] : "";
    if (task == "serve" && argc == 4)
      serve(argv[2], sizeFrom(argv[3]));
    else if (task == "call" && argc == 6)
      call(argv[2], std::strtod(argv[3], nullptr), sizeFrom(argv[4]), sizeFrom(argv[5]));
    else
      return 2;
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "bench_ping: %s\n", fault.what());
    return 1;
  }
  return 0;
}
