// AdminStore: administrators, and what everybody logs in with: passwords, factors, sessions, tokens
// and one-time secrets, in a database file of their own that holds no user data.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/auth/admin_database.h"
#include "api/auth/api_token.h"
#include "api/auth/person.h"
#include "api/usecases/admin_directory.h"
#include "common/core/result.h"

namespace bulkhead::api {

Administrator publicFace(const Person& admin);

struct Session {
  std::string id;  // "ses_" and a ULID
  std::string tokenHash;
  std::string personId;
  std::string scopes;  // words that narrow the role's; "" = all of the role's
  std::int64_t createdAt = 0;
  std::int64_t usedAt = 0;
  std::int64_t expiresAt = 0;
  std::int64_t provedAt = 0;   // when its owner proved himself last; 0 = he did not
  std::string bySession = {};  // of the one who stands in for its person; "" = he came himself
};
// The session of whoever stands in: the one that it began ends with it.
struct StandIn {
  std::string personId;
  std::string role;
  std::string username;  // of administrators only, see Person
  std::int64_t usedAt = 0;
  std::int64_t expiresAt = 0;
};
struct SessionAndPerson {
  Session session;
  Person person;
  std::optional<StandIn> by = {};
};

// A token of CloudLinux's pages: whom it signs in, and who had it made.
struct UiTokenRow {
  std::string tokenHash;
  std::string role;       // "user", "reseller", "admin"
  std::string subjectId;  // "acc_...", "rsl_...", "adm_..."; "" = the main administrator before
                          // there is one
  std::string domain;     // the one that was chosen; "" = the main one
  std::string personId;   // "" = root
  std::string sessionId;  // "" = root
  std::int64_t createdAt = 0;
  std::int64_t usedAt = 0;
  std::int64_t expiresAt = 0;
};

// A second factor. Every attempt changes it.
struct FactorRow {
  std::string sealedSeed;
  bool active = false;        // or enrolled and not yet confirmed
  std::int64_t usedStep = 0;  // codes up to this time step are used up
  std::int64_t failures = 0;  // wrong codes since the last right one
  std::int64_t blockedUntil = 0;
  std::int64_t confirmedAt = 0;  // 0 = not yet
};
enum class FactorStep { kLogin, kConfirm };  // which kind of factor is meant: active, or not yet
// What comes with a factor that becomes active.
struct FactorActivation {
  std::vector<std::string> backupHashes = {};
  std::string keptSession = {};  // the others end
};

// What ended with a password.
struct Ended {
  std::int64_t sessions = 0;
  std::int64_t tokens = 0;  // of the API
};

enum class OneTimeKind { kBootstrap, kLoginLink };

class AdminStore final : public AdminDirectory {
 public:
  static constexpr std::int64_t kSessionsPerPersonMax = 10;  // the oldest ends
  static constexpr std::int64_t kLinksPerPersonMax = 10;     // each is good for a minute

  static const char* const kFirstSchema;  // of the database's first version
  static Result<std::unique_ptr<AdminStore>> open(const std::string& path);

  Result<Administrator> mainAdministrator() override;
  Result<Administrator> findAdministrator(std::string_view idOrName) override;
  Result<Page<Administrator>> administrators(const PageQuery& query) override;
  Result<Ok> addAdministrator(const Administrator& admin, const std::string& passwordHash) override;
  Result<Administrator> changeAdministrator(const Administrator& admin) override;
  Result<Ok> removeAdministrator(const std::string& id) override;
  Result<Ok> addLogin(const std::string& personId, const std::string& passwordHash) override;
  Result<Ok> endLogins(const std::string& personId) override;
  Result<Ok> removeLogin(const std::string& personId) override;
  Result<bool> isDisabled(const std::string& personId) override;

  Result<std::optional<Person>> findByName(const std::string& username);  // administrators only
  // Whoever it is. Of resellers and users without a name: see Persons.
  Result<std::optional<Person>> findPersonById(const std::string& id);
  Result<std::vector<std::string>> loginIds();  // of resellers and users
  Result<std::optional<Person>> findMain();
  // The same password with other parameters. Nothing when it is another password by now.
  Result<Ok> renewPasswordHash(const std::string& personId,
                               const std::string& before,
                               const std::string& hash);
  // A disabled one loses every session, token, login link and reset code.
  Result<Ok> setState(const std::string& personId, PersonState state);
  // Another password: every session, token, login link and reset code of before ends with it, and
  // `fresh` begins. kConflict when the hash is not `before` any more.
  Result<Ended> changePassword(const std::string& before,
                               const std::string& hash,
                               const Session& fresh);

  Result<bool> hasSecondFactors();
  Result<bool> hasPepperedPasswords();
  // Every session and API token of everybody that was made before this time, and whatever else
  // would let somebody in: links, codes, pending factors, tokens of CloudLinux's pages.
  Result<Ok> endAllAccess(std::int64_t before);

