#include <memory>

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "common/audit/chain.h"
#include "common/audit/record.h"
#include "tests/support/fake_host.h"

namespace bulkhead::agent {
namespace {

class AuditListOperation : public ::testing::Test {
 protected:
  AuditListOperation()
      : query_(params_->initRoot<rpc::AuditQuery>()), page_(reply_->initRoot<rpc::AuditPage>()) {
    AuditRecord record;
    record.account = "alice";
    line_ = formatAuditRecord(record, {1, {}, "b", ChainHead{}.hash});
    host_.addFile(std::string(kAuditDirectory) + "/" + segmentName(1), line_ + "\n");
  }
  Result<Proof> perform() {
    return auditList().perform(capnp::toDynamic(query_.asReader()), capnp::toDynamic(page_), host_);
  }
  void expectRefused(const char* field) {
    const auto result = perform();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, Code::kInvalidArgument);
    EXPECT_EQ(result.error().field, field);
  }
  bulkhead::testing::FakeHost host_;
  // Held by pointer: their destructors may throw, a fixture's must not.
  using Message = std::unique_ptr<capnp::MallocMessageBuilder>;
  Message params_ = std::make_unique<capnp::MallocMessageBuilder>();
  Message reply_ = std::make_unique<capnp::MallocMessageBuilder>();
  rpc::AuditQuery::Builder query_;
  rpc::AuditPage::Builder page_;
  std::string line_;
};

TEST_F(AuditListOperation, AnswersWholeLines) {
  ASSERT_TRUE(perform().ok());
  ASSERT_EQ(page_.getRecords().size(), 1U);
  EXPECT_EQ(std::string(page_.getRecords()[0].cStr()), line_);
  EXPECT_FALSE(page_.getMore());
  EXPECT_EQ(host_.mutations(), 0U);
}

TEST_F(AuditListOperation, PassesTheFiltersOn) {
  query_.setAccount("bob");
  ASSERT_TRUE(perform().ok());
  EXPECT_EQ(page_.getRecords().size(), 0U);
}

TEST_F(AuditListOperation, RefusesALimitOutOfRange) {
  query_.setLimit(0);
  expectRefused("limit");
  query_.setLimit(101);
  expectRefused("limit");
}

TEST_F(AuditListOperation, RefusesFiltersThatCannotMatch) {
  query_.setRequestId(std::string(65, 'x'));
  expectRefused("requestId");
  query_.setRequestId("");
  query_.setKind("everything");
  expectRefused("kind");
  query_.setKind("deny");
  query_.setAccount("../etc");
  EXPECT_FALSE(perform().ok());
}

}  // namespace
}  // namespace bulkhead::agent
