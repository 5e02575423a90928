// CliServer: a panel that answers what a test told it to, and remembers what it was asked.
#pragma once
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cli/app.h"
#include "tests/support/http_server.h"

namespace bulkhead::test {

class CliServer {
 public:
  struct Answer {
    int status = 200;
    std::string body;
  };

  // One a request, in order; the last one again and again.
  // Whoever follows a job's events gets `events`, one connection each, and is told 404 beyond them.
  explicit CliServer(std::vector<Answer> answers, std::vector<std::string> events = {})
      : answers_(std::move(answers)),
        events_(std::move(events)),
        server_([this](const api::HttpRequest& request) { return answer(request); }) {}

  std::string path() const { return server_.path(); }

  // "GET /api/v1/jobs?limit=5 body"
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  // What those who followed said they had read, "" = nothing.
  std::vector<std::string> followed() const {
    const std::lock_guard lock(mutex_);
    return followed_;
  }
  // Of the requests that had one.
  std::vector<std::string> keys() const {
    const std::lock_guard lock(mutex_);
    return keys_;
  }

 private:
  api::HttpResponse answer(const api::HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (const auto* accept = request.header("accept");
        accept != nullptr && *accept == "application/x-ndjson")
      return stream(request);
    std::string line = std::string(api::methodName(request.method)) + " " + request.path;
    for (std::size_t i = 0; i < request.query.size(); ++i)
      line += (i == 0 ? "?" : "&") + request.query[i].first + "=" + request.query[i].second;
    if (const auto* condition = request.header("if-match")) line += " If-Match " + *condition;
    if (const auto* key = request.header("idempotency-key")) keys_.push_back(*key);
    if (!request.body.empty()) line += " " + request.body;
    asked_.push_back(std::move(line));
    const auto& chosen = answers_[std::min(next_, answers_.size() - 1)];
    ++next_;
    api::HttpResponse response;
    response.status = chosen.status;
    response.body = chosen.body;
    return response;
  }

  api::HttpResponse stream(const api::HttpRequest& request) {
    const auto* last = request.header("last-event-id");
    followed_.push_back(last == nullptr ? "" : *last);
    api::HttpResponse response;
    response.status = followed_.size() <= events_.size() ? 200 : 404;
    if (response.status != 200) return response;
    response.contentType = "application/x-ndjson";
    response.body = events_[followed_.size() - 1];
    return response;
  }

  mutable std::mutex mutex_;
  std::vector<Answer> answers_;
  std::vector<std::string> events_;
  std::vector<std::string> followed_;
  std::size_t next_ = 0;
  std::vector<std::string> asked_;
  std::vector<std::string> keys_;
  HttpTestServer server_;
};

// What a command line printed and how it ended.
struct Ran {
  cli::ExitCode code = cli::ExitCode::kOk;
  std::string out;
  std::string err;
};

inline Ran runCli(std::vector<std::string> words) {
  words.insert(words.begin(), "bulkhead");
  std::vector<const char*> arguments;
  for (const auto& word : words)
    arguments.push_back(word.c_str());
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Ran ran;
  ran.code = cli::runCommandLine(static_cast<int>(arguments.size()), arguments.data());
  std::fflush(stdout);
  ran.out = ::testing::internal::GetCapturedStdout();
  ran.err = ::testing::internal::GetCapturedStderr();
  return ran;
}

}  // namespace bulkhead::test
