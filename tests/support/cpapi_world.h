// CpapiWorld: a panel with a few people in it, as the scripts see it: three administrators, three
// resellers, four packages, seven accounts and nine domains.
#pragma once
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "api/auth/ui_tokens.h"
#include "api/cpapi/cached_php.h"
#include "api/cpapi/scripts.h"
#include "api/store/sqlite/sqlite_store.h"
#include "common/core/json.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::testing {

// Administrators as a plain list.
class ListedAdmins final : public api::AdminDirectory {
 public:
  ListedAdmins() {
    add("root", true, "root@host.example", "EN_us", "root");
    add("admin2", false, "ops@host.example", "Ru_ru", "opsadm");
    add("billing", false, std::nullopt, std::nullopt, std::nullopt);
  }
  void add(std::string name,
           bool main,
           std::optional<std::string> email,
           std::optional<std::string> locale,
           std::optional<std::string> unixUser) {
    api::Administrator admin;
    admin.id = "adm_" + name;
    admin.name = std::move(name);
    admin.main = main;
    admin.email = std::move(email);
    admin.locale = std::move(locale);
    admin.unixUser = std::move(unixUser);
    all.push_back(std::move(admin));
  }
  Result<api::Administrator> mainAdministrator() override {
    if (broken) return Error{Code::kUnavailable, "the store is away", ""};
    return all.front();
  }
  Result<api::Administrator> findAdministrator(std::string_view idOrName) override {
    for (const auto& admin : all)
      if (admin.name == idOrName || admin.id == idOrName) return admin;
    return Error{Code::kNotFound, "there is no such administrator", ""};
  }
  Result<api::Page<api::Administrator>> administrators(const api::PageQuery& query) override {
    // One a page: whoever forgets the cursor misses people.
    const std::size_t at = query.cursor.empty() ? 0 : std::stoul(query.cursor);
    api::Page<api::Administrator> page;
    if (at < all.size()) page.items.push_back(all[at]);
    if (at + 1 < all.size()) page.nextCursor = std::to_string(at + 1);
    return page;
  }
  Result<Ok> addAdministrator(const api::Administrator&, const std::string&) override {
    return Ok{};
  }
  Result<api::Administrator> changeAdministrator(const api::Administrator& admin) override {
    return admin;
  }
  Result<Ok> removeAdministrator(const std::string&) override { return Ok{}; }
  Result<Ok> addLogin(const std::string&, const std::string&) override { return Ok{}; }
  Result<Ok> endLogins(const std::string&) override { return Ok{}; }
  Result<Ok> removeLogin(const std::string&) override { return Ok{}; }
  Result<bool> isDisabled(const std::string&) override { return false; }

  std::vector<api::Administrator> all;
  bool broken = false;
};

class CpapiWorld {
 public:
  CpapiWorld() {
    store_ = std::move(api::sqlite::SqliteStore::open(dir_.path() + "/panel.db")).value();
    php_ = {{"alt-php83", "8.3", "/opt/alt/php83/usr/lib64/php/modules", "/opt/alt/php83",
             "/opt/alt/php83/usr/bin/php", "/opt/alt/php83/etc/php.ini", "/opt/alt/php83/link/conf",
             false},
            {"native-php84", "8.4", "/usr/lib/php/20240924", "/usr/lib/php", "/usr/bin/php8.4",
             "/etc/php/8.4/cli/php.ini", "/etc/php/8.4/cli/conf.d", true},
            {"alt-php74", "7.4", "/opt/alt/php74/usr/lib64/php/modules", "/opt/alt/php74",
             "/opt/alt/php74/usr/bin/php", "/opt/alt/php74/etc/php.ini", "/opt/alt/php74/link/conf",
             false}};
    catalogue_ = std::make_unique<api::CachedPhp>(
        [this]() -> Result<api::PhpVersions> {
          ++phpFetches;
          if (phpIsAway) return Error{Code::kUnavailable, "the agent is away", ""};
          return php_;
        },
        clock_);
    people_ = std::move(api::AdminStore::open(dir_.path() + "/admins.db")).value();
    tokens_ = std::make_unique<api::UiTokens>(*people_, *store_, clock_);
    scripts_ = std::make_unique<api::Scripts>(*store_, admins, *catalogue_, *tokens_,
                                              api::Scripts::Options{kRoot, dir_.path()});
  }

  static constexpr uid_t kRoot = 0;
  static constexpr uid_t kAlice = 1001;
  static constexpr uid_t kBob = 1002;
  static constexpr uid_t kRita = 1005;
  static constexpr uid_t kZoe = 1006;
  static constexpr uid_t kOpsadm = 1050;
  static constexpr uid_t kStranger = 1999;

  api::Store& store() { return *store_; }
  api::Scripts& scripts() { return *scripts_; }
  // The real list of administrators, which the tokens look into; empty at first.
  api::AdminStore& people() { return *people_; }
  api::UiTokens& tokens() { return *tokens_; }
  test::ManualClock& clock() { return clock_; }
  api::PhpVersions& php() { return php_; }
  std::string directory() const { return dir_.path(); }

