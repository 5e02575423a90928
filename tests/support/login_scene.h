// LoginScene: an authority over both databases, with the people of a small panel: alice, the main
// administrator; rita, a reseller; carol, the user of an account of rita's.
#pragma once
#include <memory>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "api/auth/authority.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store_kinds.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::testing {

class LoginScene : public ::testing::Test {
 protected:
  static inline const std::string kPassword = "correct horse battery";
  static constexpr const char* kHere = "192.0.2.1";

  void SetUp() override {
    logins_ = api::AdminStore::open(dir_.path() + "/admins.db").value();
    authority_ = std::make_unique<api::Authority>(*logins_, panel_.store(), hashes_, key_, clock_);
    const auto code = authority_->newBootstrapCode();
    ASSERT_TRUE(std::holds_alternative<api::Person>(
        authority_->bootstrap(code->secret, "alice", kPassword, "local")));
    ASSERT_TRUE(panel_.store()
                    .write([](api::Tables& tables) {
                      return tables.plans().add({"pln_1", "basic", {}, 1, 1});
                    })
                    .ok());
    rita_ = addReseller("rita");
    carol_ = addAccount("carol", rita_);
    setPassword(rita_);
    setPassword(carol_);
  }
  void TearDown() override {
    authority_.reset();
    logins_.reset();
  }

  std::string addReseller(const std::string& name) {
    api::Reseller reseller;
    reseller.id = "rsl_" + name;
    reseller.name = name;
    reseller.createdAt = 1;
    reseller.revision = 1;
    EXPECT_TRUE(panel_.store()
                    .write([&](api::Tables& tables) { return tables.resellers().add(reseller); })
                    .ok());
    return reseller.id;
  }
  // Active, and without a password.
  std::string addAccount(const std::string& name,
                         const std::string& resellerId = "",
                         const std::string& id = "") {
    api::Account account;
    account.id = id.empty() ? "acc_" + name : id;
    account.username = name;
    account.planId = "pln_1";
    account.state = api::AccountState::kActive;
    account.createdAt = 1;
    account.revision = 1;
    account.resellerId = resellerId;
    const auto added =
        panel_.store().write([&](api::Tables& tables) { return tables.accounts().add(account); });
    EXPECT_TRUE(added.ok()) << (added.ok() ? "" : added.error().message);
    return account.id;
  }
  void setPassword(const std::string& id) {
    EXPECT_TRUE(logins_->addLogin(id, hashes_.hash(kPassword).value()).ok());
  }
  void setState(const std::string& id, api::AccountState state) {
    EXPECT_TRUE(
        panel_.store()
            .write([&](api::Tables& tables) { return tables.accounts().setState(id, state); })
            .ok());
  }

  api::Guarded<api::Login> logIn(const std::string& name,
                                 const std::string& password = kPassword,
                                 const std::string& code = "") {
    clock_.advance(60);  // not what these tests are about
    return authority_->login(name, password, kHere, code);
  }
  // "" when it is refused.
  std::string sessionOf(const std::string& name, const std::string& password = kPassword) {
    const auto login = logIn(name, password);
    const auto* in = std::get_if<api::Login>(&login);
    return in == nullptr ? "" : in->token;
  }
  bool holds(const std::string& token) { return authority_->authenticate(token).ok(); }
  api::Principal who(const std::string& token) {
    const auto principal = authority_->authenticate(token);
    EXPECT_TRUE(principal.ok());
    return principal.ok() ? *principal : api::Principal{};
  }
  std::string apiTokenOf(const std::string& session) {
    api::NewApiToken wanted;
    wanted.name = "front end";
    wanted.scopes = {"self:read", "accounts:read"};
    wanted.lifeSeconds = api::ApiTokens::kLifeDefaultSeconds;
    const auto made = authority_->tokens().create(who(session), wanted, "req-1");
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? made->secret : "";
  }

  test::ManualClock clock_;
  SqliteUnderTest panel_;
  TempDir dir_;
  api::HashPool hashes_{api::HashCost{1, 8192}};  // tests are about the rules, not about the cost
  api::FactorKey key_ = api::FactorKey::load(dir_.path()).value();
  std::unique_ptr<api::AdminStore> logins_;
  std::unique_ptr<api::Authority> authority_;
  std::string rita_;
  std::string carol_;
};

}  // namespace bulkhead::testing
