// SessionTouch: keeps sessions from ending while they are in use, and writes when API tokens were
// used last, by a thread of its own: the request that notices it may run on a socket thread, which
// must not wait for the disk.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "api/auth/admin_store.h"

namespace bulkhead::api {

class SessionTouch {
 public:
  explicit SessionTouch(AdminStore& store) : store_(store) {}
  SessionTouch(const SessionTouch&) = delete;
  SessionTouch& operator=(const SessionTouch&) = delete;
  ~SessionTouch() { stop(); }

  // Without start() a note is written at once, by the caller.
  void start();
  // Writes what is noted, then ends. Idempotent.
  void stop();
  void note(const std::string& sessionId, std::int64_t usedAt);
  void noteToken(const std::string& tokenId, std::int64_t usedAt, const std::string& address);

 private:
  struct Use {
    std::int64_t at;
    std::string address;  // of a token only
  };
  using Uses = std::map<std::string, Use>;
  struct Noted {
    Uses sessions;
    Uses tokens;
    bool empty() const { return sessions.empty() && tokens.empty(); }
  };
  void note(Uses Noted::*which, const std::string& id, Use use);
  void run();
  void write(const Noted& noted);

  AdminStore& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Noted noted_;
  bool running_ = false;
  std::thread thread_;
};

}  // namespace bulkhead::api
