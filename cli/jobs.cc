#include "cli/jobs.h"

#include <chrono>
#include <cstdio>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(300);
constexpr std::size_t kBarWidth = 24;

bool ended(const std::string& state) {
  return state == "succeeded" || state == "failed" || state == "rolled_back" ||
         state == "cancelled";
}

// Prints each step once, when it is over.
class Progress {
 public:
  Progress(const Terminal& terminal, bool quiet) : terminal_(terminal), quiet_(quiet) {}

  void show(const Json& job) {
    if (quiet_) return;
    const Json steps = job.value("steps", Json::array());
    std::size_t done = 0;
    std::string running;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const std::string state = steps[i].value("state", "");
      const std::string name = steps[i].value("name", "");
      if (state == "running") running = name;
      if (state == "pending" || state == "running") continue;
      ++done;
      if (shown_.insert(std::to_string(i) + state).second)
        line(i + 1, steps.size(), name, state, steps[i]);
    }
    if (terminal_.errorIsTerminal) bar(done, steps.size(), running);
  }
  void finish() {
    if (terminal_.errorIsTerminal && !quiet_) std::fputs("\r\x1b[K", stderr);
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
    std::fprintf(stderr, "[%zu/%zu] %-18s %s%s%s", number, count, name.c_str(), colour,
                 state.c_str(), terminal_.colour ? "\x1b[0m" : "");
    const Json evidence = step.value("evidence", Json::array());
    if (!evidence.empty())
      std::fprintf(stderr, "  (%s: %s)", evidence.back().value("check", "").c_str(),
                   evidence.back().value("detail", "").c_str());
    std::fputc('\n', stderr);
  }
  static void bar(std::size_t done, std::size_t count, const std::string& running) {
    const std::size_t filled = count == 0 ? 0 : done * kBarWidth / count;
    const std::string text = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
    std::fprintf(stderr, "\r\x1b[K[%s] %zu/%zu %s", text.c_str(), done, count, running.c_str());
    std::fflush(stderr);
  }

  const Terminal& terminal_;
  bool quiet_;
  std::set<std::string> shown_;
};

}  // namespace

Result<Json> watchJob(const Client& client,
                      const std::string& jobId,
                      const Terminal& terminal,
                      const WatchOptions& options) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(options.timeLimitSeconds);
  Progress progress(terminal, options.quiet);
  Error last{Code::kTimeout, "", ""};
  while (std::chrono::steady_clock::now() < deadline) {
    auto response = client.send({"GET", "/api/v1/jobs/" + percentEncode(jobId), "", 30});
    if (response.ok() && response->status == 200) {
      TRY_ASSIGN(const Json job, parseJson(response->body));
      progress.show(job);
      if (ended(job.value("state", ""))) {
        progress.finish();
        return job;
      }
    } else if (response.ok() && response->status == 404) {
      return Error{Code::kNotFound, "there is no job " + jobId, ""};
    } else if (response.ok() && (response->status == 401 || response->status == 403)) {
      return Error{Code::kPermissionDenied, "this job is not yours", ""};
    }
    std::this_thread::sleep_for(kPollInterval);  // a panel that restarts meanwhile resumes the job
  }
  progress.finish();
  return Error{Code::kTimeout, "the job still runs; watch it with: bulkhead job watch " + jobId,
               ""};
}

ExitCode exitCodeForJob(const Json& job) {
  const std::string state = job.value("state", "");
  if (state == "succeeded") return ExitCode::kOk;
  if (state == "rolled_back") return ExitCode::kRolledBack;
  const Json problem = job.value("problem", Json::object());
  return problem.is_object() ? exitCodeForProblem(problem, 0) : ExitCode::kFailed;
}

}  // namespace bulkhead::cli
