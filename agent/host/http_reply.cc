#include "agent/host/http_reply.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kHeadBytesMax = 64U << 10U;  // as other clients allow; ours are far smaller
constexpr std::size_t kChunkLineBytesMax = 256;
constexpr int kInterimMax = 8;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

template <typename T>
bool toNumber(std::string_view text, T& number, int base) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

HttpReplyReader::State HttpReplyReader::feed(std::string_view bytes) {
  in_.append(bytes);
  while (!haveHead_) {
    const State state = readHead();
    if (state != State::kDone) return state;
  }
  return readBody();
}

HttpReplyReader::State HttpReplyReader::finish() {
  return haveHead_ && framing_ == Framing::kUntilClose ? State::kDone : State::kBad;
}

// kDone: one head was read; another follows when it was an interim one.
HttpReplyReader::State HttpReplyReader::readHead() {
  const auto end = in_.find("\r\n\r\n");
  if (end == std::string::npos) return in_.size() > kHeadBytesMax ? State::kBad : State::kMore;
  std::string_view head = std::string_view(in_).substr(0, end + 2);
  const auto next = [&head] {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    return line;
  };
  framing_ = Framing::kUntilClose;
  haveLength_ = false;
  left_ = 0;
  if (!readStatusLine(next())) return State::kBad;
  while (!head.empty())
    if (!readHeader(next())) return State::kBad;
  if (haveLength_ && framing_ == Framing::kChunked) return State::kBad;  // two lengths: which one?
  in_.erase(0, end + 4);
  if (status_ < 200) return ++interim_ > kInterimMax ? State::kBad : State::kDone;
  haveHead_ = true;
  if (status_ == 204 || status_ == 304) framing_ = Framing::kLength, left_ = 0;
  return State::kDone;
}

bool HttpReplyReader::readStatusLine(std::string_view line) {
  // "HTTP/1.1 200 OK"
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  return toNumber(line.substr(9, 3), status_, 10) && status_ >= 100 && status_ <= 599;
}

bool HttpReplyReader::readHeader(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto name = line.substr(0, colon);
  const auto value = trim(line.substr(colon + 1));
  if (equalsIgnoringCase(name, "Content-Length")) {
    if (haveLength_ || !toNumber(value, left_, 10)) return false;
    haveLength_ = true;
    if (framing_ != Framing::kChunked) framing_ = Framing::kLength;
  } else if (equalsIgnoringCase(name, "Transfer-Encoding")) {
    if (!equalsIgnoringCase(value, "chunked")) return false;
    framing_ = Framing::kChunked;
    left_ = 0;
  }
  return true;
}

HttpReplyReader::State HttpReplyReader::append(std::string_view bytes) {
  const auto room = bodyBytesMax_ - body_.size();
  body_.append(bytes.substr(0, room));
  return bytes.size() > room ? State::kFull : State::kMore;
}

HttpReplyReader::State HttpReplyReader::readBody() {
  if (framing_ == Framing::kChunked) return readChunks();
  const std::string bytes = std::exchange(in_, {});
  if (framing_ == Framing::kUntilClose) return append(bytes);
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  if (append(std::string_view(bytes).substr(0, taken)) == State::kFull) return State::kFull;
  left_ -= taken;
  return left_ == 0 ? State::kDone : State::kMore;
}

HttpReplyReader::State HttpReplyReader::readChunks() {
  while (true) {
    if (betweenChunks_) {
      const auto end = in_.find("\r\n");
      if (end == std::string::npos)
        return in_.size() > kChunkLineBytesMax ? State::kBad : State::kMore;
      const auto line = std::string_view(in_).substr(0, end);
      if (!toNumber(trim(line.substr(0, line.find(';'))), left_, 16)) return State::kBad;
      in_.erase(0, end + 2);
      if (left_ == 0) return State::kDone;  // trailers say nothing that anybody here wants
      betweenChunks_ = false;
    }
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in_.size()));
    if (append(std::string_view(in_).substr(0, taken)) == State::kFull) return State::kFull;
    in_.erase(0, taken);
    left_ -= taken;
    if (left_ > 0 || in_.size() < 2) return State::kMore;
    if (!in_.starts_with("\r\n")) return State::kBad;
    in_.erase(0, 2);
    betweenChunks_ = true;
  }
}

}  // namespace bulkhead::agent
