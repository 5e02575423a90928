#include "cli/output.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

TEST(RenderTable, AlignsAListByItsWidestCell) {
  const Json body = {{"data", Json::array({{{"name", "a"}, {"memory_bytes", 1048576}},
                                           {{"name", "longer"}, {"memory_bytes", 0}}})}};
  EXPECT_EQ(renderTable(body), "NAME    MEMORY BYTES\na       1 MiB\nlonger  unlimited\n");
  EXPECT_EQ(renderTable(body, {"name"}), "NAME\na\nlonger\n");
  EXPECT_EQ(renderTable({{"data", Json::array()}}), "(none)\n");
}

TEST(RenderTable, LetsNoEscapeSequenceReachATerminal) {
  const std::string text = renderTable({{"name", "a\x1b[2Jb\nc"}});
  EXPECT_EQ(text, "name  a?[2Jb?c\n");
}

TEST(RenderProblem, SaysWhatFailedWhyAndWhatToDo) {
  const Json problem = {{"title", "Not found"},
                        {"detail", "no account bob"},
                        {"code", "not_found"},
                        {"request_id", "01R"}};
  EXPECT_EQ(renderProblem(problem),
            "error: Not found: no account bob\n  next: see what exists with: bulkhead account "
            "list, bulkhead plan list\n  request: 01R\n");
}

TEST(RenderProblem, ListsEveryField) {
  const Json problem = {{"title", "Invalid"},
                        {"errors", Json::array({{{"pointer", "/username"}, {"detail", "too long"}},
                                                {{"pointer", "/plan"}, {"detail", "missing"}}})}};
  EXPECT_EQ(renderProblem(problem), "error: Invalid\n  /username: too long\n  /plan: missing\n");
}

TEST(ExitCodeForProblem, FollowsTheCodeFirstAndTheStatusElse) {
  EXPECT_EQ(exitCodeForProblem({{"code", "limit_exceeded"}}, 409), ExitCode::kLimit);
  EXPECT_EQ(exitCodeForProblem({{"code", "unheard_of"}}, 404), ExitCode::kNotFound);
  EXPECT_EQ(exitCodeForProblem(Json::object(), 503), ExitCode::kUnreachable);
  EXPECT_EQ(exitCodeForProblem(Json::object(), 500), ExitCode::kFailed);
}

}  // namespace
}  // namespace bulkhead::cli
