// Framing of requests: what is one, what is refused and with which status, and that pieces make no
// difference.
#include "api/http/framing.h"

#include <time.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

using State = RequestReader::State;

const std::string kHost = "Host: h\r\n";

std::string get(const std::string& headers) { return "GET / HTTP/1.1\r\n" + headers + "\r\n"; }

// 200 for a complete request, the refusal's status, 0 for "needs more".
int statusOf(const std::string& bytes, const Limits& limits = {}) {
  RequestReader reader(limits);
  reader.append(bytes);
  const State state = reader.advance();
  return state == State::kRequest ? 200 : state == State::kRefused ? reader.refusal().status : 0;
}

TEST(HttpFraming, ARequestIsTakenApart) {
  RequestReader reader({});
  reader.append(
      "POST /v1/a?x=1&x=2 HTTP/1.1\r\nHost: h:80\r\nX-Thing: \t two words \t\r\nContent-Length: "
      "3\r\n\r\nabc");
  ASSERT_EQ(reader.advance(), State::kRequest);
  const FramedRequest framed = reader.take();
  EXPECT_EQ(framed.request.method, Method::kPost);
  EXPECT_EQ(framed.request.path, "/v1/a");
  EXPECT_TRUE(framed.request.hasDuplicateQueryKey());
  EXPECT_EQ(*framed.request.header("x-thing"), "two words");
  EXPECT_EQ(framed.request.body, "abc");
  EXPECT_TRUE(framed.keepAlive);
  EXPECT_EQ(reader.advance(), State::kIdle);
}

TEST(HttpFraming, ThePhaseFollowsTheBytes) {
  RequestReader reader({});
  EXPECT_EQ(reader.advance(), State::kIdle);
  reader.append("P");
  EXPECT_EQ(reader.advance(), State::kHead);
  reader.append("UT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(reader.advance(), State::kBody);
  reader.append("ab");
  EXPECT_EQ(reader.advance(), State::kRequest);
}

TEST(HttpFraming, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](const std::string& bytes) {
    RequestReader reader({});
    reader.append(bytes);
    EXPECT_EQ(reader.advance(), State::kRequest) << bytes;
    return reader.take().keepAlive;
  };
  EXPECT_TRUE(keeps(get(kHost)));
  EXPECT_FALSE(keeps(get(kHost + "Connection: close\r\n")));
  EXPECT_FALSE(keeps(get(kHost + "Connection: x, CLOSE ,y\r\n")));
  EXPECT_FALSE(keeps(get(kHost + "Connection: keep-alive\r\nConnection: close\r\n")));
  EXPECT_TRUE(keeps(get(kHost + "Connection: closed\r\n")));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n"));
}

