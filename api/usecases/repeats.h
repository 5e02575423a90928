// Repeats: knows a change again by the key that its caller gave it, so that a request which is sent
// twice is done once. The key is durable before the change is tried, and the transaction that makes
// the change writes it into the key: after a crash at any instant it either was made and the key
// says so, or it was not made.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/store/store.h"
#include "api/usecases/model.h"
#include "common/core/clock.h"

namespace bulkhead::api {

// Billing systems repeat a failed order for a day or two.
inline constexpr std::int64_t kKeyLifeMicros = 48LL * 3600 * 1'000'000;
// Keys kept of one caller. Some 2 KiB each, so 40 MiB, and 320 MiB at worst; who repeats a request
// does so within minutes, and an import that makes twenty changes a second still finds the last
// quarter of an hour.
inline constexpr std::uint32_t kKeysOfCallerMax = 20'000;
// Keys past their life that one new key takes away: more than one, so that they become fewer, and
// so few that nobody waits for it.
inline constexpr std::uint32_t kKeysForgottenAtOnce = 32;
// An answer that is larger is not kept, and made again from what there is; a job with all its
// evidence has less.
inline constexpr std::size_t kReplyBytesMax = 16U * 1024U;

class Repeats {
 public:
  struct Wanted {
    std::string id;  // as RequestKey
    std::string caller;
    std::string request;
    KeyState state = KeyState::kReserved;  // kBegun: the store does not see whether it was done
  };
  // kNew: nobody did it; do it with `id` as the actor's requestKey, then end(), and leave() at last
  // whatever happened. kRunning: somebody is doing it; `reference` is set once it is certain to
  // happen. kOther: the key was given to another request. kAnswered: `reply`. kDone: it was done,
  // `reference` tells where to look. kUnclear: nobody knows whether it was done. kWithheld: it was
  // done, and its answer must not be given again.
  enum class Found { kNew, kRunning, kOther, kAnswered, kDone, kUnclear, kWithheld };
  struct Begun {
    Found found = Found::kNew;
    std::string reference = {};
    KeptReply reply = {};
  };

  Repeats(Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  Repeats(const Repeats&) = delete;
  Repeats& operator=(const Repeats&) = delete;

  Result<Begun> begin(const Wanted& wanted);

  // How it went. kFinal: this answer, for every repetition. kSecret: it was done, and shows a
  // secret. kUndone: it failed and left nothing. kFailed: it failed; what the store says that was
  // done was done, and otherwise nothing was.
  enum class Ending { kFinal, kSecret, kUndone, kFailed };
  Result<Ok> end(const std::string& id, Ending ending, const KeptReply& reply);
  void leave(const std::string& id);

 private:
  Found enter(const Wanted& wanted);  // kNew, kRunning or kOther
  Result<std::optional<RequestKey>> find(const std::string& id);
  Result<Begun> look(const Wanted& wanted);

  Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::string> running_;  // id -> request, of this process
};

// To be called in the transaction that makes the actor's change, once all of it is written.
// `reference` is the id of what the answer shows: a job, or the object; "" when it shows none.
Result<Ok> noteDone(Tables& tables, const Actor& actor, std::string_view reference);
// Before a change that no transaction of the store contains.
Result<Ok> noteBegun(Tables& tables, const Actor& actor);
// It came to nothing after all.
Result<Ok> noteUndone(Tables& tables, const Actor& actor);

}  // namespace bulkhead::api
