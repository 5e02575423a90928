#include "cli/perform.h"

#include <algorithm>
#include <iostream>

#include "cli/pages.h"
#include "cli/panel_address.h"
#include "cli/prompt.h"
#include "cli/step_up.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr JsonLimits kBodyLimits{64U << 20U, 32, 2'000'000};  // a whole list

std::string commandLine(const Command& command) {
  std::string line = "bulkhead";
  for (const auto& word : command.words)
    line += " " + word;
  return line;
}

// "account bob", "database-user shop of bob".
std::string objectOf(const Command& command, const Values& given) {
  std::string object = command.words.front();
  for (auto name = command.positional.rbegin(); name != command.positional.rend(); ++name)
    if (const auto found = given.find(*name); found != given.end())
      object += (name == command.positional.rbegin() ? " " : " of ") + found->second;
  return object;
}

// kOk to go on; else what the command ends with.
ExitCode confirm(const Command& command,
                 const Values& given,
                 const Common& common,
                 const Terminal& terminal) {
  if (!command.destructive || common.yes || common.dryRun) return ExitCode::kOk;
  const std::string what = command.words.back() + " " + objectOf(command, given);
  switch (ask("Really " + what + "? It cannot be undone. Type yes to go on:", terminal)) {
    case Answer::kYes:
      return ExitCode::kOk;
    case Answer::kNo:
      std::cerr << "nothing was done\n";
      return ExitCode::kFailed;
    case Answer::kNobodyThere:
      break;
  }
  return complain({Code::kInvalidArgument, "there is no terminal to ask whether to " + what, ""},
                  "give --yes to do it without a question");
}

Json parsed(const std::string& body) {
  auto value = parseJson(body, kBodyLimits);
  return value.ok() ? std::move(value).value() : Json();
}

ExitCode printBody(const std::string& body,
                   const Common& common,
                   const std::vector<std::string>& columns = {}) {
  if (common.json) {
    std::cout << body << "\n";
    return ExitCode::kOk;
  }
  const Json value = parsed(body);
  std::cout << (value.is_null() ? printable(body) + "\n" : renderTable(value, columns));
  return ExitCode::kOk;
}

// A login link's path becomes an address that a browser can open.
void printLink(const std::string& body, const Common& common) {
  const Json link = parsed(body);
  if (common.json || !link.is_object() || !link.contains("path")) return;
  std::cout << "link  " << printable(panelAddress(common.endpoint) + link.value("path", ""))
            << "\n";
}

// What is shown once goes to stdout alone, so that it can be piped into a file; the rest of the
// answer is said beside it.
ExitCode printSecret(const Command& command, const std::string& body) {
  Json answer = parsed(body);
  const std::string secret = answer.is_object() ? answer.value(command.secret, "") : "";
  if (secret.empty())
    return complain({Code::kInternal, "the panel answered without the " + command.secret, ""}, "");
  answer.erase(command.secret);
  std::cerr << renderTable(answer) << "The " << command.secret
            << " is not shown again; keep it in a file that only its user can read.\n";
  std::cout << printable(secret) << "\n";
  return ExitCode::kOk;
}

ExitCode follow(const Client& client,
                const std::string& id,
                const Common& common,
                const Terminal& terminal) {
  const auto job = watchJob(client, id, terminal, std::chrono::seconds(common.timeLimitSeconds));
  if (!job.ok()) return complain(job.error(), nextAfterWatch(job.error(), shellWord(id)));
  if (common.json) {
    std::cout << printJson(*job) << "\n";
  } else {
    const Json problem = job->value("problem", Json());
    if (problem.is_object()) std::cerr << renderProblem(problem);
    std::cout << printable(job->value("kind", "") + " " + job->value("state", "")) << " ("
              << printable(id) << ")\n";
  }
  return exitCodeForJob(*job);
}

ExitCode showAnswer(const Client& client,
                    const Command& command,
                    const Response& response,
                    const Common& common,
                    const Terminal& terminal) {
  if (response.status >= 400) return showProblem(response, common);
  if (response.status == 202 && !common.noWait) {
    const Json job = parsed(response.body);
    if (!job.is_object() || job.value("id", "").empty())
      return complain({Code::kInternal, "the panel started a job and did not say which", ""},
                      "look at: bulkhead job list");
    return follow(client, job.value("id", ""), common, terminal);
  }
  if (response.body.empty()) return ExitCode::kOk;
  if (!command.secret.empty() && !common.json) return printSecret(command, response.body);
  if (command.words.front() == "login-link") printLink(response.body, common);
  const ExitCode code = printBody(response.body, common, command.columns);
  const std::string more = command.list ? moreToSee(parsed(response.body)) : "";
  if (!more.empty()) std::cerr << printable(more) << "\n";
  return code;
}