  void fill() {
    ASSERT_TRUE(write([](api::Tables& t) { return people(t); }));
    ASSERT_TRUE(write([](api::Tables& t) { return accounts(t); }));
    ASSERT_TRUE(write([](api::Tables& t) { return domains(t); }));
  }
  template <typename Work>
  bool write(Work work) {
    const auto done = store_->write([&](api::Tables& t) -> Result<Ok> { return work(t); });
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
    return done.ok();
  }

  static api::Account account(const std::string& name,
                              std::uint32_t uid,
                              const std::string& plan,
                              const std::string& owner,
                              const std::string& reseller = "") {
    api::Account a;
    a.id = "acc_" + name;
    a.username = name;
    a.uid = uid;
    a.planId = "pln_" + plan;
    a.owner = owner;
    a.resellerId = reseller.empty() ? "" : "rsl_" + reseller;
    a.state = api::AccountState::kActive;
    a.createdAt = 1;
    a.revision = 1;
    return a;
  }
  static api::Domain domain(const std::string& name, const std::string& owner, bool main = false) {
    api::Domain d;
    d.id = "dom_" + name;
    d.name = name;
    d.accountId = "acc_" + owner;
    d.state = api::DomainState::kActive;
    d.primary = main;
    d.createdAt = 1;
    return d;
  }
  static api::Plan plan(const std::string& id,
                        const std::string& name,
                        const std::string& owner,
                        const std::string& reseller = "") {
    api::Plan p{"pln_" + id, name, {}, 1, 1};
    p.owner = owner;
    p.resellerId = reseller.empty() ? "" : "rsl_" + reseller;
    return p;
  }

  ListedAdmins admins;
  int phpFetches = 0;
  bool phpIsAway = false;

 private:
  static Result<Ok> people(api::Tables& t) {
    for (const char* name : {"rita", "rob", "ruth"}) {
      api::Reseller reseller;
      reseller.id = std::string("rsl_") + name;
      reseller.name = name;
      if (reseller.name == "rita") {
        reseller.email = "rita@r.example";
        reseller.locale = "EN_us";
      }
      reseller.createdAt = 1;
      reseller.revision = 1;
      TRY(t.resellers().add(reseller));
    }
    TRY(t.plans().add(plan("basic", "Basic", "")));
    TRY(t.plans().add(plan("rita", "rita_Basic", "", "rita")));
    TRY(t.plans().add(plan("pro", "Gói Pro & <x> \"q\"", "admin2")));
    return t.plans().add(plan("empty", "Empty", ""));
  }
  static Result<Ok> accounts(api::Tables& t) {
    auto alice = account("alice", kAlice, "basic", "");
    alice.email = "alice@alice.example";
    alice.locale = "EN_us";
    auto carol = account("carol", 1003, "basic", "admin2");
    carol.email = "carol@carol.example";
    carol.locale = "Ru_ru";
    auto dave = account("dave", 1004, "pro", "");
    dave.state = api::AccountState::kSuspended;
    for (const auto& one :
         {account("opsadm", kOpsadm, "basic", ""), alice, account("bob", kBob, "rita", "", "rita"),
          carol, dave, account("rita", kRita, "rita", "", "rita"),
          account("zoe", kZoe, "basic", "")})
      TRY(t.accounts().add(one));
    // What is still being made is nobody's yet.
    auto half = account("half", 1007, "basic", "");
    half.state = api::AccountState::kCreating;
    return t.accounts().add(half);
  }
  static Result<Ok> domains(api::Tables& t) {
    auto main = domain("alice.example", "alice", true);
    main.php = "alt-php83";
    auto blog = domain("blog.alice.example", "alice");
    blog.php = "alt-php74";
    auto alias = domain("xn--e1afmkfd.example", "alice");
    alias.kind = api::DomainKind::kAlias;
    alias.target = main.id;
    auto pending = domain("soon.example", "alice");
    pending.state = api::DomainState::kPending;
    auto half = domain("half.example", "half", true);
    half.state = api::DomainState::kPending;
    for (const auto& one :
         {main, blog, alias, domain("static.alice.example", "alice"),
          domain("bob.example", "bob", true), domain("shop.bob.example", "bob"),
          domain("carol.example", "carol", true), domain("dave.example", "dave", true),
          domain("rita.example", "rita", true), pending, half})
      TRY(t.domains().add(one));
    for (const auto& [name, owner] :
         {std::pair("alice_wp", "acc_alice"), std::pair("alice_shop", "acc_alice"),
          std::pair("bob_u1", "acc_bob"), std::pair("half_u", "acc_half")})
      TRY(t.databaseUsers().add({name, owner, 1}));
    return Ok{};
  }

  TempDir dir_;
  test::ManualClock clock_;
  api::PhpVersions php_;
  std::unique_ptr<api::sqlite::SqliteStore> store_;
  std::unique_ptr<api::AdminStore> people_;
  std::unique_ptr<api::UiTokens> tokens_;
  std::unique_ptr<api::CachedPhp> catalogue_;
  std::unique_ptr<api::Scripts> scripts_;
};

}  // namespace bulkhead::testing
