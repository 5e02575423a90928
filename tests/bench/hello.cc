// bench_hello SOCKET THREADS: the stock library's endpoint and router answering "hello", as its
// documentation shows it. The baseline that the REST server is measured against.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <pistache/endpoint.h>
#include <pistache/router.h>

#include "tests/bench/unix_listener.h"

namespace {

void hello(const Pistache::Rest::Request&, Pistache::Http::ResponseWriter response) {
  response.send(Pistache::Http::Code::Ok, "hello");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    bulkhead::bench::listenOnUnixSocketInstead(argv[1]);
    Pistache::Rest::Router router;
    Pistache::Rest::Routes::Get(router, "/hello", Pistache::Rest::Routes::bind(&hello));
    Pistache::Http::Endpoint server(
        Pistache::Address(Pistache::Ipv4::loopback(), Pistache::Port(0)));
    server.init(Pistache::Http::Endpoint::options().threads(std::atoi(argv[2])));
    server.setHandler(router.handler());
    server.serve();
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "bench_hello: %s\n", fault.what());
    return 1;
  }
  return 0;
}
