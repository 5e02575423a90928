// Lists that must agree: schema, policy, operations and the written reference.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "agent/gate/reference.h"
#include "agent/ops/all_ops.h"
#include "agent/policy/policy.h"
#include "tests/paths.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::agent {
namespace {

std::string readText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

const std::string kSource = BULKHEAD_SOURCE_DIR;

TEST(Operations, ShippedPolicyHasOneRuleForEachAndNoOther) {
  // A copy, because a checkout may have another owner and mode than an installed file.
  const bulkhead::testing::TempDir directory;
  const std::string copy = directory.path() + "/operations.json";
  std::ofstream(copy) << readText(kSource + "/policy/operations.json");
  ASSERT_EQ(::chmod(copy.c_str(), 0644), 0);
  const auto table = OperationTable::build({}, Coverage::kSome);
  ASSERT_TRUE(table.ok()) << table.error().message;
  const auto rules = loadPolicy({copy, directory.path() + "/none", ::geteuid()}, table->names());
  EXPECT_TRUE(rules.ok()) << rules.error().message;
}

TEST(Operations, EachOperationOfTheListIsAMethodOfTheSchema) {
  const auto table = OperationTable::build(allOps(), Coverage::kSome);
  EXPECT_TRUE(table.ok()) << table.error().message;
}

// Were there one, its record would need a keyed hash; the writer would say "present" and no more.
TEST(Operations, NoneRecordsAFieldThatIsOrSoundsSecret) {
  const auto table = OperationTable::build({}, Coverage::kSome);
  ASSERT_TRUE(table.ok());
  std::size_t fields = 0;
  for (const auto& [ordinal, operation] : table->all())
    for (const auto& field : operation.auditFields) {
      ++fields;
      EXPECT_FALSE(field.secret) << operation.name << " " << field.name;
      for (const char* word : {"password", "passwd", "secret", "token", "code", "seed", "private"})
        EXPECT_EQ(field.name.find(word), std::string::npos) << operation.name << " " << field.name;
    }
  EXPECT_GT(fields, 30U);
}

TEST(Operations, ReferenceIsUpToDate) {
  const auto table = OperationTable::build({}, Coverage::kSome);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(readText(kSource + "/docs/operations.md"), operationsMarkdown(*table))
      << "run: bulkhead-agent --print-operations > docs/operations.md";
}

}  // namespace
}  // namespace bulkhead::agent
