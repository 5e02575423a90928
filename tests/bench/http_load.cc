// bench_http_load SOCKET CONNECTIONS SECONDS REQUEST-FILE: one thread keeps one request under way
// on each of CONNECTIONS kept-alive connections, and counts the answers. The file's requests, none
// of which has a body, are sent in turn. Any answer but 200, and
// any connection that the server closes, ends it with an error: a fast refusal is no throughput.
#include <sys/epoll.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/measure.h"

namespace bulkhead::bench {
namespace {

constexpr int kEventsMax = 64;
constexpr std::size_t kAnswerBytesMax = 16384;

struct Client {
  int fd = -1;
  std::string in;
  Clock::time_point begun;
};

void send(Client& client, const std::string& request) {
  client.begun = Clock::now();
  const ssize_t put = ::send(client.fd, request.data(), request.size(), MSG_NOSIGNAL);
  if (put != static_cast<ssize_t>(request.size())) throw std::runtime_error("short send");
}

// Whether `in` is one whole answer.
bool complete(const std::string& in) {
  const std::size_t head = in.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  if (in.compare(0, 12, "HTTP/1.1 200") != 0)
    throw std::runtime_error("not the answer that is wanted: " + in.substr(0, 400));
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t length = in.find(kLength);
  if (length > head) throw std::runtime_error("an answer without a length");
  const auto body = std::strtoul(in.c_str() + length + kLength.size(), nullptr, 10);
  if (in.size() > head + 4 + body) throw std::runtime_error("more than one answer");
  return in.size() == head + 4 + body;
}

void receive(Client& client) {
  std::array<char, kAnswerBytesMax> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t got = ::recv(client.fd, buffer.data(), buffer.size(), 0);
  if (got <= 0) throw std::runtime_error("the server closed a connection");
  client.in.append(buffer.data(), static_cast<std::size_t>(got));
}

// The requests of the file, again and again.
class Requests {
 public:
  explicit Requests(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string all = text.str();
    constexpr std::string_view kEnd = "\r\n\r\n";
    for (std::size_t from = 0; from < all.size();) {
      const std::size_t end = all.find(kEnd, from);
      if (end == std::string::npos) throw std::runtime_error("half a request");
      requests_.push_back(all.substr(from, end + kEnd.size() - from));
      from = end + kEnd.size();
    }
    if (requests_.empty()) throw std::runtime_error("no request");
  }
  const std::string& next() { return requests_[next_++ % requests_.size()]; }

 private:
  std::vector<std::string> requests_;
  std::size_t next_ = 0;
};

void run(const char* socket, std::size_t connections, double seconds, Requests requests) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Client> clients(connections);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].fd = connectTo(socket);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    if (::epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &event) != 0)
      throw std::runtime_error("epoll_ctl");
  }
  Tally tally(seconds);
  for (Client& client : clients)
    send(client, requests.next());
  std::array<epoll_event, kEventsMax> events{};
  for (;;) {
    const int ready = ::epoll_wait(poll, events.data(), kEventsMax, 5000);
    if (ready == 0) throw std::runtime_error("no answer within five seconds");
    for (int i = 0; i < ready; ++i) {
      Client& client = clients[events[static_cast<std::size_t>(i)].data.u64];
      receive(client);
      if (!complete(client.in)) continue;
      client.in.clear();
      if (!tally.add(client.begun)) return tally.print();
      send(client, requests.next());
    }
  }
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    bulkhead::bench::run(argv[1], std::strtoul(argv[2], nullptr, 10), std::strtod(argv[3], nullptr),
                         bulkhead::bench::Requests(argv[4]));
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "bench_http_load: %s\n", fault.what());
    return 1;
  }
  return 0;
}
