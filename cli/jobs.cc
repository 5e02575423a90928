#include "cli/jobs.h"

#include <chrono>
#include <cstdio>
#include <set>
#include <thread>

#include "cli/follow.h"
#include "cli/interrupt.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(300);
constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kNameWidth = 18;

constexpr long kAskSeconds = 10;  // reading a job takes milliseconds

// Asking again cannot help; of what is usually final, too many requests and a panel that restarts
// are not.
bool isFinal(Code code) {
  return !isRetryable(code) && code != Code::kLimitExceeded && code != Code::kInternal;
}

bool ended(const std::string& state) {
  return state == "succeeded" || state == "failed" || state == "rolled_back" ||
         state == "cancelled";
}

// Prints each step once, when it is over.
class Progress {
 public:
  explicit Progress(const Terminal& terminal) : terminal_(terminal) {}

  void show(const Json& job) {
    const Json steps = job.value("steps", Json::array());
    std::size_t done = 0;
    std::string running;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const std::string state = printable(steps[i].value("state", ""));
      const std::string name = printable(steps[i].value("name", ""));
      if (state == "running") running = name;
      if (state == "pending" || state == "running") continue;
      ++done;
      if (shown_.insert(std::to_string(i) + state).second)
        line(i + 1, steps.size(), name, state, steps[i]);
    }
    if (terminal_.errorIsTerminal) bar(done, steps.size(), running);
  }
  void finish() {
    if (terminal_.errorIsTerminal) std::fputs("\r\x1b[K", stderr);
  }

 private:
  void line(std::size_t number,
            std::size_t count,
            const std::string& name,
            const std::string& state,
            const Json& step) {
    finish();
    const bool good = state == "succeeded" || state == "skipped";
    const char* colour = terminal_.colour ? (good ? "\x1b[32m" : "\x1b[31m") : "";
    std::fprintf(stderr, "[%zu/%zu] %s %s%s%s", number, count, padded(name, kNameWidth).c_str(),
                 colour, state.c_str(), terminal_.colour ? "\x1b[0m" : "");
    const Json evidence = step.value("evidence", Json::array());
    if (!evidence.empty())
      std::fprintf(stderr, "  (%s: %s)", printable(evidence.back().value("check", "")).c_str(),
                   printable(evidence.back().value("detail", "")).c_str());
    std::fputc('\n', stderr);
  }
  static void bar(std::size_t done, std::size_t count, const std::string& running) {
    const std::size_t filled = count == 0 ? 0 : done * kBarWidth / count;
    const std::string text = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
    std::fprintf(stderr, "\r\x1b[K[%s] %zu/%zu %s", text.c_str(), done, count, running.c_str());
    std::fflush(stderr);
  }

  const Terminal& terminal_;
  std::set<std::string> shown_;
};

bool isRefusal(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 429;  // those ask for patience
}

Code codeOf(const Response& response, const std::string& name) {
  const Code code = codeFromName(name);
  if (code == Code::kInternal && response.status > 500) return Code::kUnavailable;  // a gateway's
  if (isRefusal(response.status) == isFinal(code)) return code;
  if (response.status == 401) return Code::kUnauthenticated;
  if (response.status == 403) return Code::kPermissionDenied;
  return isRefusal(response.status) ? Code::kInvalidArgument : Code::kUnavailable;
}

// A status other than 200, as the panel explains it.
Error errorOf(const Response& response, const std::string& jobId) {
  if (response.status == 404) return {Code::kNotFound, "there is no job " + jobId, ""};
  std::string message = "the panel answered with status " + std::to_string(response.status);
  const auto body = parseJson(response.body);
  const Json problem = body.ok() && body->is_object() ? *body : Json::object();
  for (const char* part : {"title", "detail"})
    if (const std::string text = problem.value(part, ""); !text.empty()) message += ": " + text;
  return {codeOf(response, problem.value("code", "")), message, ""};
}

// The job while it runs and at its end; an error for everything else.
Result<Json> askOnce(const Client& client, const std::string& jobId) {
  TRY_ASSIGN(const Response response,
             client.send({"GET", "/api/v1/jobs/" + percentEncode(jobId), "", kAskSeconds}));
  if (response.status != 200) return errorOf(response, jobId);
  TRY_ASSIGN(Json job, parseJson(response.body));
  if (!job.is_object()) return Error{Code::kInternal, "the panel's answer is no job", ""};
  return job;
}

// Waits on the job's events, and shows the job at each. False when the panel tells none: it is one
// of before, has no room, or restarts; then asking from time to time has to do.
bool showEvents(const Client& client,
                const std::string& jobId,
                Place& place,
                long timeLimitSeconds,
                Progress& progress) {
  const auto answer = followOnce(client, "/api/v1/jobs/" + percentEncode(jobId) + "/events", place,
                                 timeLimitSeconds, [&](const Json&) {
                                   const auto job = askOnce(client, jobId);
                                   if (job.ok()) progress.show(*job);
                                   return !job.ok() || !ended(job->value("state", ""));
                                 });
  return answer.ok() && answer->status == 200;
}

}  // namespace

Result<Json> watchJob(const Client& client,
                      const std::string& jobId,
                      const Terminal& terminal,
                      std::chrono::seconds limit) {
  const InterruptGuard guard;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  Progress progress(terminal);
  const Error running{Code::kTimeout, "the job still runs", ""};
  Error last = running;
  Place place;
  do {
    auto job = askOnce(client, jobId);
    if (job.ok()) {
      progress.show(*job);
      if (ended(job->value("state", ""))) {
        progress.finish();
        return job;
      }
      last = running;
    } else {
      last = job.error();
    }
    const long left = std::chrono::duration_cast<std::chrono::seconds>(
                          deadline - std::chrono::steady_clock::now())
                          .count();
    if (!isFinal(last.code) &&
        !(job.ok() && left > 0 && showEvents(client, jobId, place, left, progress)))
      std::this_thread::sleep_for(kPollInterval);
    if (interrupted()) last = Error{Code::kCancelled, "interrupted; the job goes on", ""};
  } while (!isFinal(last.code) && std::chrono::steady_clock::now() < deadline);
  progress.finish();
  return last;
}

std::string nextAfterWatch(const Error& error, const std::string& jobId) {
  if (error.code == Code::kNotFound) return "see what exists with: bulkhead job list";
  if (isFinal(error.code) && error.code != Code::kCancelled)
    return "run as root on the server, or look at --host and --token-file";
  return "watch it with: bulkhead job watch " + jobId;
}

ExitCode exitCodeForJob(const Json& job) {
  const std::string state = job.value("state", "");
  if (state == "succeeded") return ExitCode::kOk;
  if (state == "rolled_back") return ExitCode::kRolledBack;
  const Json problem = job.value("problem", Json::object());
  return problem.is_object() ? exitCodeForProblem(problem, 0) : ExitCode::kFailed;
}

}  // namespace bulkhead::cli
