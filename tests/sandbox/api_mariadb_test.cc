// The installed program on a database server, in its sandbox: also a new connection is made there.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/sandbox/api_daemon.h"
#include "tests/support/mariadb_place.h"
#include "tests/support/run_program.h"

namespace bulkhead::test {
namespace {

using bulkhead::testing::MariadbPlace;
using bulkhead::testing::MariadbServer;

class ApiDaemonOnMariaDb : public ApiDaemon {
 protected:
  std::string file(const Json& access) {
    const std::string path = directory_ + "/database.json";
    std::ofstream(path) << access.dump();
    fs::permissions(path, fs::perms(0600));
    return path;
  }
  static Json local(const api::mariadb::Access& access) {
    return Json{{"socket", access.socket},
                {"database", access.database},
                {"user", access.user},
                {"password", access.password}};
  }
  std::string logIn() {
    const std::string code = ask("POST", "/api/v1/bootstrap-codes", 201).value("code", "");
    ask("POST", "/api/v1/bootstrap", 201,
        R"({"code":")" + code + R"(","username":"alice","password":"correct horse battery"})");
    const std::string token = ask("POST", "/api/v1/sessions", 201,
                                  R"({"username":"alice","password":"correct horse battery"})")
                                  .value("token", "");
    return "Authorization: Bearer " + token + "\r\n";
  }
  void addPlan(const std::string& bearer, const std::string& name, int status) {
    ask("POST", "/api/v1/plans", status, R"({"name":")" + name + "\"}", bearer);
  }
  std::size_t plans(const std::string& bearer) {
    return ask("GET", "/api/v1/plans?limit=200", 200, "", bearer)["data"].size();
  }
  // Until the server's next connection, which a failure before may put off for a moment.
  bool comesBack(const std::string& bearer) {
    for (int i = 0; i < 100; ++i) {
      const auto answer =
          HttpClient(socket()).exchange(httpRequest("GET", "/api/v1/plans", "", bearer));
      if (answer && answer->status == 200) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
};

TEST_F(ApiDaemonOnMariaDb, LivesThroughTheDeathOfItsDatabase) {
  MariadbServer server;
  const MariadbPlace place(server.path());
  const std::string access = file(local(place.access()));
  start(list_, {"--database", access});
  ASSERT_TRUE(comesUp());
  const std::string bearer = logIn();
  for (int i = 0; i < 20; ++i)
    addPlan(bearer, "plan " + std::to_string(i), 201);
  EXPECT_EQ(plans(bearer), 20U);
  EXPECT_EQ(ask("GET", "/readyz", 503)["store"], true);
  server.kill();
  for (const char* method : {"GET", "POST"}) {
    const bool change = std::string_view(method) == "POST";
    const auto answer = HttpClient(socket()).exchange(
        httpRequest(method, "/api/v1/plans", change ? R"({"name":"lost"})" : "",
                    bearer + (change ? "Content-Type: application/json\r\n" : "")));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 503) << answer->body;
    EXPECT_FALSE(answer->header("retry-after").empty());
    EXPECT_EQ(answer->body.find("mysql"), std::string::npos);
  }
  EXPECT_EQ(ask("GET", "/readyz", 503)["store"], false);
  ask("GET", "/healthz", 200);
  server.start();
  ASSERT_TRUE(comesBack(bearer));
  EXPECT_EQ(plans(bearer), 20U);
  addPlan(bearer, "after", 201);
  // The rows are the server's; administrators stay in admins.db.
  end(SIGKILL);
  start(list_, {"--database", access});
  ASSERT_TRUE(comesUp());
  EXPECT_EQ(plans(bearer), 21U);
  EXPECT_FALSE(fs::exists(directory_ + "/panel.db"));
  const int status = end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST_F(ApiDaemonOnMariaDb, FindsWhatWasMovedThereAndBack) {
  const MariadbPlace place;
  const std::string access = file(local(place.access()));
  const std::string program = std::string(BULKHEAD_BINARY_DIR) + "/bulkhead-api";
  const auto copy = [&](const std::string& from, const std::string& to) {
    return testing::runToItsEnd(
        {program, "--state", directory_, "--copy-from", from, "--copy-to", to});
  };
  start(list_);
  ASSERT_TRUE(comesUp());
  const std::string bearer = logIn();
  for (int i = 0; i < 7; ++i)
    addPlan(bearer, "plan " + std::to_string(i), 201);
  end(SIGTERM);
  EXPECT_EQ(copy("sqlite", access), 0);
  EXPECT_EQ(copy("sqlite", access), 0);  // all of it was there already
  start(list_, {"--database", access});
  ASSERT_TRUE(comesUp());
  EXPECT_EQ(plans(bearer), 7U);
  addPlan(bearer, "made there", 201);
  end(SIGTERM);
  EXPECT_NE(copy("sqlite", access), 0);  // other rows
  EXPECT_NE(copy(access, "sqlite"), 0);
  fs::rename(directory_ + "/panel.db", directory_ + "/panel.db.old");
  fs::remove(directory_ + "/panel.db-wal");
  fs::remove(directory_ + "/panel.db-shm");
  // What root makes there is for whoever runs the server.
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown(directory_.c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(copy(access, "sqlite"), 0);
  struct stat info {};
  ASSERT_EQ(::stat((directory_ + "/panel.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, kNobody);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::chown(directory_.c_str(), 0, 0), 0);
  start(list_);
  ASSERT_TRUE(comesUp());
  EXPECT_EQ(plans(bearer), 8U);
}

TEST_F(ApiDaemonOnMariaDb, DoesNotStartWithAFileThatOthersCanRead) {
  const MariadbPlace place;
  const std::string access = file(local(place.access()));
  fs::permissions(access, fs::perms(0644));
  start(list_, {"--database", access});
  const int status = end(0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
}

class ApiDaemonOnRemoteMariaDb : public ApiDaemonOnMariaDb {
 protected:
  // A CA and a server's certificate for these names, in files that the server can read.
  void makeCertificates(const std::string& name, const std::string& names) {
    const std::string d = keys_.path() + "/";
    fs::permissions(keys_.path(), fs::perms(0755));
    const std::string own = d + name;
    const std::string ca = own + "-ca";
    std::ofstream(d + "ext") << "subjectAltName=" << names;
    const auto openssl = [](std::vector<std::string> words) {
      words.insert(words.begin(), "openssl");
      ASSERT_EQ(testing::runToItsEnd(words), 0) << words[1];
    };
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=" + name + "-ca", "-keyout", ca + ".key", "-out",
             ca + ".pem"});
    openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             "/CN=" + name, "-keyout", own + ".key", "-out", own + ".csr"});
    openssl({"x509", "-req", "-days", "2", "-in", own + ".csr", "-CA", ca + ".pem", "-CAkey",
             ca + ".key", "-CAcreateserial", "-extfile", d + "ext", "-out", own + ".pem"});
    for (const auto& entry : fs::directory_iterator(keys_.path()))
      fs::permissions(entry.path(), fs::perms(0644));
  }
  static int freePort() {
    const Fd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    (void)::bind(probe.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place);
    (void)::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&place), &size);
    return ntohs(place.sin_port);
  }
  std::vector<std::string> serverOptions(const std::string& name, int port) const {
    const std::string d = keys_.path() + "/" + name;
    return {"--port=" + std::to_string(port), "--bind-address=127.0.0.1",
            "--ssl-cert=" + d + ".pem", "--ssl-key=" + d + ".key", "--ssl-ca=" + d + "-ca.pem"};
  }
  Json remote(const std::string& host,
              int port,
              const std::string& ca,
              const std::string& database) {
    return Json{{"host", host},
                {"port", port},
                {"ca", keys_.path() + "/" + ca + "-ca.pem"},
                {"database", database},
                {"user", "panel"},
                {"password", bulkhead::testing::kMariadbPassword}};
  }
  bool refusesToStart(const Json& access) {
    start(list_, {"--database", file(access)});
    const int status = end(0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 1;
  }
  bulkhead::testing::TempDir keys_;
  std::string bearer_;
};

TEST_F(ApiDaemonOnRemoteMariaDb, TakesOnlyTheHostThatItsCertificatesName) {
  makeCertificates("good", "DNS:localhost,IP:127.0.0.1");
  makeCertificates("other", "DNS:db.example.com");
  const int port = freePort();
  MariadbServer server(serverOptions("good", port));
  const MariadbPlace place(server.path());
  const std::string database = place.access().database;
  EXPECT_TRUE(refusesToStart(remote("localhost", port, "other", database)));  // another CA
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto access = file(remote(host, port, "good", database));
    start(list_, {"--database", access});
    ASSERT_TRUE(comesUp()) << host;
    const std::string bearer = std::string_view(host) == "127.0.0.1" ? logIn() : bearer_;
    bearer_ = bearer;
    const std::size_t before = plans(bearer);
    server.kill();
    ask("GET", "/api/v1/plans", 503, "", bearer);
    server.start(serverOptions("good", port));
    ASSERT_TRUE(comesBack(bearer)) << host;
    addPlan(bearer, std::string("made over ") + host, 201);
    EXPECT_EQ(plans(bearer), before + 1);
    const int status = end(SIGTERM);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  server.kill();
  server.start(serverOptions("other", port));  // its CA, and not its name
  EXPECT_TRUE(refusesToStart(remote("localhost", port, "other", database)));
}

}  // namespace
}  // namespace bulkhead::test
