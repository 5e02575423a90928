#include "agent/host/http_reply.h"

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

using State = HttpReplyReader::State;

struct Read {
  State state = State::kMore;
  int status = 0;
  std::string body;
};

// Fed in pieces of the given size, then closed.
Read read(const std::string& bytes, std::size_t piece, std::size_t bodyBytesMax = 1000) {
  HttpReplyReader reader(bodyBytesMax);
  State state = State::kMore;
  for (std::size_t at = 0; at < bytes.size() && state == State::kMore; at += piece)
    state = reader.feed(std::string_view(bytes).substr(at, piece));
  if (state == State::kMore) state = reader.finish();
  return {state, reader.status(), reader.body()};
}

void expectBody(const std::string& bytes, int status, const std::string& body) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
    const auto result = read(bytes, piece);
    EXPECT_EQ(result.state, State::kDone) << piece;
    EXPECT_EQ(result.status, status);
    EXPECT_EQ(result.body, body);
  }
}

TEST(HttpReplyReader, ReadsEachKindOfFraming) {
  expectBody("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello");
  expectBody(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
      200, "hello");
  expectBody("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello", 200, "hello");
  expectBody("HTTP/1.1 204 No Content\r\n\r\n", 204, "");
  expectBody("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "");
}

TEST(HttpReplyReader, SkipsInterimReplies) {
  expectBody("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
             201, "ok");
}

TEST(HttpReplyReader, RefusesWhatIsNotHttpOrAmbiguous) {
  for (const std::string bytes :
       {"", "hello", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 2000 x\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"})
    EXPECT_EQ(read(bytes, 7).state, State::kBad) << bytes;
}

TEST(HttpReplyReader, RefusesACutReply) {
  for (const std::string bytes :
       {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"})
    EXPECT_EQ(read(bytes, bytes.size()).state, State::kBad) << bytes;
}

TEST(HttpReplyReader, StopsAtItsLimits) {
  const std::string endless(2000, 'x');
  for (const std::string head :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"}) {
    const auto result = read(head + endless, 64);
    EXPECT_EQ(result.state, State::kFull) << head;
    EXPECT_EQ(result.body.size(), 1000U);
  }
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nX: " + std::string(100000, 'x'), 4096).state, State::kBad);
  std::string interim;
  for (int i = 0; i < 20; ++i)
    interim += "HTTP/1.1 102 x\r\n\r\n";
  EXPECT_EQ(read(interim, 4096).state, State::kBad);
  EXPECT_EQ(
      read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(1000, '1'), 64)
          .state,
      State::kBad);
}

}  // namespace
}  // namespace bulkhead::agent