TEST(HttpFraming, AMalformedRequestLineIsRefused) {
  for (const char* line : {"GET /",
                           "GET  / HTTP/1.1",
                           "GET /  HTTP/1.1",
                           "GET / HTTP/1.1 ",
                           " GET / HTTP/1.1",
                           "GET / / HTTP/1.1",
                           "GET\t/ HTTP/1.1",
                           "GET / http/1.1",
                           "GET / HTTP/1",
                           "GET / HTTP/1.10",
                           "GET / XTTP/1.1",
                           "G\"T / HTTP/1.1",
                           "GET",
                           "",
                           "GET * HTTP/1.1",
                           "GET http://h/ HTTP/1.1",
                           "GET h:80 HTTP/1.1",
                           "GET /\x7f HTTP/1.1",
                           "GET /\xc3\xa4 HTTP/1.1",
                           "GET /a#b HTTP/1.1",
                           "GET /a\\b HTTP/1.1",
                           "GET /<a> HTTP/1.1",
                           "GET /../a HTTP/1.1",
                           "GET /%00 HTTP/1.1",
                           "GET /%0d%0a HTTP/1.1",
                           "GET /a%zz HTTP/1.1",
                           "GET /?a=%0 HTTP/1.1",
                           "GET /?a=1&&b=2 HTTP/1.1"}) {
    EXPECT_EQ(statusOf(std::string(line) + "\r\n" + kHost + "\r\n"), 400) << line;
  }
  EXPECT_EQ(statusOf(std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28)), 400);
  EXPECT_EQ(statusOf("GET /a\rb HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(HttpFraming, OtherVersionsAndMethodsHaveTheirOwnAnswer) {
  EXPECT_EQ(statusOf("GET / HTTP/1.2\r\n\r\n"), 505);
  EXPECT_EQ(statusOf("PRI * HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(statusOf("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
  EXPECT_EQ(statusOf("get / HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
  EXPECT_EQ(statusOf("CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
}

TEST(HttpFraming, LinesEndWithCrLfAndNothingElse) {
  EXPECT_EQ(statusOf("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: h\n\r\n"), 400);
  EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: h\r\n\n"), 400);
  EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), 400);
  EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"), 400);
  EXPECT_EQ(statusOf("\n"), 400);
  EXPECT_EQ(statusOf("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(HttpFraming, AMalformedHeaderIsRefused) {
  for (const char* line : {"X", ": y", "X : y", "X\t: y", " X: y", "\tfolded", "X\xc3: y",
                           "X(y): z", "X: a\x01", "X: a\x7f", "X[]: y"}) {
    EXPECT_EQ(statusOf(get(kHost + line + "\r\n")), 400) << line;
    EXPECT_EQ(statusOf(get(std::string(line) + "\r\n" + kHost)), 400) << line;
  }
  EXPECT_EQ(statusOf(get(kHost + std::string("X: a\0b\r\n", 8))), 400);
}

TEST(HttpFraming, HostIsNeededOnceAndPlain) {
  EXPECT_EQ(statusOf(get("")), 400);
  EXPECT_EQ(statusOf(get("Host: a\r\nHost: a\r\n")), 400);
  EXPECT_EQ(statusOf(get("Host: a\r\nhost: b\r\n")), 400);
  for (const char* host : {"", "a b", "a/b", "a,b", "user@h", "h?x", "\xc3\xa4"})
    EXPECT_EQ(statusOf(get("Host: " + std::string(host) + "\r\n")), 400) << host;
  for (const char* host : {"h", "h:8443", "[::1]:80", "a-b.example"})
    EXPECT_EQ(statusOf(get("Host: " + std::string(host) + "\r\n")), 200) << host;
}

TEST(HttpFraming, HeadersThatMayComeOnceAreRefusedTwice) {
  for (const char* name : {"Authorization", "Cookie", "Content-Type", "Idempotency-Key", "If-Match",
                           "Prefer", "X-Request-Id"}) {
    EXPECT_EQ(statusOf(get(kHost + name + ": a\r\n" + name + ": a\r\n")), 400) << name;
  }
  EXPECT_EQ(statusOf(get(kHost + "Accept: a\r\nAccept: b\r\n")), 200);
}

TEST(HttpFraming, ContentLengthIsOnePlainNumber) {
  const auto post = [](const std::string& headers) {
    return statusOf("POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\nhello");
  };
  EXPECT_EQ(post("Content-Length: 5\r\n"), 200);
  EXPECT_EQ(post("Content-Length: 0\r\n"), 200);
  for (const char* value : {"", "+5", "-5", "5 ,5", "5, 5", "5,5", "5 5", "0x5", "05", "5.0", "5e0",
                            "five", "\"5\"", "5;"}) {
    EXPECT_EQ(post("Content-Length: " + std::string(value) + "\r\n"), 400) << value;
  }
  EXPECT_EQ(post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400);
  EXPECT_EQ(post("Content-Length: 5\r\ncontent-length: 6\r\n"), 400);
  EXPECT_EQ(post("Content-Length : 5\r\n"), 400);
  EXPECT_EQ(post("Content-Length: 1048577\r\n"), 413);
  EXPECT_EQ(post("Content-Length: 20000000000\r\n"), 413);
  EXPECT_EQ(post("Content-Length: 99999999999999999999999999\r\n"), 413);
  EXPECT_EQ(post("Content-Length: 18446744073709551621\r\n"), 413);  // 2^64 + 5
}

TEST(HttpFraming, TransferEncodingIsNeverAccepted) {
  const auto post = [](const std::string& headers) {
    return statusOf("POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n5\r\nhello\r\n0\r\n\r\n");
  };
  for (const char* value : {"chunked", "chu", "Chunked", "identity", "gzip, chunked", "xchunked",
                            "chunked, identity", ""}) {
    EXPECT_EQ(post("Transfer-Encoding: " + std::string(value) + "\r\n"), 501) << value;
  }
  EXPECT_EQ(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400);
  EXPECT_EQ(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400);
  EXPECT_EQ(post("Transfer-Encoding : chunked\r\n"), 400);
  EXPECT_EQ(post(" Transfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(post("Transfer-Encoding\r\n : chunked\r\n"), 400);
  EXPECT_EQ(statusOf("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(HttpFraming, ExpectAndBodiesOfGetAreRefused) {
  EXPECT_EQ(
      statusOf("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
      417);
  EXPECT_EQ(statusOf(get(kHost + "Content-Length: 1\r\n")), 400);
  EXPECT_EQ(statusOf(get(kHost + "Content-Length: 0\r\n")), 200);
}

TEST(HttpFraming, HeadsAreBounded) {
  EXPECT_EQ(
      statusOf("GET /" + std::string(kTargetBytesMax - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
      200);
  EXPECT_EQ(statusOf("GET /" + std::string(kTargetBytesMax, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
            414);
  EXPECT_EQ(statusOf("GET /" + std::string(2 * kTargetBytesMax, 'a')),
            414);  // without waiting for the end of the line
  std::string headers = kHost;
  for (std::size_t i = 1; i < kHeaderCountMax; ++i)
    headers += "a: b\r\n";
  EXPECT_EQ(statusOf(get(headers)), 200);
  EXPECT_EQ(statusOf(get(headers + "a: b\r\n")), 431);
  EXPECT_EQ(statusOf(get(kHost + "a: " + std::string(kHeadBytesMax, 'x') + "\r\n")), 431);
  EXPECT_EQ(statusOf("GET / HTTP/1.1\r\nHost: h\r\na: " + std::string(kHeadBytesMax, 'x')), 431);
}

TEST(HttpFraming, NothingAfterARefusalBecomesARequest) {
  RequestReader reader({});
  reader.append("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n" + get(kHost));
  EXPECT_EQ(reader.advance(), State::kRefused);
  reader.append(get(kHost));
  EXPECT_EQ(reader.advance(), State::kRefused);
  EXPECT_EQ(reader.bufferedBytes(), 0U);
}

TEST(HttpFraming, PiecesMakeNoDifference) {
  std::string stream;
  for (int i = 0; i < 50; ++i) {
    stream += "PUT /" + std::to_string(i) + "?q=" + std::to_string(i) +
              " HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\nbody\r\n\r";
  }
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same every time
  for (int round = 0; round < 200; ++round) {
    RequestReader reader({});
    int next = 0;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t piece =
          std::min<std::size_t>(stream.size() - at, 1 + random() % (round < 100 ? 5 : 300));
      reader.append(std::string_view(stream).substr(at, piece));
      at += piece;
      while (reader.advance() == State::kRequest) {
        const FramedRequest framed = reader.take();
        ASSERT_EQ(framed.request.path, "/" + std::to_string(next++));
        ASSERT_EQ(framed.request.body, "body\r\n\r");
      }
    }
    ASSERT_EQ(next, 50);
    ASSERT_EQ(reader.advance(), State::kIdle);
  }
}

// Of this thread alone, so that a busy machine does not decide.
double cpuSeconds() {
  timespec now{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The best of several runs.
double secondsFor(std::size_t headBytes, const std::string& line) {
  Limits limits;
  limits.headBytes = 64U << 20U;
  limits.headerCount = 64U << 20U;
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  while (head.size() < headBytes)
    head += line;
  double best = 1e9;
  for (int run = 0; run < 5; ++run) {
    RequestReader reader(limits);
    const double begin = cpuSeconds();
    for (std::size_t at = 0; at < head.size(); at += 100) {
      reader.append(std::string_view(head).substr(at, 100));
      EXPECT_EQ(reader.advance(), State::kHead);
    }
    best = std::min(best, cpuSeconds() - begin);
  }
  return best;
}

TEST(HttpFraming, AHeadInSmallPiecesCostsLinearTime) {
  for (const std::string& line :
       {std::string("a: b\r\n"), "a: " + std::string(10'000, 'x') + "\r\n"}) {
    const double small = secondsFor(100'000, line);
    const double large = secondsFor(1'600'000, line);
    // Linear is 16; a parser that starts over at each piece is at 256.
    EXPECT_LT(large / small, 64) << line.size();
  }
}

// Any bytes in any pieces: no crash, bounded memory, and each complete request is a sane one.
TEST(HttpFraming, MutatedStreamsNeverConfuseIt) {
  const std::string seed =
      "POST /v1/a?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbodyGET /b "
      "HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const std::vector<std::string> tokens{"\r\n",
                                        "\n",
                                        "\r",
                                        ":",
                                        " ",
                                        "\t",
                                        "Content-Length: ",
                                        "Transfer-Encoding: chunked\r\n",
                                        "0\r\n\r\n",
                                        std::string(1, '\0'),
                                        "HTTP/1.1",
                                        "%00",
                                        "Host: x\r\n",
                                        "\xff"};
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  for (int round = 0; round < 40'000; ++round) {
    std::string bytes = seed;
    for (std::size_t i = 0, n = 1 + random() % 6; i < n; ++i) {
      const std::size_t at = random() % (bytes.size() + 1);
      switch (random() % 4) {
        case 0:
          bytes.insert(at, tokens[random() % tokens.size()]);
          break;
        case 1:
          bytes.erase(at, random() % 20);
          break;
        case 2:
          if (at < bytes.size()) bytes[at] = static_cast<char>(random());
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 40));
          break;
      }
    }
    RequestReader reader({});
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t piece = 1 + random() % 60;
      reader.append(std::string_view(bytes).substr(at, piece));
      at += piece;
      while (reader.advance() == State::kRequest) {
        const FramedRequest framed = reader.take();
        ASSERT_EQ(framed.request.path.front(), '/');
        ASSERT_EQ(framed.request.header("transfer-encoding"), nullptr);
      }
    }
  }
}

}  // namespace
}  // namespace bulkhead::api
