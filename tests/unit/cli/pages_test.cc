#include "cli/pages.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/cli_server.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

using test::CliServer;
using Names = std::vector<std::string>;

Client clientOf(const std::string& path) {
  Endpoint endpoint;
  endpoint.socketPath = path;
  return Client(endpoint);
}

std::vector<Command> known() { return *commandsOf(builtInDocument()); }

TEST(NamesOf, AsksTheListOfTheNoun) {
  CliServer server({{200, R"({"data":[{"username":"ann"},{"username":"bob"}],"page":{}})"}});
  EXPECT_EQ(namesOf(clientOf(server.path()), known(), "account"), (Names{"ann", "bob"}));
  EXPECT_EQ(server.asked(), Names{"GET /api/v1/accounts?limit=200"});
}

TEST(NamesOf, OffersNothingThatAShellWouldTakeApart) {
  CliServer server({{200, R"({"data":[{"name":"a b"},{"name":"a;b"},{"name":"ok"}]})"}});
  EXPECT_EQ(namesOf(clientOf(server.path()), known(), "plan"), Names{"ok"});
}

TEST(NamesOf, IsSilentWhenThereIsNoListOrNoPanel) {
  CliServer server({{500, "broken"}});
  EXPECT_EQ(namesOf(clientOf(server.path()), known(), "account"), Names{});
  EXPECT_EQ(namesOf(clientOf(server.path()), known(), "username"), Names{});
  EXPECT_EQ(namesOf(clientOf("/tmp/bulkhead-no-socket"), known(), "account"), Names{});
}

TEST(MoreToSee, IsNothingForACompleteList) {
  EXPECT_EQ(moreToSee({{"data", Json::array()}}), "");
  EXPECT_EQ(moreToSee({{"page", {{"has_more", false}, {"next_cursor", nullptr}}}}), "");
  EXPECT_EQ(moreToSee({{"data", Json::array({1, 2})},
                       {"page", {{"has_more", true}, {"next_cursor", "c d"}}}}),
            "2 shown, there are more: --limit N shows so many, --cursor 'c d' goes on");
}

}  // namespace
}  // namespace bulkhead::cli
