#include "api/usecases/repeats.h"

namespace bulkhead::api {

Result<Repeats::Begun> Repeats::begin(const Wanted& wanted) {
  const Found found = enter(wanted);
  if (found == Found::kRunning) {
    TRY_ASSIGN(const auto key, find(wanted.id));
    return Begun{found, key.has_value() ? key->reference : ""};
  }
  if (found != Found::kNew) return Begun{found};
  // From here on this thread is the only one that looks at the key.
  struct Entered {
    Repeats& repeats;
    const std::string& id;
    bool stays = false;
    ~Entered() {
      if (!stays) repeats.leave(id);
    }
  } entered{*this, wanted.id};
  auto begun = look(wanted);
  entered.stays = begun.ok() && begun->found == Found::kNew;
  return begun;
}

Repeats::Found Repeats::enter(const Wanted& wanted) {
  const std::lock_guard lock(mutex_);
  const auto [running, isNew] = running_.emplace(wanted.id, wanted.request);
  if (isNew) return Found::kNew;
  return running->second == wanted.request ? Found::kRunning : Found::kOther;
}

Result<std::optional<RequestKey>> Repeats::find(const std::string& id) {
  return store_.read([&](const Tables& tables) { return tables.requestKeys().find(id); });
}

Result<Repeats::Begun> Repeats::look(const Wanted& wanted) {
  const std::int64_t now = clock_.nowMicros();
  TRY_ASSIGN(const auto known, find(wanted.id));
  if (known.has_value() && known->createdAt > now - kKeyLifeMicros) {
    if (known->request != wanted.request) return Begun{Found::kOther};
    switch (known->state) {
      case KeyState::kReserved:
        break;  // the process ended before anything was done
      case KeyState::kBegun:
        return Begun{Found::kUnclear};
      case KeyState::kDone:
        return Begun{Found::kDone, known->reference};
      case KeyState::kAnswered:
        return Begun{Found::kAnswered, "", known->reply};
      case KeyState::kWithheld:
        return Begun{Found::kWithheld};
    }
  }
  const auto reserved = store_.write([&](Tables& tables) -> Result<Ok> {
    RequestKeys& keys = tables.requestKeys();
    TRY(keys.forget(now - kKeyLifeMicros, kKeysForgottenAtOnce));
    TRY(keys.remove(wanted.id));
    return keys.add({wanted.id, wanted.caller, wanted.request, now, wanted.state},
                    kKeysOfCallerMax);
  });
  if (!reserved.ok()) return reserved.error();
  return Begun{Found::kNew};
}

Result<Ok> Repeats::end(const std::string& id, Ending ending, const KeptReply& reply) {
  return store_.write([&](Tables& tables) -> Result<Ok> {
    RequestKeys& keys = tables.requestKeys();
    if (ending == Ending::kSecret)
      return keys.end(id, KeyState::kWithheld, {reply.status, "", "", ""});
    if (ending == Ending::kFinal && reply.body.size() <= kReplyBytesMax)
      return keys.end(id, KeyState::kAnswered, reply);
    if (ending == Ending::kUndone) return keys.remove(id);
    TRY_ASSIGN(const auto key, keys.find(id));
    if (!key.has_value() || key->state != KeyState::kReserved) return Ok{};
    return keys.remove(id);
  });
}

void Repeats::leave(const std::string& id) {
  const std::lock_guard lock(mutex_);
  running_.erase(id);
}

Result<Ok> noteDone(Tables& tables, const Actor& actor, std::string_view reference) {
  tables.because(actor.requestId);
  if (actor.requestKey.empty()) return Ok{};
  return tables.requestKeys().mark(actor.requestKey, KeyState::kDone, reference);
}

Result<Ok> noteBegun(Tables& tables, const Actor& actor) {
  tables.because(actor.requestId);
  if (actor.requestKey.empty()) return Ok{};
  return tables.requestKeys().mark(actor.requestKey, KeyState::kBegun, "");
}

Result<Ok> noteUndone(Tables& tables, const Actor& actor) {
  if (actor.requestKey.empty()) return Ok{};
  return tables.requestKeys().mark(actor.requestKey, KeyState::kReserved, "");
}

}  // namespace bulkhead::api
