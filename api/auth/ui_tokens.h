// UiTokens: signing somebody in to CloudLinux's pages. A token stands for one account, reseller or
// administrator and for a role; what it tells comes from there and never from who runs the script.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/auth/admin_store.h"
#include "api/auth/caller.h"
#include "api/store/store.h"
#include "common/core/clock.h"

namespace bulkhead::api {

// Whom a token is to sign in: exactly one of the three names.
struct UiWanted {
  std::string account;
  std::string reseller;
  std::string admin;
  std::string domain;  // of the account, chosen in the panel; "" = its main one
};
struct UiToken {
  std::string secret;  // shown once; only its hash is kept
  std::string role;
  std::int64_t expiresAt = 0;
};
// Whom a token signs in, as the panel knows him now.
struct UiIdentity {
  std::string name;
  std::optional<std::uint32_t> uid;
  std::string role;    // "user", "reseller", "admin"
  std::string locale;  // "EN_us"; "" = not told
  std::string domain;  // "" = none
};

class UiTokens {
 public:
  static constexpr std::int64_t kSecond = 1'000'000;
  // Pages that stay open on a desk, and a working day.
  static constexpr std::int64_t kIdleMicros = 2 * 3600 * kSecond;
  static constexpr std::int64_t kLifeMicros = 12 * 3600 * kSecond;

  UiTokens(AdminStore& admins, Store& store, const Clock& clock)
      : admins_(admins), store_(store), clock_(clock) {}

  // kInvalidArgument unless one is named; kNotFound; kPermissionDenied for what the caller neither
  // is nor owns (the main administrator and root may name anybody); kConflict for an account that
  // is not active.
  Result<UiToken> issue(const Principal& by, const UiWanted& wanted);
  // kUnauthenticated, always with the same words, for a token that is unknown, over or revoked, and
  // when whom it stands for is gone or not active.
  Result<UiIdentity> identify(std::string_view token);

 private:
  Result<UiTokenRow> accountRow(const Principal& by, const UiWanted& wanted);
  Result<UiTokenRow> resellerRow(const Principal& by, const std::string& name);
  Result<UiTokenRow> adminRow(const Principal& by, const std::string& name);
  Result<UiIdentity> identityOf(const UiTokenRow& row);
  Result<UiIdentity> ofAccount(const std::string& id, const std::string& domain);
  Result<UiIdentity> ofReseller(const std::string& id);
  Result<UiIdentity> ofAdmin(const std::string& id);

  AdminStore& admins_;
  Store& store_;
  const Clock& clock_;
};

}  // namespace bulkhead::api
