// Lets a program that links a TCP server listen on a Unix socket.
#pragma once

namespace bulkhead::bench {

// From now on every listen() of this process listens there. Before any thread is started.
void listenOnUnixSocketInstead(const char* path);

}  // namespace bulkhead::bench
