// Connection: one client. Owns its bytes in both directions and its deadline; belongs to exactly
// one socket thread. Bytes are written to the socket straight from here: Pistache queues them by
// descriptor number (which may be someone else's by then) and spins at full speed, holding up its
// whole thread, while a client does not read.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api/http/framing.h"
#include "api/http/gauge.h"
#include "api/http/limits.h"
#include "api/http/message.h"
#include "api/http/wire.h"

namespace bulkhead::api {

using SteadyClock = std::chrono::steady_clock;

// The places that a connection takes; given back when it has ended and nothing works for it any
// more.
struct Slots {
  ConnectionGauge::Slot total;
  ConnectionGauge::Slot ofListener;
  UidGauge::Slot ofUid;
};

// Where a connection came from: what the kernel said when it was accepted.
struct Origin {
  Peer peer;
  std::string listener;
};

class Connection {
 public:
  enum class Phase {
    kIdle,     // between requests
    kHead,     // receiving a head
    kBody,     // receiving a body
    kHandler,  // a handler works on the request; further input waits
    kWrite,    // sending the answer
    kStream,   // the answer's head is sent; its pieces are, as they come
    kLinger,   // answer sent, closing; input is thrown away so that the peer can read the answer
    kClosed,   // nothing more to do: remove it
  };

  // Does not own fd: the reactor closes it. Holds its slots until destroyed.
  Connection(int fd, Origin origin, const Limits& limits, Slots slots);

  int fd() const { return fd_; }
  // Unique over the life of the process, unlike fd: answers of handlers are matched by it.
  std::uint64_t id() const { return id_; }
  const Origin& origin() const { return origin_; }
  // For who works on a request: a client that hangs up at once would else get the next one in.
  std::shared_ptr<const Slots> places() const { return slots_; }
  Phase phase() const { return phase_; }
  bool isLate(SteadyClock::time_point now) const { return now >= deadline_; }

  void markReadable() { readable_ = true; }
  // Both read until the socket has no more, the buffer is full or a fair share is used. True when
  // something changed.
  bool receive();
  bool flush();
  // True while an answer waits for room in the socket: ask the reactor for writability.
  bool wantsWritable() const {
    return phase_ == Phase::kWrite || (phase_ == Phase::kStream && !out_.head.empty());
  }

  // Parses what was received. kRequest and kRefused demand an answer; else the phase follows the
  // state.
  RequestReader::State parse();
  FramedRequest takeRequest();  // after kRequest; the phase is kHandler from now on
  const Refusal& refusal() const { return reader_.refusal(); }

  void answer(AnswerBytes bytes, AfterAnswer after);
  void close() { phase_ = Phase::kClosed; }

 private:
  void enter(Phase phase, Millis time);
  void finishAnswer();
  bool flushStream();
  bool noticeLeaving();
  bool receiveOnce();
  ssize_t sendRest() const;

  std::uint64_t id_;
  int fd_;
  Origin origin_;
  Limits limits_;
  std::shared_ptr<const Slots> slots_;
  RequestReader reader_;
  Phase phase_ = Phase::kIdle;
  SteadyClock::time_point deadline_;
  AnswerBytes out_;
  std::size_t sent_ = 0;  // of head and body together
  AfterAnswer after_ = AfterAnswer::kKeepAlive;
  bool readable_ = false;
  bool inputEnded_ = false;  // the peer will send no more, but may still read
};

}  // namespace bulkhead::api
