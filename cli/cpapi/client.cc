// What the program is called decides what it does; see kEntries.
#include "cli/cpapi/client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>

#include "cli/cpapi/elevate.h"
#include "cli/cpapi/exchange.h"
#include "cli/cpapi/identity.h"
#include "cli/cpapi/paths.h"
#include "cli/cpapi/snapshot.h"
#include "common/cpapi/query.h"
#include "common/cpapi/refusals.h"
#include "common/cpapi/text.h"

namespace bulkhead::cpapi {
namespace {

// Every byte of the arguments may need six in JSON; the server takes 64 KiB.
constexpr std::size_t kBodyBytesMax = 6 * kArgumentBytesMax + 4 * kArgumentCountMax + 64;
constexpr std::size_t kRefusalBytesMax = 1024;
constexpr int kCannotPrint = 1;

enum class Entry {
  kOrdinary,    // cpapi SCRIPT ..., or a link with a script's name
  kUserInfo,    // cpapi-ui-user-info TOKEN
  kElevated,    // cpapi-domains ..., started by sudo or proxyexec
  kByElevated,  // domains-elevated ..., starts the one above
};
struct EntryName {
  std::string_view name;
  Entry entry;
};
constexpr std::array kEntries{
    EntryName{"cpapi-ui-user-info", Entry::kUserInfo},
    EntryName{"cpapi-domains", Entry::kElevated},
    EntryName{"domains-elevated", Entry::kByElevated},
};

std::string_view baseName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Entry entryOf(std::string_view name) {
  for (const EntryName& known : kEntries)
    if (known.name == name) return known.entry;
  return Entry::kOrdinary;
}

// What a program was started without would be given to the next thing that it opens: its socket
// must not become stdout. False when stdout was not there.
bool fillStandardDescriptors() {
  bool hadOutput = true;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    if (fd == STDOUT_FILENO) hadOutput = false;
    int filler = ::open("/dev/null", O_RDWR);
    if (filler < 0) filler = ::open("/", O_PATH | O_DIRECTORY);
    if (filler != fd) return false;
  }
  return hadOutput;
}

bool printed(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(STDOUT_FILENO, text.data(), text.size());
    if (put >= 0) {
      text.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      pollfd one{STDOUT_FILENO, POLLOUT, 0};
      (void)::poll(&one, 1, -1);  // ignoring: the next write tells
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

int finish(std::string_view document, int status) {
  return printed(document) ? status : kCannotPrint;
}

int refuse(const Fault& fault) {
  FixedText<kRefusalBytesMax> document;
  putRefusal(document, fault);
  return finish(document.view(), exitStatus(fault.outcome));
}

// The arguments as the server takes them; they keep the limits of the grammar.
void putBody(FixedText<kBodyBytesMax>& body, std::span<const std::string_view> arguments) {
  put(body, "{\"arguments\":[");
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) put(body, ",");
    putString(body, arguments[i]);
  }
  put(body, "]}");
}

FixedText<kBodyBytesMax>& bodyBuffer() {
  static FixedText<kBodyBytesMax> body;  // too large for a stack that a limit made small
  return body;
}

struct Arguments {
  std::array<std::string_view, kArgumentCountMax + 1> texts;
  std::size_t count = 0;
  std::span<const std::string_view> view() const { return {texts.data(), count}; }
};

// One more than the grammar takes is kept, so that it refuses the rest.
Arguments argumentsOf(std::span<char* const> words) {
  Arguments arguments;
  for (char* const word : words)
    if (arguments.count < arguments.texts.size()) arguments.texts[arguments.count++] = word;
  return arguments;
}

constexpr Fault kNobody{Outcome::kDenied, "it is not certain who calls", {}};
constexpr Fault kDown{Outcome::kInternal, "the panel does not answer; try again later", {}};

int callScript(Script script, std::span<char* const> words, uid_t caller, bool byElevated) {
  const Arguments arguments = argumentsOf(words);
  const auto parsed = parseQuery(script, arguments.view());
  if (const Fault* fault = std::get_if<Fault>(&parsed)) return refuse(*fault);
  const Query& query = *std::get_if<Query>(&parsed);
  const Deadline deadline(kPatienceMs);
  Document answer;
  if (byElevated) {
    if (askElevated(words, deadline, answer))
      return finish(answer.view(), exitStatus(answer.outcome));
    return refuse(kDown);
  }
  FixedText<kBodyBytesMax>& body = bodyBuffer();
  putBody(body, arguments.view());
  if (ask(scriptName(script), body.view(), deadline, answer) == Exchanged::kAnswered)
    return finish(answer.view(), exitStatus(answer.outcome));
  const FromSnapshot kept = answerFromSnapshot(caller, query, answer);
  if (kept == FromSnapshot::kAnswered) return finish(answer.view(), exitStatus(answer.outcome));
  if (kept == FromSnapshot::kDenied) return refuse(kNotYours);
  // Who may not ask is told so, whether or not there is somebody to ask.
  if (caller != 0 && !isForEverybody(script)) return refuse(kForAdministrators);
  return refuse(kDown);
}

int runScript(Entry entry, std::string_view name, std::span<char* const> words, uid_t caller) {
  auto script = scriptFromName(name);
  if (entry == Entry::kByElevated) script = Script::kDomains;
  const bool wordNamesScript =
      !script && !words.empty() && scriptFromName(words.front()).has_value();
  if (wordNamesScript) {
    script = scriptFromName(words.front());
    words = words.subspan(1);
  } else if (entry == Entry::kElevated) {
    script = Script::kDomains;
  }
  if (!script) {
    const std::string_view what = words.empty() ? std::string_view{} : words.front();
    return refuse({Outcome::kBadRequest, "there is no such script", what});
  }
  return callScript(*script, words, caller, entry == Entry::kByElevated);
}

// What a token may be made of, so that nothing else is sent anywhere.
bool isToken(std::string_view text) {
  constexpr std::size_t kTokenBytesMax = 256;
  if (text.empty() || text.size() > kTokenBytesMax) return false;
  for (const char c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    if (!fine) return false;
  }
  return true;
}

// Its document is plain, and "{}" is what its reader takes for "not signed in".
int tellUser(std::span<char* const> words) {
  constexpr std::string_view kNobodySignedIn = "{}\n";
  const int failed = exitStatus(Outcome::kInternal);
  const Arguments arguments = argumentsOf(words);
  if (arguments.count != 1 || !isToken(arguments.texts[0])) return finish(kNobodySignedIn, failed);
  FixedText<kBodyBytesMax>& body = bodyBuffer();
  putBody(body, arguments.view());
  const Deadline deadline(kPatienceMs);
  Document answer;
  if (ask("ui_user_info", body.view(), deadline, answer) != Exchanged::kAnswered ||
      answer.outcome != Outcome::kOk)
    return finish(kNobodySignedIn, failed);
  return finish(answer.view(), exitStatus(Outcome::kOk));
}

}  // namespace

int runClient(int count, char** words, char** environment) {
  const std::string_view name = count > 0 ? baseName(words[0]) : std::string_view{};
  const Entry entry = entryOf(name);
  const auto claims =
      entry == Entry::kElevated ? readClaims(environment) : std::optional<Claims>(Claims{});
  if (environment != nullptr) environment[0] = nullptr;
  for (const int signal : {SIGPIPE, SIGXFSZ})
    (void)::signal(signal, SIG_IGN);  // ignoring: both exist, so it cannot fail
  if (!fillStandardDescriptors()) return kCannotPrint;
  const std::span<char* const> rest(words + (count > 0 ? 1 : 0),
                                    static_cast<std::size_t>(count > 0 ? count - 1 : 0));
  if (entry == Entry::kUserInfo) return tellUser(rest);
  const auto caller = entry == Entry::kElevated ? elevatedCaller(claims) : ordinaryCaller();
  if (!caller) return refuse(kNobody);
  return runScript(entry, name, rest, *caller);
}

}  // namespace bulkhead::cpapi