Result<Response> sendOnce(const Command& command, const Values& values, const Common& common) {
  TRY_ASSIGN(Request request, buildRequest(command, values, common.dryRun));
  request.ifMatch = common.ifMatch;
  request.idempotencyKey = common.idempotencyKey;
  return Client(common.endpoint).send(request);
}

// Again with what the panel asks for, once each: a code of the second factor, a proof of the
// person. `common` gets the token under which the session goes on.
Result<Response> answerTo(const Client& client,
                          const Command& command,
                          Values values,
                          Common& common,
                          const Terminal& terminal) {
  if (command.list) return readPages(client, command, values);
  TRY_ASSIGN(Response answer, sendOnce(command, values, common));
  if (problemCodeOf(answer) == "step_up_required") {
    TRY_ASSIGN(const Response proved, proveWhoAsks(common.endpoint, common.tokenFile, terminal));
    if (proved.status >= 400) return proved;
    TRY_ASSIGN(answer, sendOnce(command, values, common));
  }
  const bool takesCode = std::any_of(
      command.fields.begin(), command.fields.end(),
      [](const Field& field) { return field.secret && field.name == "code" && !field.required; });
  if (takesCode && problemCodeOf(answer) == "second_factor_required") {
    TRY_ASSIGN(values["code"], readSecret("code", terminal));
    return sendOnce(command, values, common);
  }
  return answer;
}

// A change whose answer never came may have been made: the same key keeps it from being made twice.
std::string nextAfterLoss(const Command& command, const Common& common, const Error& error) {
  const std::string next = nextAfterFailure(error, common.endpoint);
  const bool sent =
      error.code == Code::kTimeout || error.code == Code::kCancelled || error.field == kLostField;
  if (!command.keyed || !sent) return next;
  return (next.empty() ? "" : next + "; ") + "it may have been done: " +
         (command.replayed ? "repeat it with --idempotency-key " +
                                 shellWord(common.idempotencyKey) + ", and it is done once"
                           : "look before you repeat it; what it showed is not shown again");
}

}  // namespace

ExitCode showProblem(const Response& response, const Common& common) {
  Json problem = parsed(response.body);
  if (!problem.is_object())
    problem = {{"title", "the panel answered with status " + std::to_string(response.status)}};
  if (common.json)
    std::cout << response.body << "\n";
  else
    std::cerr << renderProblem(problem);
  return exitCodeForProblem(problem, response.status);
}

ExitCode perform(const Command& command,
                 Values given,
                 const Common& common,
                 const Terminal& terminal) {
  if (const auto fit = checkIdempotencyKey(common.idempotencyKey); !fit.ok())
    return complain(fit.error(), commandLine(command) + " --help");
  Common keyed = common;
  if (command.keyed && keyed.idempotencyKey.empty()) keyed.idempotencyKey = newIdempotencyKey();
  const ExitCode agreed = confirm(command, given, common, terminal);
  if (agreed != ExitCode::kOk) return agreed;
  for (const auto& field : command.fields) {
    if (!field.secret || !field.required) continue;
    auto secret = field.name.starts_with("new_") ? readNewSecret(field.name, terminal)
                                                 : readSecret(field.name, terminal);
    if (!secret.ok())
      return complain(secret.error(),
                      secret.error().code == Code::kCancelled
                          ? ""
                          : "run it on a terminal, or: " + commandLine(command) + " ... < FILE");
    given[field.name] = *secret;
  }
  const Client client(common.endpoint);
  const auto response = answerTo(client, command, given, keyed, terminal);
  if (response.ok()) return showAnswer(client, command, *response, common, terminal);
  const Error& error = response.error();
  if (error.code == Code::kInvalidArgument && error.field != "ca-file")
    return complain(error, commandLine(command) + " --help");
  return complain(error, nextAfterLoss(command, keyed, error));
}

ExitCode watch(const std::string& jobId, const Common& common, const Terminal& terminal) {
  const Client client(common.endpoint);
  const auto job = watchJob(client, jobId, terminal, std::chrono::seconds(common.timeLimitSeconds));
  if (!job.ok()) return complain(job.error(), nextAfterWatch(job.error(), shellWord(jobId)));
  std::cout << (common.json ? printJson(*job) + "\n" : renderTable(*job));
  return exitCodeForJob(*job);
}

}  // namespace bulkhead::cli
