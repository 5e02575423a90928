// One answer of a script, judged by what holds for all of them: one JSON document, the right
// envelope, an exit status that agrees with it, silence on stderr.
#pragma once
#include <string>
#include <string_view>

#include "cli/cloudlinux/finding.h"
#include "cli/cloudlinux/script_run.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {

enum class ResultKind {
  kOk,
  kInternalError,
  kPermissionDenied,
  kBadRequest,
  kNotFound,
  kNone,  // no document, or one with another word in metadata.result
};
std::string_view resultKindName(ResultKind kind);  // as in metadata.result; "no valid answer"

struct Answer {
  ResultKind kind = ResultKind::kNone;
  Json document;        // null when there is none
  std::string message;  // of an error
  Findings findings;    // against the rules that hold for every answer
};

// `schema` is the one for success, "" when the check does not look at it. An error is held against
// the schema of errors.
Answer judgeAnswer(const ScriptRun& run, std::string_view schema);

}  // namespace bulkhead::cli::cloudlinux
