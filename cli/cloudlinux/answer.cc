#include "cli/cloudlinux/answer.h"

#include "cli/cloudlinux/schemas.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

// A server with 100,000 accounts and a million domains stays below.
constexpr JsonLimits kAnswerLimits{kAnswerBytesMax, 16, 20000000};
constexpr std::size_t kQuoteMax = 120;  // of what a script printed, in a finding

ResultKind kindCalled(const std::string& name) {
  for (const auto kind :
       {ResultKind::kOk, ResultKind::kInternalError, ResultKind::kPermissionDenied,
        ResultKind::kBadRequest, ResultKind::kNotFound})
    if (name == resultKindName(kind)) return kind;
  return ResultKind::kNone;
}

std::string quoted(const std::string& text) {
  return printJson(Json(text.size() > kQuoteMax ? text.substr(0, kQuoteMax) + "..." : text));
}

// Where the document starts and ends is part of the contract: a banner before it, which sudo
// sessions are known to print, makes the whole answer worthless.
std::string whyNoDocument(const std::string& out, const Error& error) {
  if (out.empty()) return "printed nothing";
  const auto first = out.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "printed only blanks";
  if (out[first] != '{') return "does not begin with a JSON object: " + quoted(out);
  return "is not exactly one valid UTF-8 JSON document (" + error.message + "): " + quoted(out);
}

void judgeProcess(const ScriptRun& run, Answer& answer) {
  const auto stated = [&answer](std::string text) {
    answer.findings.push_back({Severity::kStated, std::move(text)});
  };
  const auto reading = [&answer](std::string text) {
    answer.findings.push_back({Severity::kReading, std::move(text)});
  };
  if (run.timedOut) stated("did not end within its time limit and was killed");
  if (run.truncated) stated("printed more than the limit of this check");
  if (run.signal != 0) stated("was ended by signal " + std::to_string(run.signal));
  if (answer.kind == ResultKind::kOk && run.exitCode != 0)
    stated("exit " + std::to_string(run.exitCode) + " although the result is ok");
  if (answer.kind == ResultKind::kOk && !run.err.empty())
    reading("stderr is not empty: " + quoted(run.err));
  const bool isError = answer.kind != ResultKind::kOk && answer.kind != ResultKind::kNone;
  if (isError && run.signal == 0 && !run.timedOut && run.exitCode == 0)
    reading("exit 0 although the result is " + std::string(resultKindName(answer.kind)));
}

void judgeEnvelope(std::string_view schema, Answer& answer) {
  const auto metadata = answer.document.find("metadata");
  const bool hasResult = metadata != answer.document.end() && metadata->is_object() &&
                         metadata->contains("result") && metadata->at("result").is_string();
  if (!hasResult) {
    answer.findings.push_back({Severity::kStated, "metadata.result is missing"});
    return;
  }
  const auto word = metadata->at("result").get<std::string>();
  answer.kind = kindCalled(word);
  if (answer.kind == ResultKind::kNone)
    answer.findings.push_back(
        {Severity::kStated, "metadata.result is " + quoted(word) + ", which no document defines"});
  if (metadata->contains("message") && metadata->at("message").is_string())
    answer.message = metadata->at("message").get<std::string>();
  const bool isOk = answer.kind == ResultKind::kOk;
  if (answer.kind == ResultKind::kNone || (isOk && schema.empty())) return;
  for (auto& fault : schemaFaults(isOk ? schema : "error", answer.document))
    answer.findings.push_back({Severity::kStated, "schema: " + fault});
}

}  // namespace

std::string_view resultKindName(ResultKind kind) {
  switch (kind) {
    case ResultKind::kOk:
      return "ok";
    case ResultKind::kInternalError:
      return "InternalAPIError";
    case ResultKind::kPermissionDenied:
      return "PermissionDenied";
    case ResultKind::kBadRequest:
      return "BadRequest";
    case ResultKind::kNotFound:
      return "NotFound";
    case ResultKind::kNone:
      return "no valid answer";
  }
  return "no valid answer";
}

Answer judgeAnswer(const ScriptRun& run, std::string_view schema) {
  Answer answer;
  if (!run.failure.empty()) {
    answer.findings.push_back({Severity::kStated, "could not be started: " + run.failure});
    return answer;
  }
  if (run.out.starts_with("\xef\xbb\xbf")) {
    answer.findings.push_back({Severity::kStated, "begins with a byte order mark"});
  } else if (auto document = parseJson(run.out, kAnswerLimits);
             document.ok() && document->is_object()) {
    answer.document = std::move(document).value();
    judgeEnvelope(schema, answer);
  } else {
    const Error notAnObject{Code::kInvalidArgument, "not an object", ""};
    answer.findings.push_back(
        {Severity::kStated,
         whyNoDocument(run.out, document.ok() ? notAnObject : document.error())});
  }
  judgeProcess(run, answer);
  return answer;
}

}  // namespace bulkhead::cli::cloudlinux
