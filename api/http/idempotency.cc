#include "api/http/idempotency.h"

#include <algorithm>
#include <array>

#include "api/http/reply.h"
#include "common/audit/digest.h"
#include "common/types/idempotency_key.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::string_view kHeader = "Idempotency-Key";
constexpr int kRunningRetrySeconds = 2;  // most changes have been answered by then

// Parts of a digest's text: their lengths go along, so that no two lists give the same text.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts)
    out += std::to_string(part.size()) + ":" + std::string(part);
  return out;
}

// A digest of a password that takes no time to compute would be a way to guess it.
void leaveOutSecrets(const Schema& schema, Json& value) {
  if (schema.type() == Schema::Type::kArray && value.is_array())
    for (auto& item : value)
      leaveOutSecrets(schema.item(), item);
  if (!value.is_object()) return;
  for (const auto& field : schema.fields()) {
    const auto found = value.find(field.name);
    if (found == value.end()) continue;
    if (field.schema.isSecret())
      value.erase(found);
    else
      leaveOutSecrets(field.schema, *found);
  }
}

// The same for every spelling of one request: the order of members and of parameters says nothing.
std::string digestOf(const Route& route, const Call& call) {
  NameValues query = call.http.query;
  std::sort(query.begin(), query.end());
  std::string parameters;
  for (const auto& [name, value] : query)
    parameters += joined({name, value});
  Json body = call.body;
  if (route.body) leaveOutSecrets(*route.body, body);
  return sha256Hex(joined(
      {methodName(call.http.method), call.http.path, parameters, nlohmann::json(body).dump()}));
}

std::string callerOf(const Principal& principal) {
  if (principal.kind == Principal::Kind::kLocalRoot) return "root";
  if (principal.token) return principal.token->id;
  return principal.standInId.empty() ? principal.personId
                                     : principal.standInId + "/" + principal.personId;
}

Problem badKey() {
  return problemOf({FieldError{std::string(kHeader), Fault::kFormat,
                               "1 to 255 printable ASCII characters are expected"}},
                   FaultPlace::kHeader);
}

bool isSuccess(int status) { return status >= 200 && status < 300; }

// Refusals by what there is: the same request gets them again, until somebody changes something
// else. Who may not, came too often or too late, or had read what is no longer so, is told so each
// time anew.
bool isDefinite(int status) {
  constexpr std::array kPassing{401, 403, 408, 412, 428, 429};
  return status >= 400 && status < 500 &&
         std::find(kPassing.begin(), kPassing.end(), status) == kPassing.end();
}

std::string headerOf(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

KeptReply kept(const HttpResponse& response) {
  return {response.status, headerOf(response, "Location"), headerOf(response, "ETag"),
          response.content()};
}

HttpResponse replayed(const KeptReply& reply) {
  HttpResponse response;
  response.status = reply.status;
  if (reply.status >= 400) response.contentType = "application/problem+json";
  if (!reply.location.empty()) response.headers.emplace_back("Location", reply.location);
  if (!reply.etag.empty()) response.headers.emplace_back("ETag", reply.etag);
  response.headers.emplace_back("Idempotency-Replayed", "true");
  response.body = reply.body;
  return response;
}

Problem notKept(std::string detail) {
  return problemOf(HttpFault::kReplyNotKept, std::move(detail));
}

// Where to read what a change without a kept answer made; "" when its answer shows no object.
std::string addressOf(const Route& route, const Call& call, const std::string& reference) {
  if (reference.empty()) return "";
  if (route.answer == Answer::kJob) return "/api/v1/jobs/" + reference;
  const std::string& path = call.http.path;
  if (route.method == Method::kPost) return path + "/" + reference;
  return path.substr(0, path.rfind('/') + 1) + reference;  // by the name of before it may be gone
}

// The answer that a crash took away, made from what there is by now.
Answered remade(const Route& route,
                const Call& call,
                const std::string& reference,
                const Idempotency::Read& read) {
  if (route.answer == Answer::kEmpty) return replayed({route.statuses.front(), "", "", ""});
  const std::string address = addressOf(route, call, reference);
  if (address.empty()) return notKept("it was done, and its answer was lost; use another key");
  Answered found = read(address);
  if (const auto* problem = std::get_if<Problem>(&found)) {
    if (problem->status != statusOf(Code::kNotFound)) return found;
    return notKept("it was done, and what it made is gone since; use another key");
  }
  KeptReply reply = kept(std::get<HttpResponse>(found));
  reply.status = route.answer == Answer::kJob ? 202 : route.statuses.front();
  if (reply.status == 201 || reply.status == 202) reply.location = address;
  return replayed(reply);
}

}  // namespace

