#include "agent/gate/reply.h"

#include <algorithm>

#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include "agent/worker/worker.h"
#include "common/rpc/agent.capnp.h"

namespace bulkhead::agent {
namespace {

class WorkerReply : public ::testing::Test {
 protected:
  WorkerReply() {
    OpEntry create{"accountCreate", {}, {}};
    auto table = OperationTable::build({create}, Coverage::kSome);
    table_ = std::move(*table);
    operation_ = table_.findByMethod("accountCreate");
  }
  using Fill = std::function<void(rpc::Reply<rpc::Account>::Builder)>;
  kj::Array<capnp::word> words(const Fill& fill) {
    capnp::MallocMessageBuilder message;
    fill(message.initRoot<rpc::Reply<rpc::Account>>());
    return capnp::messageToFlatArray(message);
  }
  Code refusal(kj::ArrayPtr<const capnp::word> bytes, bool dryRun = false) {
    const auto reply = readReply(*operation_, bytes, dryRun);
    return reply.ok() ? Code::kUnsupported : reply.error().code;
  }
  OperationTable table_;
  const Operation* operation_ = nullptr;
};

TEST_F(WorkerReply, IsTakenOver) {
  auto reply =
      readReply(*operation_, words([](auto out) { out.initOk().setUsername("alice"); }), false);
  ASSERT_TRUE(reply.ok());
  EXPECT_FALSE(errorOf(*operation_, **reply).has_value());
  const auto root = (*reply)->getRoot<rpc::Reply<rpc::Account>>().asReader();
  EXPECT_EQ(std::string(root.getOk().getUsername().cStr()), "alice");
}

TEST_F(WorkerReply, MayBeAnErrorWhoseUnknownCodeBecomesInternal) {
  auto reply =
      readReply(*operation_, words([](auto out) { out.initError().setCode("made_up"); }), false);
  ASSERT_TRUE(reply.ok());
  ASSERT_TRUE(errorOf(*operation_, **reply).has_value());
  EXPECT_EQ(errorOf(*operation_, **reply)->code, Code::kInternal);
}

TEST_F(WorkerReply, MustAnswerWhatWasAsked) {
  EXPECT_EQ(refusal(words([](auto out) { out.initPreview(0); })), Code::kInternal);
  EXPECT_EQ(refusal(words([](auto out) { out.initOk(); }), /*dryRun=*/true), Code::kInternal);
}

TEST_F(WorkerReply, IsRefusedWhenItIsNoMessage) {
  kj::Array<capnp::word> garbage = kj::heapArray<capnp::word>(64);
  for (const char fill : {'\xff', '\x01', '\x7f'}) {
    std::fill(garbage.asChars().begin(), garbage.asChars().end(), fill);
    EXPECT_EQ(refusal(garbage), Code::kInternal) << static_cast<int>(fill);
  }
  EXPECT_EQ(refusal(nullptr), Code::kInternal);
}

TEST_F(WorkerReply, IsRefusedWhenItIsCutOrHasMoreBehind) {
  const auto whole = words([](auto out) { out.initOk().setUsername(std::string(500, 'x')); });
  EXPECT_EQ(refusal(whole.slice(0, whole.size() - 40)), Code::kInternal);
  auto longer = kj::heapArray<capnp::word>(whole.size() + 3);
  std::copy(whole.asBytes().begin(), whole.asBytes().end(), longer.asBytes().begin());
  EXPECT_EQ(refusal(longer), Code::kInternal);
}

TEST_F(WorkerReply, NeverHarmsTheCoreWhateverByteIsWrong) {
  auto bytes = words([](auto out) {
    out.initOk().setUsername("alice");
    auto evidence = out.initEvidence(3);
    evidence[2].setDetail(std::string(200, 'x'));
  });
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.asBytes().size(); ++i) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      kj::byte& byte = bytes.asBytes()[i];
      const kj::byte kept = byte;
      byte = static_cast<kj::byte>(byte ^ flip);
      auto reply = readReply(*operation_, bytes, false);
      if (reply.ok())
        (void)errorOf(*operation_, **reply);
      else
        ++refused;
      byte = kept;
    }
  }
  EXPECT_GT(refused, 10U);
}

}  // namespace
}  // namespace bulkhead::agent