  // Replaces the administrator's one before.
  Result<Ok> addReset(const std::string& personId,
                      const std::string& secretHash,
                      std::int64_t expiresAt);
  // Whose reset it is; nothing when it is unknown, over, or he is disabled.
  Result<std::optional<Person>> findReset(const std::string& secretHash, std::int64_t now);
  // Uses the code up and changes the password, both or neither; ends what changePassword() ends.
  // False when the code is gone.
  Result<bool> takeReset(const std::string& secretHash, std::int64_t now, const std::string& hash);

  // The token of the session becomes another one, and its owner proved himself now. Answers when it
  // ends; kUnauthenticated when the session or the password is not what it was.
  Result<std::int64_t> proveSession(const std::string& sessionId,
                                    const std::string& tokenHash,
                                    std::int64_t now,
                                    const std::string& whileHash);

  Result<std::optional<FactorRow>> factor(const std::string& personId);
  // Replaces one that was not confirmed. kConflict when there is an active one.
  Result<Ok> addFactor(const std::string& personId, const std::string& sealedSeed);
  // Changes the row as `work` says, one caller after the other; false when there is none of that
  // kind.
  using FactorWork = std::function<Result<Ok>(FactorRow&)>;
  Result<bool> changeFactor(const std::string& personId,
                            FactorStep step,
                            const FactorActivation& activation,
                            const FactorWork& work);
  Result<bool> removeFactor(const std::string& personId);  // false when there was none
  Result<bool> takeBackupCode(const std::string& personId, const std::string& codeHash);
  Result<bool> replaceBackupCodes(const std::string& personId,
                                  const std::vector<std::string>& hashes);
  Result<std::int64_t> backupCodesLeft(const std::string& personId);

  // And forgets those that are over. kUnauthenticated when, with `whileHash`, the administrator has
  // another password by now or is disabled: who was let in by the old one comes too late.
  // The same when a second factor was confirmed after `since`: nobody asked for its code.
  Result<Ok> addSession(const Session& session,
                        std::int64_t idleMicros,
                        const std::string& whileHash = "",
                        std::int64_t since = 0);
  // Never older than the last change.
  Result<std::optional<SessionAndPerson>> findSession(const std::string& tokenHash);
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

  // Whoever had more could not tell which ones are still in use.
  static constexpr std::int64_t kApiTokensPerPersonMax = 100;
  // With those that are over; what the newest push out is forgotten.
  static constexpr std::int64_t kApiTokensShownMax = 2 * kApiTokensPerPersonMax;
  // Forgets those that were over before `forgetBefore`. kLimitExceeded when the owner has too many
  // that are not over; kNotFound when he is gone.
  Result<Ok> addApiToken(const ApiToken& token,
                         const std::string& secretHash,
                         std::int64_t forgetBefore,
                         const std::string& bySession = "");
  // By its secret or, until that is over, the one before. Never older than the last change; nullptr
  // when there is none.
  Result<std::shared_ptr<const KnownToken>> findApiToken(const std::string& secretHash);
  Result<ApiToken> apiToken(const std::string& id);  // kNotFound
  // The oldest first; of everybody when personId is "".
  Result<Page<ApiToken>> apiTokens(const std::string& personId, const PageQuery& query);
  // The secret becomes the one before, which holds until `oldUntil`. kNotFound.
  Result<Ok> rotateApiToken(const std::string& id,
                            const std::string& secretHash,
                            std::int64_t oldUntil,
                            std::int64_t expiresAt);  // kSameEnd: as before
  static constexpr std::int64_t kSameEnd = 0;
  Result<Ok> removeApiToken(const std::string& id);  // kNotFound
  Result<Ok> touchApiToken(const std::string& id, std::int64_t usedAt, const std::string& address);

  // kBootstrap: replaces the one before. personId is "" then. Of links an administrator has
  // kLinksPerPersonMax, the last ones. kUnauthenticated when `bySession` is over by now.
  Result<Ok> addOneTime(OneTimeKind kind,
                        const std::string& secretHash,
                        const std::string& personId,
                        std::int64_t expiresAt,
                        const std::string& bySession = "");
  Result<bool> hasOneTime(OneTimeKind kind, const std::string& secretHash, std::int64_t now);
  // Uses the code up and creates the main administrator, both or neither. kUnauthenticated when the
  // code is unknown or over, kConflict when there is one already.
  Result<Ok> createMain(const Person& admin, const std::string& codeHash, std::int64_t now);
  // Whose link it is, without using it up; nothing as takeLoginLink().
  Result<std::optional<Person>> findLoginLink(const std::string& tokenHash, std::int64_t now);
  // Uses the link up; nothing when it is unknown, over, or its administrator is disabled.
  Result<std::optional<Person>> takeLoginLink(const std::string& tokenHash, std::int64_t now);

 private:
  explicit AdminStore(std::unique_ptr<sqlite::Database> database)
      : database_(std::make_unique<AdminDatabase>(std::move(database))) {}
  Result<std::optional<SessionAndPerson>> lookUpSession(const std::string& tokenHash);

  std::unique_ptr<AdminDatabase> database_;
};

}  // namespace bulkhead::api
