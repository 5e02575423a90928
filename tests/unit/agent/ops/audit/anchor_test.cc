#include <capnp/message.h>
#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "common/audit/key_file.h"
#include "tests/support/fake_host.h"
#include "tests/support/sealed_log.h"

namespace bulkhead::agent {
namespace {

struct Answered {
  Result<Proof> proof;
  std::string line;
};

Answered ask(const Host& host) {
  capnp::MallocMessageBuilder in, out;
  auto reply = out.initRoot<rpc::AnchorLine>();
  auto proof =
      auditAnchor().perform(in.initRoot<rpc::Nothing>().asReader(), reply, const_cast<Host&>(host));
  return {std::move(proof), reply.getLine().cStr()};
}

const std::string kFile = std::string(kAuditKeyDirectory) + "/anchor";

TEST(AuditAnchorOperation, AnswersTheLineAsItWasSigned) {
  bulkhead::testing::SealedLog log;
  log.grow(20);
  bulkhead::testing::FakeHost host;
  host.addFile(kFile, log.anchors().back().line() + "\n");
  const auto answered = ask(host);
  ASSERT_TRUE(answered.proof.ok());
  EXPECT_EQ(answered.line, log.anchors().back().line());
  EXPECT_EQ(host.mutations(), 0U);
}

TEST(AuditAnchorOperation, RefusesBeforeTheFirstOneAndWhatIsNone) {
  bulkhead::testing::FakeHost host;
  EXPECT_EQ(ask(host).proof.error().code, Code::kNotFound);
  host.addFile(kFile, "nonsense\n");
  EXPECT_FALSE(ask(host).proof.ok());
}

}  // namespace
}  // namespace bulkhead::agent
