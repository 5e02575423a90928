#include "cli/app.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "common/core/json.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/cli_server.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

using test::CliServer;
using test::runCli;
using Lines = std::vector<std::string>;

// Takes requests and answers none: the connection ends instead.
class LosingServer {
 public:
  LosingServer() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    thread_ = std::thread([this] {
      while (true) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        std::array<char, 4096> request{};
        (void)!::read(client, request.data(), request.size());
        ::close(client);
      }
    });
  }
  LosingServer(const LosingServer&) = delete;
  LosingServer& operator=(const LosingServer&) = delete;
  ~LosingServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string path() const { return directory_.path() + "/sock"; }

 private:
  testing::TempDir directory_;
  int listener_;
  std::thread thread_;
};

std::string page(const std::string& names, const std::string& cursor) {
  return R"({"data":[)" + names + R"(],"page":{"next_cursor":)" +
         (cursor.empty() ? "null" : "\"" + cursor + "\"") + R"(,"has_more":)" +
         (cursor.empty() ? "false" : "true") + "}}";
}

const char* const kIssued = R"({"id":"tok_1","name":"whmcs","secret":"the secret"})";

TEST(Token, HasItsSecretAloneOnStandardOutput) {
  CliServer server({{201, kIssued}});
  const auto ran = runCli({"--socket", server.path(), "token", "create", "whmcs", "--scopes",
                           "accounts:read,plans:read", "--addresses", "192.0.2.0/24",
                           "--lifetime-seconds", "3600", "--read-only"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.out, "the secret\n");
  EXPECT_NE(ran.err.find("tok_1"), std::string::npos);
  EXPECT_NE(ran.err.find("not shown again"), std::string::npos);
  EXPECT_EQ(ran.err.find("the secret"), std::string::npos);
  const auto asked = server.asked();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].substr(0, 20), "POST /api/v1/tokens ");
  EXPECT_EQ(
      *parseJson(asked[0].substr(20)),
      *parseJson(R"({"name":"whmcs","scopes":["accounts:read","plans:read"],)"
                 R"("addresses":["192.0.2.0/24"],"lifetime_seconds":3600,"read_only":true})"));
}
TEST(Token, IsTheAnswerItselfInJson) {
  CliServer server({{200, kIssued}});
  const auto ran = runCli(
      {"--json", "--socket", server.path(), "token", "rotate", "tok_1", "--overlap-seconds", "60"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.out, std::string(kIssued) + "\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(server.asked(),
            Lines{"POST /api/v1/tokens/tok_1/actions/rotate {\"overlap_seconds\":60}"});
}
TEST(Token, ComplainsAboutAnAnswerWithoutASecret) {
  CliServer server({{201, R"({"id":"tok_1"})"}});
  const auto ran =
      runCli({"--socket", server.path(), "token", "create", "whmcs", "--scopes", "plans:read"});
  EXPECT_NE(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.out, "");
}
TEST(Token, HasItsOtherCommands) {
  CliServer server({{200, R"({"id":"tok_1"})"}});
  EXPECT_EQ(runCli({"--socket", server.path(), "token", "get", "tok_1"}).code, ExitCode::kOk);
  EXPECT_EQ(runCli({"--socket", server.path(), "token", "self"}).code, ExitCode::kOk);
  EXPECT_EQ(runCli({"--socket", server.path(), "token", "revoke", "tok_1", "--yes"}).code,
            ExitCode::kOk);
  EXPECT_EQ(server.asked(), (Lines{"GET /api/v1/tokens/tok_1", "GET /api/v1/tokens/self",
                                   "DELETE /api/v1/tokens/tok_1"}));
}

TEST(List, ShowsEveryPageAsOneTable) {
  CliServer server(
      {{200, page(R"({"username":"ann"})", "c1")}, {200, page(R"({"username":"bob"})", "")}});
  const auto ran = runCli({"--socket", server.path(), "account", "list"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_NE(ran.out.find("ann"), std::string::npos);
  EXPECT_NE(ran.out.find("bob"), std::string::npos);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(server.asked(),
            (Lines{"GET /api/v1/accounts?limit=200", "GET /api/v1/accounts?limit=200&cursor=c1"}));
}

TEST(List, IsOneJsonDocument) {
  CliServer server(
      {{200, page(R"({"username":"ann"})", "c1")}, {200, page(R"({"username":"bob"})", "")}});
  const auto ran = runCli({"--json", "--socket", server.path(), "account", "list"});
  const auto body = parseJson(ran.out);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->at("data").size(), 2U);
  EXPECT_FALSE(body->at("page").at("has_more").get<bool>());
}

TEST(List, SaysWhenItStopsBeforeTheEnd) {
  CliServer server({{200, page(R"({"username":"ann"})", "c1")}});
  const auto ran = runCli({"--socket", server.path(), "account", "list", "--limit", "1"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.err, "1 shown, there are more: --limit N shows so many, --cursor c1 goes on\n");
  EXPECT_EQ(server.asked(), Lines{"GET /api/v1/accounts?limit=1"});
}

TEST(List, ShowsTheRefusalOfALaterPage) {
  CliServer server({{200, page(R"({"username":"ann"})", "c1")},
                    {503, R"({"title":"Service Unavailable","code":"unavailable"})"}});
  const auto ran = runCli({"--socket", server.path(), "account", "list"});
  EXPECT_EQ(ran.code, ExitCode::kUnreachable);
  EXPECT_EQ(ran.out, "");
}

TEST(List, EndsWithAPanelThatPromisesRowsAndGivesNone) {
  CliServer server({{200, page("", "c1")}});
  EXPECT_EQ(runCli({"--socket", server.path(), "account", "list"}).code, ExitCode::kOk);
  EXPECT_EQ(server.asked().size(), 1U);
}

TEST(List, OfWhatGrowsForEverShowsTheNewestOnly) {
  CliServer server({{200, page(R"({"id":"job_1"})", "")}});
  (void)runCli({"--socket", server.path(), "job", "list"});
  EXPECT_EQ(server.asked(), Lines{"GET /api/v1/jobs?limit=50"});
}

TEST(Change, TakesAwayWhatIsGivenAsNull) {
  CliServer server({{200, "{}"}});
  (void)runCli({"--socket", server.path(), "admin", "update", "ann", "--email", "null"});
  EXPECT_EQ(server.asked(), Lines{R"(PATCH /api/v1/admins/ann {"email":null})"});
}

TEST(Change, TakesTheKeyByWhichItIsRepeated) {
  CliServer server({{204, ""}});
  runCli({"--socket", server.path(), "plan", "delete", "small", "--yes", "--idempotency-key",
          "order 17"});
  runCli({"--socket", server.path(), "plan", "delete", "small", "--yes"});
  ASSERT_EQ(server.keys().size(), 2U);
  EXPECT_EQ(server.keys()[0], "order 17");
  EXPECT_EQ(server.keys()[1].size(), 32U);
}
TEST(Change, RefusesAKeyOfTwoLines) {
  CliServer server({{204, ""}});
  const auto ran = runCli(
      {"--socket", server.path(), "plan", "delete", "small", "--yes", "--idempotency-key", "a\nb"});
  EXPECT_EQ(ran.code, ExitCode::kUsage);
  EXPECT_TRUE(server.asked().empty());
}
TEST(Change, SaysByWhichKeyItIsRepeatedWhenItsAnswerGotLost) {
  const LosingServer server;
  const auto lost = runCli({"--socket", server.path(), "plan", "delete", "small", "--yes",
                            "--idempotency-key", "order 17"});
  EXPECT_EQ(lost.code, ExitCode::kUnreachable);
  EXPECT_NE(lost.err.find("--idempotency-key 'order 17'"), std::string::npos) << lost.err;
  // Its answer is not kept, so the key gives nothing back.
  const auto secret = runCli({"--socket", server.path(), "login-link", "create"});
  EXPECT_EQ(secret.err.find("--idempotency-key"), std::string::npos) << secret.err;
  EXPECT_NE(secret.err.find("look before you repeat it"), std::string::npos) << secret.err;
  const auto read = runCli({"--socket", server.path(), "plan", "get", "small"});
  EXPECT_EQ(read.err.find("--idempotency-key"), std::string::npos) << read.err;
  const auto nobody =
      runCli({"--socket", "/tmp/bulkhead-no-socket", "plan", "delete", "small", "--yes"});
  EXPECT_EQ(nobody.err.find("--idempotency-key"), std::string::npos) << nobody.err;
}
TEST(Change, IsBoundToARevisionByIfMatch) {
  CliServer server({{200, "{}"}});
  (void)runCli({"--socket", server.path(), "admin", "update", "ann", "--email", "a@b.test",
                "--if-match", "3"});
  EXPECT_EQ(server.asked(),
            Lines{R"(PATCH /api/v1/admins/ann If-Match "r3" {"email":"a@b.test"})"});
}

TEST(Help, SaysHowToTakeAwayAndOffersNoSwitchThatIsAlwaysRefused) {
  const auto ran = runCli({"domain", "update", "--help"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_NE(ran.out.find("takes it away"), std::string::npos);
  EXPECT_NE(ran.out.find("--primary"), std::string::npos);
  EXPECT_EQ(ran.out.find("--no-primary"), std::string::npos);
}

TEST(Delete, WantsYesWhereNobodyCanBeAsked) {
  CliServer server({{200, "{}"}});
  const auto ran = runCli({"--socket", server.path(), "account", "delete", "bob"});
  EXPECT_EQ(ran.code, ExitCode::kUsage);
  EXPECT_EQ(ran.err,
            "error: there is no terminal to ask whether to delete account bob\n"
            "  next: give --yes to do it without a question\n");
  EXPECT_EQ(server.asked(), Lines{});
}

TEST(Usage, NamesTheUnknownOptionBeforeWhatSeemsToBeMissing) {
  const auto ran = runCli({"account", "create", "--pln", "small"});
  EXPECT_EQ(ran.code, ExitCode::kUsage);
  EXPECT_EQ(ran.err,
            "error: there is no option --pln here\n  next: bulkhead account create --help\n");
  EXPECT_EQ(ran.out, "");
}

TEST(Usage, PointsToTheHelpOfThePlaceThatWasReached) {
  const std::vector<std::pair<Lines, std::string>> cases = {
      {{"account", "creat"}, "bulkhead account --help"},
      {{"acount", "create"}, "bulkhead --help"},
      {{"account"}, "bulkhead account --help"},
      {{"account", "create"}, "bulkhead account create --help"},
      {{"account", "create", "bob", "--plan"}, "bulkhead account create --help"},
      {{"account", "get", "bob", "eve"}, "bulkhead account get --help"},
      {{"job", "watch", "job_1", "--timeout", "soon"}, "bulkhead job watch --help"}};
  for (const auto& [words, help] : cases) {
    const auto ran = runCli(words);
    EXPECT_EQ(ran.code, ExitCode::kUsage) << words.back();
    EXPECT_TRUE(ran.err.starts_with("error: ")) << ran.err;
    EXPECT_TRUE(ran.err.ends_with("\n  next: " + help + "\n")) << ran.err;
  }
}

TEST(Completion, KnowsEveryOptionOfTheCommandsThatAreNoRoute) {
  const auto offered = [](Lines words) {
    words.insert(words.begin(), {"complete", "--"});
    return runCli(words).out;
  };
  EXPECT_EQ(offered({"setup", "--no"}), "--no-firewall\n");
  EXPECT_EQ(offered({"audit", "verify", "--d"}), "--directory\n");
  EXPECT_EQ(offered({"cloudlinux", "enable", "--d"}), "--duplicate-uids\n");
  EXPECT_EQ(offered({"cloudlinux", "verify", "--i"}), "--integration-ini\n");
  EXPECT_EQ(offered({"job", "watch", "--t"}), "--timeout\n--token-file\n");
}

TEST(Failure, OfAnotherHostIsNotBlamedOnThisOne) {
  const auto ran = runCli({"--host", "panel.invalid:2087", "account", "list"});
  EXPECT_EQ(ran.code, ExitCode::kUnreachable);
  EXPECT_NE(ran.err.find("look at the name and the port in --host"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find("systemctl"), std::string::npos);
}

// For suites that run as root.
class AsNobody {
 public:
  AsNobody() : before_(::geteuid()) { EXPECT_EQ(before_ == 0 ? ::seteuid(65534) : 0, 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() { EXPECT_EQ(before_ == 0 ? ::seteuid(0) : 0, 0); }

 private:
  uid_t before_;
};

// The panel's own socket closes the connection of everybody but root.
TEST(LocalUser, IsSentToSudoAtOnce) {
  const AsNobody nobody;
  const auto ran = runCli({"account", "create", "bob", "--plan", "a b", "--domain", "b.test"});
  EXPECT_EQ(ran.code, ExitCode::kDenied);
  EXPECT_NE(ran.err.find("  next: sudo bulkhead account create bob --plan 'a b' --domain b.test\n"),
            std::string::npos)
      << ran.err;
}

TEST(Job, IsFollowedToItsEnd) {
  CliServer server({{202, R"({"id":"job_1","kind":"account.suspend","state":"queued"})"},
                    {200, R"({"id":"job_1","kind":"account.suspend","state":"succeeded"})"}});
  const auto ran = runCli({"--socket", server.path(), "account", "suspend", "bob"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.out, "account.suspend succeeded (job_1)\n");
}

TEST(Job, IsOnlyNamedWithNoWait) {
  CliServer server({{202, R"({"id":"job_1","kind":"account.suspend","state":"queued"})"}});
  const auto ran = runCli({"--socket", server.path(), "account", "suspend", "bob", "--no-wait"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_NE(ran.out.find("job_1"), std::string::npos);
  EXPECT_EQ(server.asked(), Lines{"POST /api/v1/accounts/bob/actions/suspend"});
}

TEST(Problem, IsShownWithItsExitCode) {
  CliServer server(
      {{404, R"({"title":"Not Found","code":"not_found","instance":"/api/v1/accounts/x"})"}});
  const auto ran = runCli({"--socket", server.path(), "account", "get", "x"});
  EXPECT_EQ(ran.code, ExitCode::kNotFound);
  EXPECT_EQ(ran.err, "error: Not Found\n  next: see what exists with: bulkhead account list\n");
}

}  // namespace
}  // namespace bulkhead::cli
