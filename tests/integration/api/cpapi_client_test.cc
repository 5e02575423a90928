// The real client against the real server: one document whatever happens.
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "common/cpapi/domain_line.h"
#include "tests/support/cpapi_client_scene.h"
#include "tests/support/http_client.h"

#include <nlohmann/json.hpp>

namespace bulkhead::testing {
namespace {

class CpapiClientTest : public CpapiClientScene {};

TEST_F(CpapiClientTest, PrintsEveryDocumentByEitherName) {
  for (const cpapi::Script script : cpapi::kScripts) {
    const std::string name(cpapi::scriptName(script));
    const Ran byWord = client_.run("/opt/cpvendor/bin/cpapi", {name});
    const Ran byLink = client_.run("/opt/cpvendor/bin/" + name);
    expectResult(byWord, "ok", 0);
    EXPECT_EQ(schemaFault(name, byWord.output), "");
    EXPECT_EQ(byLink.output, byWord.output);
    EXPECT_EQ(client_.run(name).output, byWord.output);
  }
}
TEST_F(CpapiClientTest, EndsWithTheStatusOfItsAnswer) {
  expectResult(client_.run("cpapi", {"users", "--owner=root"}), "ok", 0);
  expectResult(client_.run("users", {"--owner=nosuch"}), "NotFound", 4);
  expectResult(client_.run("users", {"--nosuch"}), "BadRequest", 3);
  for (const auto& words : std::vector<std::vector<std::string>>{
           {}, {""}, {"nosuchscript"}, {"--help"}, {"ui_user_info"}, {"users", "extra"}})
    expectResult(client_.run("cpapi", words), "BadRequest", 3);
  expectResult(client_.run("users", {"users"}), "BadRequest", 3);
  expectResult(client_.run("", {"users"}), "ok", 0);
}
TEST_F(CpapiClientTest, TakesArgumentsAsTheyCome) {
  const Ran ran = client_.run("users", {"--package-name=Gói Pro & <x> \"q\"", "--package-owner",
                                        "admin2", "--fields=username"});
  expectResult(ran, "ok", 0);
  EXPECT_EQ(Json::parse(ran.output)["data"][0]["username"], "dave");
  expectResult(client_.run("users", {"--owner=\"},{\"a\":\"\\\n\x01"}), "NotFound", 4);
  expectResult(client_.run("users", {"--owner=\xff\xfe"}), "BadRequest", 3);
  expectResult(client_.run("users", {"--owner=" + std::string(120'000, 'x')}), "BadRequest", 3);
  expectResult(client_.run("users", std::vector<std::string>(5000, "--owner=x")), "BadRequest", 3);
}
TEST_F(CpapiClientTest, CaresForNothingInItsSurroundings) {
  const std::string usual = client_.run("domains").output;
  CpapiClient::How how;
  how.environment = {"PROXYEXEC_UID=1001",
                     "SUDO_UID=1001",
                     "SUDO_USER=alice",
                     "USER=alice",
                     "LOGNAME=alice",
                     "HOME=/home/alice",
                     "LD_PRELOAD=/tmp/x",
                     "PYTHONPATH=/tmp",
                     "LC_ALL=tr_TR.UTF-8",
                     "MALLOC_PERTURB_=1",
                     "GLIBC_TUNABLES=glibc.malloc.check=3"};
  how.before = [] { (void)::umask(0777); };
  EXPECT_EQ(client_.run("domains", {}, how).output, usual);
}
TEST_F(CpapiClientTest, PrintsLargeDocumentsWhole) {
  ASSERT_TRUE(world_.write([](api::Tables& t) -> Result<Ok> {
    for (int i = 0; i < 4000; ++i)
      TRY(t.domains().add(
          CpapiWorld::domain("d" + std::to_string(i) + ".many.alice.example", "alice")));
    return Ok{};
  }));
  const Ran ran = client_.run("domains");
  expectResult(ran, "ok", 0);
  EXPECT_GT(ran.output.size(), 400'000U);
  EXPECT_EQ(Json::parse(ran.output)["data"].size(), 4009U);
}

// ---- descriptors

TEST_F(CpapiClientTest, FailsQuietlyWithoutStdout) {
  CpapiClient::How how;
  how.before = [] { ::close(STDOUT_FILENO); };
  const Ran ran = client_.run("users", {}, how);
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.output, "");
}
TEST_F(CpapiClientTest, AnswersWithoutTheOtherDescriptors) {
  CpapiClient::How how;
  how.before = [] {
    ::close(STDIN_FILENO);
    ::close(STDERR_FILENO);
  };
  expectResult(client_.run("users", {}, how), "ok", 0);
  how.before = [] {
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::close(fd);
  };
  EXPECT_EQ(client_.run("users", {}, how).exit, 1);
}
TEST_F(CpapiClientTest, TellsThatItsOutputCouldNotBeWritten) {
  CpapiClient::How how;
  how.before = [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  EXPECT_EQ(client_.run("users", {}, how).exit, 1);
  how.before = [] { ::dup2(::open("/dev/null", O_RDONLY), STDOUT_FILENO); };
  EXPECT_EQ(client_.run("users", {}, how).exit, 1);
}
TEST_F(CpapiClientTest, SurvivesAReaderThatLeaves) {
  ASSERT_TRUE(world_.write([](api::Tables& t) -> Result<Ok> {
    for (int i = 0; i < 2000; ++i)
      TRY(t.domains().add(
          CpapiWorld::domain("d" + std::to_string(i) + ".x.alice.example", "alice")));
    return Ok{};
  }));
  CpapiClient::How how;
  how.readAll = false;
  const Ran ran = client_.run("domains", {}, how);
  EXPECT_EQ(ran.signal, 0);
  EXPECT_EQ(ran.exit, 1);
}
TEST_F(CpapiClientTest, AnswersWithoutMemory) {
  CpapiClient::How how;
  how.before = [] {
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_DATA, &none);
    (void)::setrlimit(RLIMIT_STACK, &none);
  };
  const Ran ran = client_.run("users", {"--nosuch"}, how);
  // The kernel may refuse to start it at all; once it runs, it answers.
  if (ran.signal == 0) expectResult(ran, "BadRequest", 3);
  how.before = [] {
    const rlimit little{1200 * 1024, 1200 * 1024};
    (void)::setrlimit(RLIMIT_AS, &little);
  };
  const Ran document = client_.run("users", {}, how);
  if (document.signal == 0 && !document.output.empty()) {
    EXPECT_EQ(Json::parse(document.output)["metadata"].count("result"), 1U);
  }
}

// ---- servers

TEST_F(CpapiClientTest, SaysWhenNobodyAnswers) {
  server_.reset();
  expectResult(client_.run("panel_info"), "InternalAPIError", 1);
  expectResult(client_.run("users", {"--nosuch"}), "BadRequest", 3);
  if (::getuid() == 0)
    expectResult(client_.run("users"), "InternalAPIError", 1);
  else
    expectResult(client_.run("users"), "PermissionDenied", 2);
  std::filesystem::remove(client_.socket());
  expectResult(client_.run("domains"), "InternalAPIError", 1);
}
TEST_F(CpapiClientTest, DoesNotWaitForEverForAServerThatHangs) {
  server_.reset();
  const Fd hanging = impostor();
  const auto begun = std::chrono::steady_clock::now();
  expectResult(client_.run("panel_info"), "InternalAPIError", 1);
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(took, std::chrono::milliseconds(1500));
  EXPECT_LT(took, std::chrono::seconds(20));
}
TEST_F(CpapiClientTest, TakesNoHalfAnswerAndNoForeignOne) {
  server_.reset();
  for (const std::string& bytes :
       {std::string(
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nBulkhead-Cpapi-Status: 0\r\n\r\n{\"data"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"),
        std::string("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n{}"), std::string("garbage"),
        std::string()}) {
    ending_ = false;
    Fd listening = impostor();
    std::thread thread = answering(listening, bytes);
    expectResult(client_.run("panel_info"), "InternalAPIError", 1);
    end(listening, thread);
  }
}
TEST_F(CpapiClientTest, WaitsForAServerThatRestarts) {
  server_.reset();
  Fd listening = impostor();
  std::thread thread = answering(listening, "");  // it accepts and dies
  std::thread restart([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    end(listening, thread);
    serve();
  });
  const Ran ran = client_.run("panel_info");
  restart.join();
  expectResult(ran, "ok", 0);
}

// ---- many at once

TEST_F(CpapiClientTest, AThousandReadersSeeOldOrNewAndNothingBetween) {
  // The writer's transaction changes an account, its domain and a package together.
  const auto appear = [](api::Tables& t) -> Result<Ok> {
    TRY(t.plans().add(CpapiWorld::plan("new", "New", "")));
    TRY(t.accounts().add(CpapiWorld::account("newcomer", 1060, "new", "")));
    return t.domains().add(CpapiWorld::domain("newcomer.example", "newcomer", true));
  };
  const auto vanish = [](api::Tables& t) -> Result<Ok> {
    TRY(t.domains().remove("dom_newcomer.example"));
    TRY(t.accounts().remove("acc_newcomer"));
    return t.plans().remove("pln_new");
  };
  const std::vector<std::string> scripts{"users", "domains", "packages"};
  std::map<std::string, std::set<std::string>> complete;
  for (const auto& script : scripts)
    complete[script].insert(client_.run(script).output);
  ASSERT_TRUE(world_.write(appear));
  for (const auto& script : scripts) {
    complete[script].insert(client_.run(script).output);
    ASSERT_EQ(complete[script].size(), 2U);
  }
  std::atomic<bool> done{false};
  std::thread writer([&] {
    bool there = true;
    while (!done) {
      EXPECT_TRUE(there ? world_.write(vanish) : world_.write(appear));
      there = !there;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  constexpr int kReaders = 1000;
  constexpr int kAtOnce = 8;
  std::atomic<int> next{0};
  std::atomic<int> wrong{0};
  std::atomic<int> changes{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < kAtOnce; ++i)
    readers.emplace_back([&] {
      std::string last;
      for (int n = next++; n < kReaders; n = next++) {
        const std::string& script = scripts[static_cast<std::size_t>(n) % scripts.size()];
        const Ran ran = client_.run(script);
        if (ran.exit != 0 || !complete.at(script).contains(ran.output)) ++wrong;
        if (script == "users") {
          if (!last.empty() && last != ran.output) ++changes;
          last = ran.output;
        }
      }
    });
  for (auto& reader : readers)
    reader.join();
  done = true;
  writer.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(changes, 0) << "the writer changed nothing while they read";
}

}  // namespace
}  // namespace bulkhead::testing
