#include "cli/lockdown.h"

#include "tests/unit/cli/cli_server.h"

namespace bulkhead::cli {
namespace {

constexpr std::int64_t kSince = 1767323045;  // 2026-01-02T03:04:05Z

struct Ran {
  ExitCode code;
  std::string out;
  std::string err;
};

Ran run(LockdownVerb verb,
        const Result<LockdownFacts>& told,
        const std::string& socket,
        bool json = false) {
  Endpoint endpoint;
  endpoint.socketPath = socket;
  LockdownOptions options;
  options.patience = std::chrono::milliseconds(300);
  options.pause = std::chrono::milliseconds(1);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Ran ran{};
  ran.code = runLockdown(
      verb, [&](LockdownVerb) { return told; }, Client(endpoint), options, json);
  ran.out = ::testing::internal::GetCapturedStdout();
  ran.err = ::testing::internal::GetCapturedStderr();
  return ran;
}

TEST(LockdownCommand, IsDoneWhenThePanelShowsIt) {
  test::CliServer panel({{200, R"({"on":false})"}, {503, "{}"}, {200, R"({"on":true})"}});
  const auto ran = run(LockdownVerb::kOn, LockdownFacts{true, kSince}, panel.path());
  EXPECT_EQ(ran.code, ExitCode::kOk) << ran.err;
  EXPECT_EQ(ran.out.find("on since 2026-01-02T03:04:05Z: sessions"), 0U) << ran.out;
  EXPECT_EQ(panel.asked().size(), 3U);
}

TEST(LockdownCommand, SaysThatSessionsLiveOnWhileThePanelDoesNotAnswer) {
  const auto ran = run(LockdownVerb::kOn, LockdownFacts{true, kSince}, "/run/absent.sock");
  EXPECT_EQ(ran.code, ExitCode::kUnreachable);
  EXPECT_NE(ran.err.find("locked down"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("sessions and tokens end only when it does"), std::string::npos);
}

TEST(LockdownCommand, SaysWhenTheAgentDoesNotAnswer) {
  const auto ran = run(LockdownVerb::kOn, Error{Code::kUnavailable, "no agent", ""}, "/run/absent");
  EXPECT_EQ(ran.code, ExitCode::kUnreachable);
  EXPECT_EQ(ran.out, "");
}

TEST(LockdownCommand, StatusAsksTheAgentAlone) {
  auto ran = run(LockdownVerb::kStatus, LockdownFacts{true, kSince}, "/run/absent.sock", true);
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.out, "{\"on\":true,\"since\":\"2026-01-02T03:04:05Z\"}\n");
  ran = run(LockdownVerb::kStatus, LockdownFacts{}, "/run/absent.sock");
  EXPECT_EQ(ran.out, "off: the panel changes what it is asked to\n");
}

}  // namespace
}  // namespace bulkhead::cli