Answered Idempotency::once(const Route& route, Call& call, const Read& read) const {
  const std::string* key = call.http.header("idempotency-key");
  if (key == nullptr) return route.handler(call);
  if (!isIdempotencyKey(*key)) return badKey();
  // A dry run changes nothing, and tells what would come now.
  if (route.replay == Replay::kIgnored || call.mode == Mode::kDryRun) return route.handler(call);
  const std::string caller = callerOf(call.principal);
  const std::string id =
      sha256Hex(joined({caller, methodName(call.http.method), call.http.path, *key}));
  const KeyState state = route.replay == Replay::kNever ? KeyState::kBegun : KeyState::kReserved;
  const auto begun = repeats_.begin({id, caller, digestOf(route, call), state});
  if (!begun.ok()) return problemOf(begun.error());
  return begun->found == Repeats::Found::kNew ? perform(route, call, id)
                                              : again(route, call, *begun, read);
}

Answered Idempotency::perform(const Route& route, Call& call, const std::string& id) const {
  struct Running {  // also when the handler throws: what the store says of the key is true then
    Repeats& repeats;
    const std::string& id;
    ~Running() { repeats.leave(id); }
  } const running{repeats_, id};
  call.actor.requestKey = id;
  Answered answered = route.handler(call);
  Repeats::Ending ending = Repeats::Ending::kFailed;
  KeptReply reply;
  if (const auto* problem = std::get_if<Problem>(&answered)) {
    HttpResponse refusal = render(*problem, call.http.path, call.http.requestId);
    if (isDefinite(problem->status) && !problem->retryable)
      ending = Repeats::Ending::kFinal;
    else if (!problem->jobId.empty() || route.replay == Replay::kNever)
      // The job has ended, or what begins so has failed as a whole; either may be tried again.
      ending = Repeats::Ending::kUndone;
    reply = kept(refusal);
    answered = std::move(refusal);
  } else {
    reply = kept(std::get<HttpResponse>(answered));
    if (isSuccess(reply.status))
      ending = route.replay == Replay::kNever ? Repeats::Ending::kSecret : Repeats::Ending::kFinal;
  }
  // Ignoring a failure: it was done all the same, and the key says so without the answer, too.
  (void)repeats_.end(id, ending, reply);
  return answered;
}

Answered Idempotency::again(const Route& route,
                            const Call& call,
                            const Repeats::Begun& begun,
                            const Read& read) const {
  switch (begun.found) {
    case Repeats::Found::kNew:
      break;
    case Repeats::Found::kRunning: {
      Problem problem =
          problemOf(Error{Code::kBusy, "a request with this key is being answered", ""});
      problem.retryAfterSeconds = kRunningRetrySeconds;
      if (route.answer == Answer::kJob) problem.jobId = begun.reference;
      return problem;
    }
    case Repeats::Found::kOther:
      return problemOf(HttpFault::kIdempotencyKeyReused,
                       "this key was given to another request; make a new one for each change");
    case Repeats::Found::kAnswered:
      return replayed(begun.reply);
    case Repeats::Found::kDone:
      return remade(route, call, begun.reference, read);
    case Repeats::Found::kUnclear:
      return notKept(
          "the server stopped while it did this, and whether it was done is not known; look, and "
          "use another key");
    case Repeats::Found::kWithheld:
      return notKept(
          "it was done, and its answer showed a secret, which is not kept; use another key");
  }
  return problemOf(Error{Code::kInternal, "", ""});
}

}  // namespace bulkhead::api
