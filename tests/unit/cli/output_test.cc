#include "cli/output.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

TEST(Printable, LetsTextThroughAndNothingElse) {
  EXPECT_EQ(printable("Müller, 日本 ☃ 😀"), "Müller, 日本 ☃ 😀");
  EXPECT_EQ(printable("a\x1b[2J\x07\n\r\t\x7f"), "a?[2J?????");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "?2J");  // CSI as one character
  EXPECT_EQ(printable("\x9b"
                      "2J\xff\xc0\x80"),
            "?2J???");                     // and as one byte of no UTF-8
  EXPECT_EQ(printable("\xe6\x97"), "??");  // cut off
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
}

TEST(Padded, CountsCharactersAndNotBytes) {
  EXPECT_EQ(padded("Mü", 4), "Mü  ");
  EXPECT_EQ(padded("longer", 4), "longer");
}

TEST(Complain, SaysWhatIsWrongAndWhatToDoInOneLineEach) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(complain({Code::kNotFound, "no a\x1b[2J", ""}, "try b"), ExitCode::kNotFound);
  EXPECT_EQ(complain({Code::kTimeout, "late", ""}, ""), ExitCode::kUnreachable);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "error: no a?[2J\n  next: try b\nerror: late\n");
}

TEST(RenderTable, AlignsAListByItsWidestCell) {
  const Json body = {{"data", Json::array({{{"name", "a"}, {"memory_bytes", 1048576}},
                                           {{"name", "longer"}, {"memory_bytes", 0}}})}};
  EXPECT_EQ(renderTable(body), "NAME    MEMORY BYTES\na       1 MiB\nlonger  unlimited\n");
  EXPECT_EQ(renderTable(body, {"name"}), "NAME\na\nlonger\n");
  EXPECT_EQ(renderTable({{"data", Json::array()}}), "(none)\n");
}

TEST(RenderTable, LetsNoEscapeSequenceReachATerminal) {
  EXPECT_EQ(renderTable({{"name", "a\x1b[2Jb"}}), "name  a?[2Jb\n");
  const Json list = {{"data", Json::array({{{"name", "a\x1b[2Jb\nc"}}})}};
  EXPECT_EQ(renderTable(list), "NAME\na?[2Jb?c\n");
}

TEST(RenderTable, ShowsTheDifferencesOfADryRunLineByLine) {
  const Json change = {{"diff", "@@ -1 +1 @@\n-old\x1b[2J\n+new\n"}, {"target", "/etc/subuid"}};
  EXPECT_EQ(renderTable({{"changes", Json::array({change})}}),
            "changes:\n  diff:\n    @@ -1 +1 @@\n    -old?[2J\n    +new\n  target  "
            "/etc/subuid\n");
}

TEST(RenderProblem, SaysWhatFailedWhyAndWhatToDo) {
  const Json problem = {{"title", "Not found"},
                        {"detail", "no account bob"},
                        {"code", "not_found"},
                        {"instance", "/api/v1/accounts/bob"},
                        {"request_id", "01R"}};
  EXPECT_EQ(renderProblem(problem),
            "error: Not found: no account bob\n  next: see what exists with: bulkhead account "
            "list\n  request: 01R\n");
}

TEST(RenderProblem, NamesTheListOfWhatIsMissing) {
  const auto next = [](const Json& problem) {
    const std::string text = renderProblem(problem);
    const auto at = text.find("bulkhead ");
    return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(next({{"code", "not_found"}, {"instance", "/api/v1/jobs/job_1"}}), "bulkhead job list");
  EXPECT_EQ(next({{"code", "not_found"},
                  {"instance", "/api/v1/accounts"},
                  {"errors", Json::array({{{"pointer", "/plan"}, {"detail", "no such plan"}}})}}),
            "bulkhead plan list");
  EXPECT_EQ(next({{"code", "not_found"}, {"instance", "/elsewhere"}}), "");
}

TEST(RenderProblem, ListsEveryField) {
  const Json problem = {{"title", "Invalid"},
                        {"errors", Json::array({{{"pointer", "/username"}, {"detail", "too long"}},
                                                {{"pointer", "/plan"}, {"detail", "missing"}}})}};
  EXPECT_EQ(renderProblem(problem), "error: Invalid\n  username: too long\n  plan: missing\n");
}

TEST(RenderProblem, SaysNothingTwice) {
  const Json fault = {{"pointer", "/username"}, {"detail", "username: too long"}};
  const Json problem = {{"title", "Invalid"},
                        {"detail", "/username: username: too long"},
                        {"errors", Json::array({fault})}};
  EXPECT_EQ(renderProblem(problem), "error: Invalid\n  username: too long\n");
}

TEST(ExitCodeForProblem, FollowsTheCodeFirstAndTheStatusElse) {
  EXPECT_EQ(exitCodeForProblem({{"code", "limit_exceeded"}}, 409), ExitCode::kLimit);
  EXPECT_EQ(exitCodeForProblem({{"code", "unheard_of"}}, 404), ExitCode::kNotFound);
  EXPECT_EQ(exitCodeForProblem(Json::object(), 503), ExitCode::kUnreachable);
  EXPECT_EQ(exitCodeForProblem(Json::object(), 500), ExitCode::kFailed);
}

}  // namespace
}  // namespace bulkhead::cli
