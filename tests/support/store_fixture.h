// What every test of a store starts from: plans, accounts, domains and jobs with little to say.
#pragma once
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "api/store/store.h"
#include "tests/support/store_kinds.h"

namespace bulkhead::api {

struct StoreRows {
  static Plan plan(const std::string& name, std::int64_t at = 1) {
    return {"pln_" + name, name, {100, 1 << 30, 200, 5, 6, 3}, at, 1};
  }
  static Account account(const std::string& name, std::int64_t at = 1, std::uint16_t port = 0) {
    Account a;
    a.id = "acc_" + name;
    a.username = name;
    a.planId = "pln_basic";
    a.previewPort = port;
    a.createdAt = at;
    a.revision = 1;
    return a;
  }
  static Domain domain(const std::string& name, const std::string& owner, std::int64_t at = 1) {
    return {"dom_" + name, name, "acc_" + owner, DomainState::kPending, false, at};
  }
  static JobRecord job(const std::string& id, const std::string& owner, std::int64_t at = 1) {
    JobRecord record;
    record.job.id = "job_" + id;
    record.job.kind = "account.create";
    record.job.accountId = "acc_" + owner;
    record.job.actor = "admin:a";
    record.job.createdAt = at;
    record.job.steps.resize(2);
    record.job.steps[0].name = "account.create";
    record.job.steps[1].name = "site.apply";
    record.extras = {{"", UndoState::kNone}, {"a.example", UndoState::kNone}};
    record.username = owner;
    record.domainId = "dom_x";
    record.requestId = "01REQ";
    record.traceparent = "00-trace";
    return record;
  }
};

class StoreFixture : public ::testing::TestWithParam<testing::StoreKind>, protected StoreRows {
 protected:
  void SetUp() override { under_ = GetParam().make(); }
  Store& store() { return under_->store(); }

  template <typename Work>
  auto write(Work work) {
    return store().write([&](Tables& t) -> Result<Ok> { return work(t); });
  }
  void seed() {
    ASSERT_TRUE(write([](Tables& t) { return t.plans().add(plan("basic")); }).ok());
    ASSERT_TRUE(write([](Tables& t) { return t.accounts().add(account("alice")); }).ok());
    ASSERT_TRUE(write([](Tables& t) { return t.accounts().add(account("bob", 2)); }).ok());
  }
  Result<Account> accountOf(const std::string& name) {
    return store().read([&](const Tables& t) { return t.accounts().find(name); });
  }
  Result<Domain> domainOf(const std::string& name) {
    return store().read([&](const Tables& t) { return t.domains().find(name); });
  }
  // "code field" of a refused change, "ok" otherwise.
  template <typename Work>
  std::string told(Work work) {
    auto done = write(work);
    return done.ok() ? "ok" : std::string(codeName(done.error().code)) + " " + done.error().field;
  }
  std::unique_ptr<testing::StoreUnderTest> under_;
};

}  // namespace bulkhead::api
