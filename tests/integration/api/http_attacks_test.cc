// Attacks that work on the stock library, and a few more: smuggling, hangs, garbage.
#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/http_server.h"

namespace bulkhead {
namespace {

using api::HttpRequest;
using api::HttpResponse;
using test::HttpClient;
using test::httpRequest;
using test::HttpTestServer;
using namespace std::chrono_literals;

// A server that remembers every path its handler saw.
class HttpAttack : public testing::Test {
 protected:
  HttpAttack()
      : server_([this](const HttpRequest& request) {
          const std::lock_guard<std::mutex> lock(mutex_);
          paths_.insert(request.path);
          return HttpResponse{200, {}, "text/plain", request.body};
        }) {}

  bool saw(const std::string& path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return paths_.count(path) > 0;
  }

  // Sends the bytes, reads all answers until the server closes; the statuses in order.
  std::vector<int> statusesOf(const std::vector<std::string>& pieces) {
    HttpClient client(server_.path());
    for (const auto& piece : pieces) {
      (void)client.send(piece);
      if (pieces.size() > 1) std::this_thread::sleep_for(20ms);
    }
    client.endInput();
    std::vector<int> statuses;
    while (const auto response = client.receive(5s))
      statuses.push_back(response->status);
    EXPECT_TRUE(client.rest().empty()) << client.rest();
    return statuses;
  }

  void expectAlive() {
    const auto response = HttpClient(server_.path()).exchange(httpRequest("POST", "/alive", "yes"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "yes");
  }

  std::mutex mutex_;
  std::set<std::string> paths_;
  HttpTestServer server_;
};

using Statuses = std::vector<int>;

TEST_F(HttpAttack, AChunkedBodyCutAfterItsCarriageReturnHangsNothing) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(statusesOf({head + "5\r\nabcde\r", "\n0\r\n\r\n"}), Statuses{501});
  expectAlive();
}

TEST_F(HttpAttack, TheRestOfARefusedBodyIsNeverARequest) {
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string large = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n";
  EXPECT_EQ(statusesOf({large + smuggled}), Statuses{413});
  EXPECT_EQ(statusesOf({large, smuggled}), Statuses{413});
  EXPECT_EQ(statusesOf({large + std::string(100'000, 'x') + smuggled}), Statuses{413});
  EXPECT_EQ(statusesOf({"BAD\r\n\r\n" + smuggled}), Statuses{400});
  EXPECT_EQ(statusesOf({"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n" + smuggled}), Statuses{400});
  EXPECT_FALSE(saw("/smuggled"));
}

TEST_F(HttpAttack, ARequestInsideABodyStaysABody) {
  const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(statusesOf({httpRequest("POST", "/outer", inner) + httpRequest("GET", "/next")}),
            (Statuses{200, 200}));
  EXPECT_TRUE(saw("/outer"));
  EXPECT_TRUE(saw("/next"));
  EXPECT_FALSE(saw("/smuggled"));
}

TEST_F(HttpAttack, LengthAndChunksInOneHeadAreRefusedInEverySpelling) {
  const std::string inner = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string length = "Content-Length: " + std::to_string(inner.size()) + "\r\n";
  for (const char* encoding :
       {"Transfer-Encoding: chunked\r\n", "transfer-encoding:chunked\r\n",
        "Transfer-Encoding:\tchunked\r\n", "Transfer-Encoding: chu\r\n", "Transfer-Encoding: x\r\n",
        "Transfer-Encoding : chunked\r\n", " Transfer-Encoding: chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n", "X: y\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "Content-Length: 0\r\n",
        "Content-Length: 4, 0\r\n", "Content-Length : 0\r\n"}) {
    for (const auto& headers : {length + encoding, encoding + length}) {
      EXPECT_EQ(statusesOf({"POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + inner}),
                Statuses{400})
          << headers;
    }
  }
  EXPECT_TRUE(paths_.empty());
}

TEST_F(HttpAttack, NulAndLineBreaksInThePathAreRefused) {
  for (const auto& path :
       {std::string("/a\0b", 4), std::string("/a\rb"), std::string("/a\nb"), std::string("/a%00b"),
        std::string("/a%0d%0aX:%20y"), std::string("/%2e%2e/b")}) {
    EXPECT_EQ(statusesOf({"GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"}), Statuses{400}) << path;
  }
  EXPECT_TRUE(paths_.empty());
}

TEST_F(HttpAttack, AnIncompleteRequestIsDroppedSilentlyWhenTheClientEnds) {
  EXPECT_EQ(statusesOf({"GET / HTTP/1.1\r\nHost:"}), Statuses{});
  EXPECT_EQ(statusesOf({"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"}),
            Statuses{});
  EXPECT_TRUE(paths_.empty());
}

TEST_F(HttpAttack, ALargeRefusedBodyStillLetsTheClientReadTheAnswer) {
  HttpClient client(server_.path());
  const auto response =
      client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1900000\r\n\r\n" +
                      std::string(1'900'000, 'x'));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->header("connection"), "close");
}

TEST_F(HttpAttack, ThousandsOfMutatedMessagesLeaveItHealthy) {
  const std::vector<std::string> seeds{
      httpRequest("POST", "/v1/a?x=1&y=%20", "{\"a\":1}",
                  "Cookie: a=b; c=d\r\nAccept: text/html, *;q=.2\r\n"),
      httpRequest("GET", "/") + httpRequest("DELETE", "/b"),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
      "HEAD /h HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: "
      "close\r\n\r\n",
  };
  const std::vector<std::string> tokens{"\r\n",
                                        "\n",
                                        "\r",
                                        " ",
                                        ":",
                                        std::string(1, '\0'),
                                        "Content-Length: 3\r\n",
                                        "Transfer-Encoding: chu\r\n",
                                        "%0",
                                        "\xff",
                                        "Expect: 100-continue\r\n",
                                        "HTTP/1.1"};
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same every time
  for (int batch = 0; batch < 100; ++batch) {
    for (int i = 0; i < 300; ++i) {
      std::string bytes = seeds[random() % seeds.size()];
      for (std::size_t n = 1 + random() % 4; n > 0; --n) {
        const std::size_t at = random() % (bytes.size() + 1);
        if (random() % 2 == 0) {
          bytes.insert(at, tokens[random() % tokens.size()]);
        } else {
          bytes.erase(at, random() % 10);
        }
      }
      HttpClient client(server_.path());
      const std::size_t cut = random() % (bytes.size() + 1);
      (void)client.send(bytes.substr(0, cut));
      (void)client.send(bytes.substr(cut));
      if (random() % 4 == 0) continue;  // hangs up without reading
      client.endInput();
      ASSERT_TRUE(client.closedWithin()) << bytes;
    }
    expectAlive();
  }
}

}  // namespace
}  // namespace bulkhead
