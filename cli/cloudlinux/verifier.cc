#include "cli/cloudlinux/verifier.h"

#include <algorithm>

#include "cli/cloudlinux/oracle.h"
#include "cli/cloudlinux/privacy.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

double medianOf(std::vector<double> times) {
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

bool agrees(Want want, ResultKind kind) {
  switch (want) {
    case Want::kOk:
      return kind == ResultKind::kOk;
    case Want::kBadRequest:
      return kind == ResultKind::kBadRequest;
    case Want::kPermissionDenied:
      return kind == ResultKind::kPermissionDenied;
    case Want::kNotFound:
      return kind == ResultKind::kNotFound;
    case Want::kOkOrDenied:
      return kind == ResultKind::kOk || kind == ResultKind::kPermissionDenied;
    case Want::kDeniedOrNotFound:
      return kind == ResultKind::kNotFound || kind == ResultKind::kPermissionDenied;
    case Want::kRefused:
      return kind == ResultKind::kBadRequest || kind == ResultKind::kNotFound ||
             kind == ResultKind::kPermissionDenied;
    case Want::kAlive:
      return true;
  }
  return false;
}

std::string_view wantName(Want want) {
  switch (want) {
    case Want::kOk:
      return "ok";
    case Want::kBadRequest:
      return "BadRequest";
    case Want::kPermissionDenied:
      return "PermissionDenied";
    case Want::kNotFound:
      return "NotFound";
    case Want::kOkOrDenied:
      return "ok or PermissionDenied";
    case Want::kDeniedOrNotFound:
      return "PermissionDenied or NotFound";
    case Want::kRefused:
      return "a refusal";
    case Want::kAlive:
      return "an orderly end";
  }
  return "";
}

std::string documentKey(const Check& check) {
  std::string key(check.script);
  for (const auto argument : check.arguments)
    key += " " + std::string(argument);
  return key;
}

bool isDocument(const Check& check) {
  static const auto table = documentChecks();
  return std::any_of(table.begin(), table.end(),
                     [&check](const Check& other) { return other.name == check.name; });
}

void replaceAll(std::string& text, const std::string& what, const std::string& with) {
  if (what.empty()) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// Exit status and text of a refusal, with what the caller itself said taken out.
std::string withoutGiven(const std::vector<std::string>& given,
                         const Answer& answer,
                         int exitCode) {
  auto text = answer.message;
  for (const auto& argument : given) {
    replaceAll(text, argument, "?");
    const auto equals = argument.find('=');
    if (equals != std::string::npos) replaceAll(text, argument.substr(equals + 1), "?");
  }
  return std::string(resultKindName(answer.kind)) + "/" + std::to_string(exitCode) + "/" + text;
}

}  // namespace

std::vector<CheckResult> Verifier::run() {
  world_.noteFilesBefore();
  runTable(hostChecks());
  runTable(documentChecks());
  world_.choose(names_);
  runTable(crossChecks());
  runTable(argumentChecks());
  runTable(endUserChecks());
  runTable(hostileChecks());
  runTable(closingChecks());
  return std::move(results_);
}

void Verifier::runTable(std::vector<Check> table) {
  for (auto& check : table) {
    auto result = runCheck(std::move(check));
    result.number = static_cast<int>(results_.size()) + 1;
    if (!result.findings.empty()) result.outcome = Outcome::kFinding;
    results_.push_back(std::move(result));
  }
}

CheckResult Verifier::runCheck(Check check) {
  CheckResult result;
  result.check = std::move(check);
  if (result.check.rule != nullptr) {
    runRule(result);
    return result;
  }
  const auto prepared = prepare(result.check);
  if (!prepared.ok()) {
    result.outcome = Outcome::kSkipped;
    result.skippedBecause = prepared.error().message;
    if (!prepared.error().field.empty()) result.skippedBecause += ": " + prepared.error().field;
    return result;
  }
  result.arguments = prepared->given;
  runScript(*prepared, result);
  return result;
}

void Verifier::runRule(CheckResult& result) const {
  for (const auto need : result.check.needs)
    if (world_.data(need).is_null()) {
      result.outcome = Outcome::kSkipped;
      result.skippedBecause = "no answer to " + std::string(need);
      return;
    }
  for (auto& fault : result.check.rule(world_))
    result.findings.push_back({result.check.severity, std::move(fault)});
}

Result<Verifier::Prepared> Verifier::prepare(const Check& check) const {
  if (!world_.ini().ok()) return Error{Code::kNotFound, "integration.ini could not be read", ""};
  auto line = world_.ini()->script(check.script);
  if (line.path.empty())
    return Error{Code::kNotFound, "not in integration.ini", std::string(check.script)};
  const auto person = world_.cast(check.as);
  if (!person) return Error{Code::kNotFound, "nobody to play", std::string(asName(check.as))};
  Prepared prepared;
  for (const auto argument : check.arguments) {
    TRY_ASSIGN(auto text, world_.expand(argument));
    prepared.given.push_back(std::move(text));
  }
  for (const auto entry : check.environment) {
    TRY_ASSIGN(auto text, world_.expand(entry));
    prepared.call.environment.push_back(std::move(text));
  }
  prepared.call.path = std::move(line.path);
  prepared.call.arguments = std::move(line.arguments);
  prepared.call.arguments.insert(prepared.call.arguments.end(), prepared.given.begin(),
                                 prepared.given.end());
  prepared.call.person = *person;
  prepared.call.place =
      check.as == As::kCage || check.as == As::kCageOther ? Place::kCage : Place::kHost;
  prepared.call.streams = check.streams;
  prepared.call.directory = check.directory;
  return prepared;
}

void Verifier::runScript(const Prepared& prepared, CheckResult& result) {
  std::vector<double> times;
  ScriptRun first;
  bool varies = false;
  for (int i = 0; i < repeats_; ++i) {
    auto run = scripts_.run(prepared.call);
    ++result.calls;
    times.push_back(run.milliseconds);
    if (run.cageFailed) {
      result.outcome = Outcome::kSkipped;
      result.skippedBecause = "no cage on this host: " + run.failure;
      return;
    }
    const bool hopeless = run.timedOut || !run.failure.empty();
    if (i == 0)
      first = std::move(run);
    else
      varies = varies || run.out != first.out;
    if (hopeless) break;
  }
  result.medianMs = medianOf(times);
  world_.noteTime(std::string(result.check.name), result.medianMs);
  judge(prepared, first, result);
  // The panel may have changed between root's answers and this one; a second look tells.
  if (!result.findings.empty() && result.check.want == Want::kOk && !isDocument(result.check)) {
    collect();
    result.findings.clear();
    judge(prepared, scripts_.run(prepared.call), result);
    ++result.calls;
  }
  if (varies && result.check.streams == Streams::kGood && stillDiffers(prepared))
    result.findings.push_back({Severity::kReading, "two runs in a row gave different answers"});
}

bool Verifier::stillDiffers(const Prepared& prepared) {
  return scripts_.run(prepared.call).out != scripts_.run(prepared.call).out;
}

void Verifier::collect() {
  for (const auto& check : documentChecks()) {
    const auto prepared = prepare(check);
    if (!prepared.ok()) continue;
    auto answer = judgeAnswer(scripts_.run(prepared->call), "");
    if (answer.kind == ResultKind::kOk && answer.document.contains("data"))
      world_.setData(documentKey(check), answer.document.at("data"));
  }
}

void Verifier::judge(const Prepared& prepared, const ScriptRun& run, CheckResult& result) {
  const auto& check = result.check;
  if (check.want == Want::kAlive) {
    if (run.signal != 0)
      result.findings.push_back(
          {check.severity, "was ended by signal " + std::to_string(run.signal)});
    if (run.timedOut || !run.failure.empty())
      result.findings.push_back({check.severity, run.timedOut ? "does not end" : run.failure});
    return;
  }
  auto answer = judgeAnswer(run, schemaOf(check.script, prepared.given));
  for (auto& finding : answer.findings)
    result.findings.push_back(std::move(finding));
  if (answer.kind != ResultKind::kNone && !agrees(check.want, answer.kind)) {
    auto text = "answered " + std::string(resultKindName(answer.kind)) + " instead of " +
                std::string(wantName(check.want));
    if (!answer.message.empty()) text += " (" + answer.message.substr(0, 120) + ")";
    result.findings.push_back({check.severity, std::move(text)});
  }
  if (isDocument(check)) {
    if (answer.kind == ResultKind::kOk && answer.document.contains("data"))
      world_.setData(documentKey(check), answer.document.at("data"));
    return;
  }
  if (answer.kind == ResultKind::kOk && agrees(check.want, answer.kind))
    judgeData(prepared, answer.document, result);
  judgeLikeness(prepared, answer, result);
  if (check.as != As::kRoot) judgePrivacy(prepared, run, result);
}

void Verifier::judgeData(const Prepared& prepared,
                         const Json& document,
                         CheckResult& result) const {
  const auto expected = expectedData(world_, result.check.script, prepared.given, result.check.as);
  if (!expected || !document.contains("data")) return;
  auto text = difference(*expected, document.at("data"));
  // The document lets a panel answer all fields whatever --fields says.
  const bool fields = schemaOf(result.check.script, prepared.given) == "users_fields";
  if (!text.empty() && fields) {
    std::vector<std::string> filters;
    for (const auto& argument : prepared.given)
      if (!argument.starts_with("--fields")) filters.push_back(argument);
    const auto whole = expectedData(world_, result.check.script, filters, result.check.as);
    if (whole && difference(*whole, document.at("data")).empty()) text.clear();
  }
  if (!text.empty())
    result.findings.push_back({result.check.severity, "the data are wrong: " + text});
}

void Verifier::judgeLikeness(const Prepared& prepared, const Answer& answer, CheckResult& result) {
  const int exitClass = answer.kind == ResultKind::kOk ? 0 : 1;
  auto plain = withoutGiven(prepared.given, answer, exitClass);
  if (!result.check.like.empty()) {
    const auto other = refusals_.find(result.check.like);
    if (other != refusals_.end() && other->second != plain)
      result.findings.push_back({result.check.severity, "the refusal tells the difference: \"" +
                                                            plain + "\" here, \"" + other->second +
                                                            "\" there"});
  }
  refusals_.emplace(result.check.name, std::move(plain));
}

void Verifier::judgePrivacy(const Prepared& prepared,
                            const ScriptRun& run,
                            CheckResult& result) const {
  for (const auto& word :
       foreignWords(world_, prepared.call.person.uid, prepared.given, run.out + "\n" + run.err))
    result.findings.push_back({Severity::kStated, "tells the caller about " + word});
}

}  // namespace bulkhead::cli::cloudlinux
