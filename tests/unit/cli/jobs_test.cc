#include "cli/jobs.h"

#include <pthread.h>

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/cli/cli_server.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

using std::chrono::seconds;
using test::CliServer;

Client clientOf(const std::string& path) {
  Endpoint endpoint;
  endpoint.socketPath = path;
  return Client(endpoint);
}

Result<Json> watched(const CliServer& server, seconds limit = seconds(20)) {
  return watchJob(clientOf(server.path()), "job_1", Terminal{}, limit);
}

std::string job(const std::string& state, const std::string& steps = "[]") {
  return R"({"id":"job_1","kind":"account.create","state":")" + state + R"(","steps":)" + steps +
         "}";
}

TEST(WatchJob, FollowsTheJobToItsEnd) {
  CliServer server({{200, job("running")}, {200, job("succeeded")}});
  const auto ended = watched(server);
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(exitCodeForJob(*ended), ExitCode::kOk);
  EXPECT_EQ(server.asked(),
            (std::vector<std::string>{"GET /api/v1/jobs/job_1", "GET /api/v1/jobs/job_1"}));
}

TEST(WatchJob, AsksWhenThereIsNewsAndGoesOnAfterTheLastOne) {
  const std::string news = R"({"id":7,"type":"heartbeat"})"
                           "\n"
                           R"({"id":8,"type":"job.running"})"
                           "\n";
  CliServer server(
      {{200, job("queued")}, {200, job("running")}, {200, job("running")}, {200, job("succeeded")}},
      {news, R"({"id":9,"type":"job.succeeded"})"
             "\n"});
  ASSERT_TRUE(watched(server).ok());
  EXPECT_EQ(server.followed(), (std::vector<std::string>{"", "8"}));
  EXPECT_EQ(server.asked().size(), 5U);  // at first, at each event, after each stream
}

TEST(EventFollow, PrintsEachEventAndEndsWhenItIsRefused) {
  const std::string told =
      R"({"id":8,"time":"2026-01-02T03:04:05Z","type":"plan.created","name":"a\u001b[2J","job_id":null})"
      "\n";
  CliServer server({}, {told});
  const auto ran = test::runCli({"--socket", server.path(), "event", "follow"});
  EXPECT_EQ(ran.out, "8  2026-01-02T03:04:05Z  plan.created             a?[2J\n");
  EXPECT_EQ(ran.code, ExitCode::kNotFound);  // once more, and there is no such thing any more
  EXPECT_EQ(server.followed(), (std::vector<std::string>{"", "8"}));
}

TEST(WatchJob, WaitsForAPanelThatRestartsAndForOneThatIsBusy) {
  CliServer server({{503, R"({"title":"Service Unavailable","code":"unavailable"})"},
                    {429, R"({"title":"Too Many Requests","code":"rate_limited"})"},
                    {500, "no JSON"},
                    {200, job("failed")}});
  EXPECT_TRUE(watched(server).ok());
}

TEST(WatchJob, ReportsTheLastFailureOfAPanelThatDoesNotComeBack) {
  CliServer server({{503, R"({"title":"Service Unavailable","detail":"the agent is down"})"}});
  const auto lost = watched(server, seconds(1));
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, Code::kUnavailable);
  EXPECT_EQ(lost.error().message,
            "the panel answered with status 503: Service Unavailable: the agent is down");

  const auto silent = watchJob(clientOf("/tmp/bulkhead-no-socket"), "job_1", {}, seconds(1));
  EXPECT_EQ(silent.error().code, Code::kUnavailable);
  EXPECT_NE(silent.error().message.find("does not answer"), std::string::npos);
  EXPECT_EQ(nextAfterWatch(silent.error(), "job_1"), "watch it with: bulkhead job watch job_1");
}

TEST(WatchJob, SaysThatTheJobStillRunsOnlyOfAJobThatDoes) {
  CliServer server({{503, ""}, {200, job("running")}});
  const auto unfinished = watched(server, seconds(1));
  EXPECT_EQ(unfinished.error().code, Code::kTimeout);
  EXPECT_EQ(unfinished.error().message, "the job still runs");
}

TEST(WatchJob, EndsAtOnceWhenThePanelRefuses) {
  const std::vector<std::pair<int, Code>> refusals = {{400, Code::kInvalidArgument},
                                                      {401, Code::kUnauthenticated},
                                                      {403, Code::kPermissionDenied},
                                                      {404, Code::kNotFound},
                                                      {405, Code::kInvalidArgument}};
  for (const auto& [status, code] : refusals) {
    CliServer server({{status, R"({"title":"No","code":"something_new"})"}});
    const auto refused = watched(server);
    ASSERT_FALSE(refused.ok()) << status;
    EXPECT_EQ(refused.error().code, code) << status;
    EXPECT_EQ(server.asked().size(), 1U) << status;
    EXPECT_FALSE(nextAfterWatch(refused.error(), "job_1").empty()) << status;
  }
}

TEST(WatchJob, ShowsStepsAndEvidenceWithoutTheirControlCharacters) {
  CliServer server(
      {{200, job("succeeded", R"([{"name":"a\u001b]0;x\u0007","state":"succeeded",)"
                              R"("evidence":[{"check":"c\n","detail":"d\u009b2J"}]}])")}});
  testing::internal::CaptureStderr();
  EXPECT_TRUE(watched(server).ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "[1/1] a?]0;x?            succeeded  (c?: d?2J)\n");
}

TEST(WatchJob, LeavesTheJobAloneAfterCtrlC) {
  CliServer server({{200, job("running")}});
  // Only the watching thread may hear it, as the only one of the program does.
  const pthread_t watcher = ::pthread_self();
  std::thread user([&server, watcher] {
    while (server.asked().empty())
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    (void)::pthread_kill(watcher, SIGINT);
  });
  const auto left = watched(server);
  user.join();
  ASSERT_FALSE(left.ok());
  EXPECT_EQ(exitCodeFor(left.error().code), ExitCode::kInterrupted);
  EXPECT_EQ(left.error().message, "interrupted; the job goes on");
  EXPECT_EQ(nextAfterWatch(left.error(), "job_1"), "watch it with: bulkhead job watch job_1");
}

TEST(ExitCodeForJob, FollowsTheStateAndThenTheProblem) {
  EXPECT_EQ(exitCodeForJob({{"state", "rolled_back"}}), ExitCode::kRolledBack);
  EXPECT_EQ(exitCodeForJob({{"state", "failed"}, {"problem", {{"code", "limit_exceeded"}}}}),
            ExitCode::kLimit);
  EXPECT_EQ(exitCodeForJob({{"state", "failed"}, {"problem", nullptr}}), ExitCode::kFailed);
}

}  // namespace
}  // namespace bulkhead::cli
