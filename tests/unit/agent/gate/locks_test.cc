#include "agent/gate/locks.h"

#include <memory>

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

class Locks : public ::testing::Test {
 protected:
  using Held = kj::Promise<LockManager::Holds>;
  // Held by pointer: their destructors may throw, a fixture's must not.
  std::unique_ptr<kj::EventLoop> loop_ = std::make_unique<kj::EventLoop>();
  std::unique_ptr<kj::WaitScope> scope_ = std::make_unique<kj::WaitScope>(*loop_);
  LockManager locks_;
};

TEST_F(Locks, OneAccountOneHolder) {
  auto first = locks_.take("alice", {}).wait(*scope_);
  auto second = locks_.take("alice", {});
  EXPECT_FALSE(second.poll(*scope_));
  first.clear();
  EXPECT_TRUE(second.poll(*scope_));
}

TEST_F(Locks, DifferentAccountsDoNotWait) {
  auto first = locks_.take("alice", {}).wait(*scope_);
  auto second = locks_.take("bob", {});
  EXPECT_TRUE(second.poll(*scope_));
}

TEST_F(Locks, DifferentAccountsWaitForTheSameService) {
  auto first = locks_.take("alice", {Service::kPasswd, Service::kSystemd}).wait(*scope_);
  auto second = locks_.take("bob", {Service::kSystemd});
  auto third = locks_.take("carol", {Service::kFirewall});
  EXPECT_FALSE(second.poll(*scope_));
  EXPECT_TRUE(third.poll(*scope_));
  first.clear();
  EXPECT_TRUE(second.poll(*scope_));
}

TEST_F(Locks, ServesFirstComeFirst) {
  auto holder = locks_.take("alice", {}).wait(*scope_);
  auto first = locks_.take("alice", {});
  auto second = locks_.take("alice", {});
  holder.clear();
  EXPECT_TRUE(first.poll(*scope_));
  EXPECT_FALSE(second.poll(*scope_));
  { auto done = first.wait(*scope_); }
  EXPECT_TRUE(second.poll(*scope_));
}

TEST_F(Locks, LetsThoseGoAheadWhoMay) {
  auto holder = locks_.take("alice", {Service::kPasswd}).wait(*scope_);
  auto first = locks_.take("bob", {Service::kPasswd});
  auto second = locks_.take("carol", {Service::kPasswd});
  auto urgent = locks_.take("dave", {Service::kPasswd}, Turn::kAhead);
  auto alsoUrgent = locks_.take("erin", {Service::kPasswd}, Turn::kAhead);
  EXPECT_FALSE(urgent.poll(*scope_)) << "not before who has it";
  holder.clear();
  EXPECT_FALSE(first.poll(*scope_));
  EXPECT_FALSE(alsoUrgent.poll(*scope_)) << "in order among themselves";
  { auto done = urgent.wait(*scope_); }
  EXPECT_FALSE(first.poll(*scope_));
  { auto done = alsoUrgent.wait(*scope_); }
  { auto done = first.wait(*scope_); }
  EXPECT_TRUE(second.poll(*scope_));
}

TEST_F(Locks, AWaiterThatGivesUpIsPassedOver) {
  auto holder = locks_.take("alice", {}).wait(*scope_);
  auto second = locks_.take("alice", {});
  {
    auto gaveUp = locks_.take("alice", {});
    EXPECT_FALSE(gaveUp.poll(*scope_));
  }
  holder.clear();
  EXPECT_TRUE(second.poll(*scope_));
}

TEST_F(Locks, AWaiterThatIsDroppedAfterItsTurnReleases) {
  auto holder = locks_.take("alice", {}).wait(*scope_);
  {
    auto dropped = locks_.take("alice", {});
    holder.clear();
    EXPECT_TRUE(dropped.poll(*scope_));
  }
  auto next = locks_.take("alice", {});
  EXPECT_TRUE(next.poll(*scope_));
}

TEST_F(Locks, ForgetsNamesThatNobodyHolds) {
  for (int i = 0; i < 2000; ++i)
    auto hold = locks_.take("a" + std::to_string(i), {}).wait(*scope_);
  auto kept = locks_.take("alice", {}).wait(*scope_);
  for (int i = 0; i < 2000; ++i)
    auto hold = locks_.take("b" + std::to_string(i), {}).wait(*scope_);
  auto second = locks_.take("alice", {});
  EXPECT_FALSE(second.poll(*scope_)) << "a held lock is never forgotten";
}

TEST(Services, HaveOneNameEach) {
  for (const char* name : {"passwd", "systemd", "firewall", "nginx", "cloudlinux"})
    EXPECT_EQ(serviceName(*serviceFromName(name)), name);
  EXPECT_FALSE(serviceFromName("mail").has_value());
}

}  // namespace
}  // namespace bulkhead::agent
