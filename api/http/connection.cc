// Reading, writing and the phases of one connection.
#include "api/http/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

#include "api/http/body_stream.h"

namespace bulkhead::api {
namespace {

constexpr std::size_t kReadBytes = 16U * 1024U;
// What one connection may read before others get their turn.
constexpr std::size_t kReadsPerTurn = 8;

std::uint64_t nextId() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool wouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Connection::Connection(int fd, Origin origin, const Limits& limits, Slots slots)
    : id_(nextId()),
      fd_(fd),
      origin_(std::move(origin)),
      limits_(limits),
      slots_(std::make_shared<const Slots>(std::move(slots))),
      reader_(limits),
      deadline_(SteadyClock::now() + limits.headTime) {}

void Connection::enter(Phase phase, Millis time) {
  phase_ = phase;
  deadline_ = SteadyClock::now() + time;
}

// One recv; false when there is nothing to read now.
bool Connection::receiveOnce() {
  // Release builds would fill it with a pattern first, at the price of the call itself; no more
  // than what recv wrote is looked at.
  __attribute__((uninitialized)) std::array<char, kReadBytes>
      buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): recv fills it
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  const int error = errno;
  if (got > 0) {
    if (phase_ != Phase::kLinger) reader_.append({buffer.data(), static_cast<std::size_t>(got)});
    return true;
  }
  if (got < 0 && error == EINTR) return true;
  readable_ = false;
  if (got < 0 && wouldBlock(error)) return false;
  inputEnded_ = true;
  if (got < 0 || phase_ == Phase::kLinger) phase_ = Phase::kClosed;
  return true;
}

bool Connection::receive() {
  // A client that sends ahead while we work waits in its own socket, not in our memory.
  if (phase_ == Phase::kHandler || phase_ == Phase::kWrite) return false;
  if (phase_ == Phase::kStream) return noticeLeaving();
  bool changed = false;
  for (std::size_t turn = 0; turn < kReadsPerTurn; ++turn) {
    if (!readable_ || inputEnded_ || phase_ == Phase::kClosed) break;
    if (phase_ != Phase::kLinger && reader_.bufferedBytes() > limits_.headBytes + limits_.bodyBytes)
      break;
    if (!receiveOnce()) break;
    changed = true;
  }
  return changed;
}

// While a stream runs there is nothing that a client could say: whoever ends its side has left.
bool Connection::noticeLeaving() {
  if (!readable_) return false;
  readable_ = false;
  char byte = 0;
  const ssize_t got = ::recv(fd_, &byte, sizeof byte, MSG_DONTWAIT);
  const int error = errno;
  if (got < 0 && (wouldBlock(error) || error == EINTR)) return false;
  phase_ = Phase::kClosed;
  return true;
}

RequestReader::State Connection::parse() {
  const RequestReader::State state = reader_.advance();
  if (state == RequestReader::State::kRequest || state == RequestReader::State::kRefused)
    return state;
  if (inputEnded_) {
    phase_ = Phase::kClosed;  // the rest of this request can not come any more
  } else if (state == RequestReader::State::kHead && phase_ == Phase::kIdle) {
    enter(Phase::kHead, limits_.headTime);
  } else if (state == RequestReader::State::kBody && phase_ != Phase::kBody) {
    enter(Phase::kBody, limits_.bodyTime);
  }
  return state;
}

FramedRequest Connection::takeRequest() {
  FramedRequest framed = reader_.take();
  framed.request.peer = origin_.peer;
  framed.request.listener = origin_.listener;
  enter(Phase::kHandler, limits_.handlerTime);
  return framed;
}

void Connection::answer(AnswerBytes bytes, AfterAnswer after) {
  out_ = std::move(bytes);
  sent_ = 0;
  after_ = after;
  enter(Phase::kWrite, limits_.writeTime);
}

// One sendmsg of what is left of head and body.
ssize_t Connection::sendRest() const {
  const std::string& body = out_.content();
  std::array<iovec, 2> parts{};
  std::size_t count = 0;
  if (sent_ < out_.head.size())
    parts[count++] = {const_cast<char*>(out_.head.data()) + sent_, out_.head.size() - sent_};
  const std::size_t ofBody = sent_ > out_.head.size() ? sent_ - out_.head.size() : 0;
  if (ofBody < body.size())
    parts[count++] = {const_cast<char*>(body.data()) + ofBody, body.size() - ofBody};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool Connection::flush() {
  if (phase_ == Phase::kStream) return flushStream();
  if (phase_ != Phase::kWrite) return false;
  const std::size_t whole = out_.head.size() + out_.content().size();
  bool changed = false;
  while (sent_ < whole) {
    const ssize_t put = sendRest();
    const int error = errno;
    if (put < 0 && error == EINTR) continue;
    if (put < 0 && wouldBlock(error)) return changed;
    if (put < 0) {
      phase_ = Phase::kClosed;
      return true;
    }
    sent_ += static_cast<std::size_t>(put);
    changed = true;
  }
  finishAnswer();
  return true;
}

// One piece after the other, each with the time of a whole answer: whoever takes longer is cut off.
bool Connection::flushStream() {
  bool changed = false;
  while (true) {
    if (out_.head.empty()) {
      BodyStream::Piece piece = out_.stream->take();
      if (piece.bytes.empty() && piece.last) {
        out_.stream.reset();
        finishAnswer();
        return true;
      }
      if (piece.bytes.empty()) {
        deadline_ = SteadyClock::time_point::max();  // silence is nobody's fault
        return changed;
      }
      out_.head = std::move(piece.bytes);
      sent_ = 0;
      enter(Phase::kStream, limits_.writeTime);
    }
    const ssize_t put = sendRest();
    const int error = errno;
    if (put < 0 && error == EINTR) continue;
    if (put < 0 && wouldBlock(error)) return changed;
    changed = true;
    if (put < 0) {
      phase_ = Phase::kClosed;
      return true;
    }
    sent_ += static_cast<std::size_t>(put);
    if (sent_ == out_.head.size()) out_.head.clear();
  }
}

void Connection::finishAnswer() {
  if (out_.stream) {
    out_.head.clear();
    out_.body.clear();
    enter(Phase::kStream, limits_.writeTime);
    return;
  }
  out_ = AnswerBytes{};
  if (after_ == AfterAnswer::kKeepAlive) {
    enter(Phase::kIdle, limits_.idleTime);
    return;
  }
  // Closing at once with unread input would make the kernel throw the answer away before the peer
  // has read it.
  (void)::shutdown(fd_, SHUT_WR);  // ignoring: the peer may have left already
  enter(inputEnded_ ? Phase::kClosed : Phase::kLinger, limits_.lingerTime);
}

}  // namespace bulkhead::api
