// Enrolling, checking, counting wrong codes.
#include "api/auth/second_factors.h"

#include <algorithm>

#include "api/auth/secret.h"
#include "api/auth/totp.h"
#include "common/log/log.h"

namespace bulkhead::api {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

Error wrongCode() { return {Code::kPermissionDenied, "the code is wrong or was used", "code"}; }
Error rootHasNone() { return {Code::kConflict, "root on this server has no second factor", ""}; }
Error noFactor() { return {Code::kConflict, "there is no second factor", ""}; }

void record(const char* what,
            const std::string& actor,
            const std::string& person,
            const std::string& requestId) {
  logLine(LogLevel::kNotice, what,
          {{"actor", actor}, {"person", person}, {"request_id", requestId}});
}

std::int64_t waitAfter(std::int64_t failures) {
  if (failures < SecondFactors::kTriesAtOnce) return 0;
  constexpr std::int64_t kDoublingsMax = 5;  // 30 seconds 5 times doubled is above the longest
  const std::int64_t doublings = std::min(failures - SecondFactors::kTriesAtOnce, kDoublingsMax);
  return std::min(SecondFactors::kFirstWaitSeconds << doublings,
                  SecondFactors::kLongestWaitSeconds);
}

std::vector<std::string> newBackupCodes() {
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < SecondFactors::kBackupCodes; ++i)
    codes.push_back(newBackupCode());
  return codes;
}

std::vector<std::string> hashesOf(const std::vector<std::string>& codes) {
  std::vector<std::string> hashes;
  for (const auto& code : codes)
    hashes.push_back(hashSecret(normalCode(code)));
  return hashes;
}

}  // namespace

Guarded<Ok> SecondFactors::checkTotp(const std::string& personId,
                                     const std::string& code,
                                     FactorStep step,
                                     const FactorActivation& activation) {
  const std::int64_t now = clock_.nowMicros();
  Guarded<Ok> outcome = wrongCode();
  const auto changed =
      store_.changeFactor(personId, step, activation, [&](FactorRow& row) -> Result<Ok> {
        // What a clock that was ahead has written holds nobody up for longer than what it says now,
        // and uses up no code of today.
        row.blockedUntil = std::min(row.blockedUntil, now + kLongestWaitSeconds * kSecond);
        if (row.usedStep > totpStep(now) + 1) row.usedStep = 0;
        if (row.blockedUntil > now) {
          outcome = Throttled{static_cast<int>((row.blockedUntil - now + kSecond - 1) / kSecond)};
          return Ok{};
        }
        TRY_ASSIGN(const std::string seed, key_.open(row.sealedSeed, personId));
        const auto found = matchingStep(seed, code, now, row.usedStep);
        if (!found) {
          // One that was used already was no guess: whoever sends it twice pressed a button twice.
          if (matchingStep(seed, code, now, 0)) return Ok{};
          ++row.failures;
          row.blockedUntil = now + waitAfter(row.failures) * kSecond;
          return Ok{};
        }
        row.usedStep = *found;
        row.failures = 0;
        if (step == FactorStep::kConfirm) {
          row.active = true;
          row.confirmedAt = now;
        }
        outcome = Ok{};
        return Ok{};
      });
  if (!changed.ok()) return changed.error();
  if (!changed.value()) return noFactor();
  return outcome;
}

Guarded<Ok> SecondFactors::check(const std::string& personId, const std::string& code) {
  const auto row = store_.factor(personId);
  if (!row.ok()) return row.error();
  if (!row.value() || !row.value()->active) return Ok{};
  if (code.empty()) return CodeWanted{};
  if (isTotpCode(code)) return checkTotp(personId, code, FactorStep::kLogin, {});
  const auto taken = store_.takeBackupCode(personId, hashSecret(normalCode(code)));
  if (!taken.ok()) return taken.error();
  if (!taken.value()) return wrongCode();
  return Ok{};
}

Result<Enrolment> SecondFactors::enrol(const Principal& by) {
  if (by.personId.empty()) return rootHasNone();
  const std::string seed = newTotpSeed();
  TRY(store_.addFactor(by.personId, key_.seal(seed, by.personId)));
  return Enrolment{totpUri(seed, by.username), base32Of(seed)};
}

Guarded<std::vector<std::string>> SecondFactors::confirm(const Principal& by,
                                                         const std::string& code,
                                                         const std::string& requestId) {
  if (by.personId.empty()) return rootHasNone();
  auto codes = newBackupCodes();
  const auto checked =
      checkTotp(by.personId, code, FactorStep::kConfirm, {hashesOf(codes), by.sessionId});
  if (!std::holds_alternative<Ok>(checked)) return refusedAs<std::vector<std::string>>(checked);
  record("enabled a second factor", by.actor, by.username, requestId);
  return codes;
}

Result<std::vector<std::string>> SecondFactors::renewBackupCodes(const Principal& by,
                                                                 const std::string& requestId) {
  if (by.personId.empty()) return rootHasNone();
  auto codes = newBackupCodes();
  TRY_ASSIGN(const bool renewed, store_.replaceBackupCodes(by.personId, hashesOf(codes)));
  if (!renewed) return noFactor();
  record("renewed backup codes", by.actor, by.username, requestId);
  return codes;
}

Result<FactorState> SecondFactors::state(const Principal& by) {
  FactorState state;
  TRY_ASSIGN(const auto row, store_.factor(by.personId));
  if (!row || !row->active) return state;
  state.enabled = true;
  state.since = row->confirmedAt;
  TRY_ASSIGN(state.backupCodesLeft, store_.backupCodesLeft(by.personId));
  return state;
}

Result<Ok> SecondFactors::disable(const Principal& by, const std::string& requestId) {
  if (by.personId.empty()) return rootHasNone();
  TRY_ASSIGN(const bool removed, store_.removeFactor(by.personId));
  if (!removed) return noFactor();
  record("disabled a second factor", by.actor, by.username, requestId);
  return Ok{};
}

Result<Ok> SecondFactors::remove(const Principal& by,
                                 const std::string& idOrName,
                                 const std::string& requestId) {
  TRY_ASSIGN(const Administrator admin, store_.findAdministrator(idOrName));
  const bool root = by.kind == Principal::Kind::kLocalRoot;
  if (!root && (by.role != "main" || admin.id == by.personId))
    return Error{Code::kPermissionDenied,
                 "one's own is disabled with a code; only root on this server may remove it", ""};
  TRY_ASSIGN(const bool removed, store_.removeFactor(admin.id));
  if (!removed) return noFactor();
  logLine(LogLevel::kWarning, "removed a second factor",
          {{"actor", by.actor}, {"person", admin.name}, {"request_id", requestId}});
  return Ok{};
}

Result<Ok> SecondFactors::removeBelow(const Principal& by,
                                      const std::string& id,
                                      const std::string& requestId) {
  if (id == by.personId)
    return Error{Code::kPermissionDenied, "one's own is disabled with a code", ""};
  TRY_ASSIGN(const bool removed, store_.removeFactor(id));
  if (!removed) return noFactor();
  logLine(LogLevel::kWarning, "removed a second factor",
          {{"actor", by.actor}, {"person", id}, {"request_id", requestId}});
  return Ok{};
}

}  // namespace bulkhead::api
