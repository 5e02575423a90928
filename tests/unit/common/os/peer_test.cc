#include "common/os/peer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "common/os/fd.h"

namespace bulkhead::os {
namespace {

TEST(PeerOf, SaysWhoConnected) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd one(ends[0]);
  const Fd two(ends[1]);
  const auto peer = peerOf(one.get());
  ASSERT_TRUE(peer.ok());
  EXPECT_EQ(peer->uid, ::geteuid());
  EXPECT_EQ(peer->gid, ::getegid());
  EXPECT_EQ(peer->pid, ::getpid());
}

TEST(PeerOf, RefusesASocketThatHasNoPeer) {
  const Fd unconnected(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_FALSE(peerOf(unconnected.get()).ok());
  EXPECT_FALSE(peerOf(-1).ok());
  const Fd network(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_FALSE(peerOf(network.get()).ok());
}

}  // namespace
}  // namespace bulkhead::os
