#include "agent/gate/operation_table.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "common/rpc/agent.capnp.h"

namespace bulkhead::agent {
namespace {

OpEntry entry(const char* method) {
  return {method, [](capnp::DynamicStruct::Reader, Host&) -> Result<Ok> { return Ok{}; },
          [](capnp::DynamicStruct::Reader, capnp::DynamicStruct::Builder, Host&) -> Result<Proof> {
            return Proof{};
          }};
}

TEST(OperationTable, ReadsWhatTheSchemaSaysOfAnOperation) {
  const auto table = OperationTable::build({entry("accountCreate")}, Coverage::kSome);
  ASSERT_TRUE(table.ok()) << table.error().message;
  const Operation* operation = table->find(capnp::typeId<rpc::Agent>(), 1);
  ASSERT_NE(operation, nullptr);
  EXPECT_EQ(operation->name, "account.create");
  EXPECT_EQ(operation->risk, Risk::kMutate);
  EXPECT_EQ(operation->place, Place::kWorker);
  EXPECT_EQ(operation->timeLimit, std::chrono::seconds(60));
  EXPECT_NE(std::find(operation->capabilities.begin(), operation->capabilities.end(), CAP_CHOWN),
            operation->capabilities.end());
  EXPECT_EQ(operation->locks, (std::vector<Service>{Service::kPasswd, Service::kSystemd}));
  EXPECT_EQ(operation->accountFields.size(), 1U);
  std::vector<std::string> audited;
  for (const auto& field : operation->auditFields)
    audited.push_back(field.name);
  EXPECT_EQ(audited, (std::vector<std::string>{
                         "username", "limits.cpuPercent", "limits.memoryBytes", "limits.tasks",
                         "limits.ioReadBytesPerSecond", "limits.ioWriteBytesPerSecond",
                         "limits.ioReadOpsPerSecond", "limits.ioWriteOpsPerSecond"}));
}

TEST(OperationTable, KnowsTheNameThatAnAccountIsToGetAsAnAccount) {
  const auto table = OperationTable::build({entry("accountRename")}, Coverage::kSome);
  ASSERT_TRUE(table.ok()) << table.error().message;
  const auto& fields = table->findByMethod("accountRename")->accountFields;
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(std::string(fields[0].getProto().getName().cStr()), "username");
  EXPECT_EQ(std::string(fields[1].getProto().getName().cStr()), "newName");
}

TEST(OperationTable, KnowsNoMethodWithoutOperation) {
  const auto table = OperationTable::build({entry("accountCreate")}, Coverage::kSome);
  EXPECT_EQ(table->find(capnp::typeId<rpc::Agent>(), 0), nullptr);
  EXPECT_EQ(table->find(capnp::typeId<rpc::Agent>(), 9999), nullptr);
  EXPECT_EQ(table->find(1, 1), nullptr) << "another interface";
}

TEST(OperationTable, RefusesASchemaMethodWithoutOperation) {
  const auto table = OperationTable::build({entry("accountCreate")}, Coverage::kAll);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().message, "operation hostInspect: is in the schema, but not in ops.list");
}

TEST(OperationTable, RefusesAnOperationThatIsNotInTheSchemaOrTwice) {
  const auto unknown = OperationTable::build({entry("shellRun")}, Coverage::kSome);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("shellRun"), std::string::npos);
  EXPECT_FALSE(
      OperationTable::build({entry("accountGet"), entry("accountGet")}, Coverage::kSome).ok());
}

// The one writes the list of files that the other takes away.
TEST(OperationTable, NeverRunsTwoChangesOfTheCloudLinuxFilesAtATime) {
  const auto table = OperationTable::build(
      {entry("cloudlinuxConfigure"), entry("cloudlinuxRemove")}, Coverage::kSome);
  ASSERT_TRUE(table.ok()) << table.error().message;
  for (const char* method : {"cloudlinuxConfigure", "cloudlinuxRemove"}) {
    const auto& locks = table->findByMethod(method)->locks;
    EXPECT_NE(std::find(locks.begin(), locks.end(), Service::kCloudLinux), locks.end()) << method;
  }
}

TEST(OperationTable, OnlyReadsRunInTheCore) {
  const auto table = OperationTable::build({}, Coverage::kSome);
  ASSERT_TRUE(table.ok());
  for (const auto& [ordinal, operation] : table->all()) {
    EXPECT_TRUE(operation.place != Place::kCore || operation.risk == Risk::kRead) << operation.name;
    EXPECT_FALSE(operation.summary.empty()) << operation.name;
  }
}

}  // namespace
}  // namespace bulkhead::agent
