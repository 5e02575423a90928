// Starts a script of an integration as somebody: exec-style, nothing inherited, bounded in time and
// output, and with proof that no privilege is left in it.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "cli/cloudlinux/cage.h"

namespace bulkhead::cli::cloudlinux {

inline constexpr std::size_t kAnswerBytesMax = 256U << 20U;  // a million domains, with room

struct Person {
  std::string name;  // "" when the uid has no name
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::string home = "/";
};

enum class Place { kHost, kCage };

// What is wrong with the three standard descriptors that the script gets.
enum class Streams {
  kGood,          // stdin is /dev/null, the others are read to the end
  kAllClosed,     // 0, 1 and 2 are closed: the next file that is opened gets number 0
  kOutputClosed,  // only 1
  kNobodyReads,   // 1 is a pipe whose reader went away
};

struct ScriptCall {
  std::string path;
  std::vector<std::string> arguments;
  Person person;
  Place place = Place::kHost;
  std::vector<std::string> environment;  // "NAME=value", added to PATH, HOME, USER, LOGNAME
  std::string directory = "/";
  Streams streams = Streams::kGood;
  std::chrono::milliseconds timeLimit{20000};  // the slowest panel known takes 3 s
};

struct ScriptRun {
  std::string out;
  std::string err;
  int exitCode = 0;  // meaningless when signal is not 0
  int signal = 0;
  bool timedOut = false;
  bool truncated = false;
  double milliseconds = 0;  // from exec to the end
  std::string failure;      // why it could not be started; "" when it was
  bool cageFailed = false;  // the failure is the cage's, not the script's
};

class Scripts {
 public:
  Scripts() = default;
  Scripts(const Scripts&) = delete;
  Scripts& operator=(const Scripts&) = delete;
  virtual ~Scripts() = default;
  virtual ScriptRun run(const ScriptCall& call) = 0;
};

// The host's own: needs root. `cage` may be null; then calls from inside one fail.
class HostScripts : public Scripts {
 public:
  explicit HostScripts(const Cage* cage) : cage_(cage) {}
  ScriptRun run(const ScriptCall& call) override;

 private:
  const Cage* cage_;
};

}  // namespace bulkhead::cli::cloudlinux
