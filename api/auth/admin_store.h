// AdminStore: administrators, their sessions, tokens and one-time secrets, in a database file of
// their own that holds no user data.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/auth/admin_database.h"
#include "api/auth/api_token.h"
#include "api/usecases/admin_directory.h"
#include "common/core/result.h"

namespace bulkhead::api {

enum class AdminState { kActive, kDisabled };
struct Admin {
  std::string id;  // "adm_" and a ULID
  std::string username;
  std::string role;  // "main", "admin"
  std::string passwordHash;
  AdminState state = AdminState::kActive;
  std::int64_t createdAt = 0;
  std::optional<std::string> email = {};
  std::optional<std::string> locale = {};
  std::optional<std::string> unixUser = {};
  std::uint64_t revision = 1;
};
Administrator publicFace(const Admin& admin);

struct Session {
  std::string id;  // "ses_" and a ULID
  std::string tokenHash;
  std::string adminId;
  std::string scopes;  // words that narrow the role's; "" = all of the role's
  std::int64_t createdAt = 0;
  std::int64_t usedAt = 0;
  std::int64_t expiresAt = 0;
};
struct SessionAndAdmin {
  Session session;
  Admin admin;
};

// A token of CloudLinux's pages: whom it signs in, and who had it made.
struct UiTokenRow {
  std::string tokenHash;
  std::string role;       // "user", "reseller", "admin"
  std::string subjectId;  // "acc_...", "rsl_...", "adm_..."; "" = the main administrator before
                          // there is one
  std::string domain;     // the one that was chosen; "" = the main one
  std::string adminId;    // "" = root
  std::string sessionId;  // "" = root
  std::int64_t createdAt = 0;
  std::int64_t usedAt = 0;
  std::int64_t expiresAt = 0;
};

enum class OneTimeKind { kBootstrap, kLoginLink };

class AdminStore final : public AdminDirectory {
 public:
  static constexpr std::int64_t kSessionsPerAdminMax = 10;  // the oldest ends

  static const char* const kFirstSchema;  // of the database's first version
  static Result<std::unique_ptr<AdminStore>> open(const std::string& path);

  Result<Administrator> mainAdministrator() override;
  Result<Administrator> findAdministrator(std::string_view idOrName) override;
  Result<Page<Administrator>> administrators(const PageQuery& query) override;
  Result<Ok> addAdministrator(const Administrator& admin, const std::string& passwordHash) override;
  Result<Administrator> changeAdministrator(const Administrator& admin) override;
  Result<Ok> removeAdministrator(const std::string& id) override;

  Result<std::optional<Admin>> findByName(const std::string& username);
  Result<std::optional<Admin>> findMain();
  Result<Ok> setPasswordHash(const std::string& adminId, const std::string& hash);
  Result<Ok> setState(const std::string& adminId,
                      AdminState state);  // a disabled one loses every session and token

  Result<Ok> addSession(const Session& session,
                        std::int64_t idleMicros);  // and forgets those that are over
  // Never older than the last change.
  Result<std::optional<SessionAndAdmin>> findSession(const std::string& tokenHash);
  Result<Ok> touchSession(const std::string& sessionId, std::int64_t usedAt);
  Result<Ok> endSession(const std::string& sessionId);

  // Forgets those that are over, and the oldest of the subject when there are too many. They end
  // with the session or the administrator that had them made.
  static constexpr std::int64_t kUiTokensPerSubjectMax = 20;
  Result<Ok> addUiToken(const UiTokenRow& row);
  // Nothing when the session that had it made is over (idle, or in the end) at `now`.
  Result<std::optional<UiTokenRow>> findUiToken(const std::string& tokenHash,
                                                std::int64_t now,
                                                std::int64_t idleMicros);
  // Counts as a use of that session, too.
  Result<Ok> touchUiToken(const UiTokenRow& token, std::int64_t usedAt);

  // An administrator who had more could not tell which ones are still in use.
  static constexpr std::int64_t kApiTokensPerAdminMax = 100;
  // With those that are over; what the newest push out is forgotten.
  static constexpr std::int64_t kApiTokensShownMax = 2 * kApiTokensPerAdminMax;
  // Forgets those that were over before `forgetBefore`. kLimitExceeded when the owner has too many
  // that are not over; kNotFound when he is gone.
  Result<Ok> addApiToken(const ApiToken& token,
                         const std::string& secretHash,
                         std::int64_t forgetBefore);
  // By its secret or, until that is over, the one before. Never older than the last change; nullptr
  // when there is none.
  Result<std::shared_ptr<const KnownToken>> findApiToken(const std::string& secretHash);
  Result<ApiToken> apiToken(const std::string& id);  // kNotFound
  // The oldest first; of everybody when adminId is "".
  Result<Page<ApiToken>> apiTokens(const std::string& adminId, const PageQuery& query);
  // The secret becomes the one before, which holds until `oldUntil`. kNotFound.
  Result<Ok> rotateApiToken(const std::string& id,
                            const std::string& secretHash,
                            std::int64_t oldUntil,
                            std::int64_t expiresAt);  // kSameEnd: as before
  static constexpr std::int64_t kSameEnd = 0;
  Result<Ok> removeApiToken(const std::string& id);  // kNotFound
  Result<Ok> touchApiToken(const std::string& id, std::int64_t usedAt, const std::string& address);

  // kBootstrap: replaces the one before. adminId is "" then.
  Result<Ok> addOneTime(OneTimeKind kind,
                        const std::string& secretHash,
                        const std::string& adminId,
                        std::int64_t expiresAt);
  Result<bool> hasOneTime(OneTimeKind kind, const std::string& secretHash, std::int64_t now);
  // Uses the code up and creates the main administrator, both or neither. kUnauthenticated when the
  // code is unknown or over, kConflict when there is one already.
  Result<Ok> createMain(const Admin& admin, const std::string& codeHash, std::int64_t now);
  // Uses the link up; nothing when it is unknown, over, or its administrator is disabled.
  Result<std::optional<Admin>> takeLoginLink(const std::string& tokenHash, std::int64_t now);

 private:
  explicit AdminStore(std::unique_ptr<sqlite::Database> database)
      : database_(std::make_unique<AdminDatabase>(std::move(database))) {}
  Result<std::optional<SessionAndAdmin>> lookUpSession(const std::string& tokenHash);

  std::unique_ptr<AdminDatabase> database_;
};

}  // namespace bulkhead::api
