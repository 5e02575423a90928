// Incremental framing of HTTP/1.x requests.
#include "api/http/framing.h"

#include <utility>

namespace bulkhead::api {
namespace {

// Below this, moving the rest of the buffer forward costs more than the memory is worth.
constexpr std::size_t kCompactBytes = 32U * 1024U;
// Room for method, blanks and version around a target of the allowed length.
constexpr std::size_t kRequestLineExtra = 64;

}  // namespace

void RequestReader::append(std::string_view bytes) {
  if (refusal_) return;
  if (start_ == buffer_.size()) {
    buffer_.clear();
    start_ = 0;
  } else if (start_ > kCompactBytes && start_ > buffer_.size() / 2) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  buffer_.append(bytes);
}

RequestReader::State RequestReader::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  head_.reset();
  buffer_ = std::string();
  start_ = 0;
  return State::kRefused;
}

RequestReader::State RequestReader::advance() {
  if (refusal_) return State::kRefused;
  if (!head_) {
    if (bufferedBytes() == 0) return State::kIdle;
    const State state = advanceHead();
    if (state != State::kBody) return state;
  }
  return bufferedBytes() < head_->bodyBytes ? State::kBody : State::kRequest;
}

// Looks at each byte once, however small the pieces in which they come.
RequestReader::State RequestReader::advanceHead() {
  const std::string_view bytes = std::string_view(buffer_).substr(start_);
  for (;;) {
    const std::size_t end = bytes.find('\n', scanned_);
    const std::size_t seen = end == std::string_view::npos ? bytes.size() : end + 1;
    if (lines_ == 0 && seen > limits_.targetBytes + kRequestLineExtra) {
      return refuse({414, Code::kLimitExceeded, "the request line is too long"});
    }
    if (seen > limits_.headBytes)
      return refuse({431, Code::kLimitExceeded, "the head is too large"});
    scanned_ = seen;
    if (end == std::string_view::npos) return State::kHead;
    if (end == lineStart_ || bytes[end - 1] != '\r') {
      return refuse({400, Code::kInvalidArgument, "a line does not end with CR LF"});
    }
    if (end - lineStart_ == 1) break;
    lineStart_ = end + 1;
    if (++lines_ > limits_.headerCount + 1)
      return refuse({431, Code::kLimitExceeded, "too many headers"});
  }
  auto parsed = parseHead(bytes.substr(0, lineStart_), limits_);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) return refuse(*refusal);
  head_ = std::move(std::get<RequestHead>(parsed));
  start_ += scanned_;
  scanned_ = lineStart_ = lines_ = 0;
  return State::kBody;
}

FramedRequest RequestReader::take() {
  FramedRequest out{std::move(head_->request), head_->keepAlive};
  out.request.body = buffer_.substr(start_, head_->bodyBytes);
  start_ += head_->bodyBytes;
  head_.reset();
  return out;
}

}  // namespace bulkhead::api
