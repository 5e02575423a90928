// Reads one HTTP/1.x reply out of bytes that somebody untrusted sends. Everything is bounded;
// whatever is ambiguous is refused.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::agent {

class HttpReplyReader {
 public:
  enum class State {
    kMore,  // wants more bytes
    kDone,
    kFull,  // the body reached its limit; body() is its start
    kBad,   // not HTTP, or cut
  };
  explicit HttpReplyReader(std::size_t bodyBytesMax) : bodyBytesMax_(bodyBytesMax) {}

  State feed(std::string_view bytes);
  State finish();  // the peer has closed

  int status() const { return status_; }
  std::string& body() { return body_; }

 private:
  enum class Framing { kLength, kChunked, kUntilClose };
  State readHead();
  bool readStatusLine(std::string_view line);
  bool readHeader(std::string_view line);
  State readBody();
  State readChunks();
  State append(std::string_view bytes);

  const std::size_t bodyBytesMax_;
  std::string in_;  // not looked at yet
  bool haveHead_ = false;
  int interim_ = 0;  // 1xx replies so far
  int status_ = 0;
  Framing framing_ = Framing::kUntilClose;
  bool haveLength_ = false;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  bool betweenChunks_ = true;
  std::string body_;
};

}  // namespace bulkhead::agent
