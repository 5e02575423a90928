// Starting the elevated entry and reading what it prints.
#include "cli/cpapi/elevate.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/cpapi/paths.h"
#include "common/cpapi/query.h"

namespace bulkhead::cpapi {
namespace {

constexpr std::size_t kPieceBytes = 64U * 1024U;
constexpr std::size_t kWordsInFront = 4;  // sudo -n -- entry
constexpr int kNotStarted = 127;

// Inside CageFS every mount is nosuid: sudo cannot work there, and the entry is proxyexec's.
bool sudoWorks() {
  struct statvfs mount {};
  return ::access(kSudoProgram, X_OK) == 0 && ::statvfs(kSudoProgram, &mount) == 0 &&
         (mount.f_flag & ST_NOSUID) == 0;
}

[[noreturn]] void become(char* const* words, int output) {
  // Only stdout goes to us. The entry gets no environment but its starter's own.
  static char* const kNoEnvironment[] = {nullptr};
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (::dup2(output, STDOUT_FILENO) >= 0 && (nothing < 0 || ::dup2(nothing, STDIN_FILENO) >= 0) &&
      (nothing < 0 || ::dup2(nothing, STDERR_FILENO) >= 0))
    (void)::execve(words[0], words, kNoEnvironment);  // ignoring: it returns only to fail
  ::_exit(kNotStarted);
}

bool readAll(int from, const Deadline& deadline, Document& into) {
  for (;;) {
    if (into.room() == 0 &&
        !into.reserve(into.size() + (into.size() == 0 ? kPieceBytes : into.size())))
      return false;
    pollfd one{from, POLLIN, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(deadline.left()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::read(from, into.end(), into.room());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    into.grew(static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string_view documentIn(std::string_view printed) {
  constexpr std::string_view kFront = "{\"data\":";
  if (!printed.ends_with("}}\n")) return {};
  for (std::size_t from = 0;;) {
    const std::size_t found = printed.find(kFront, from);
    if (found == std::string_view::npos) return {};
    if (found == 0 || printed[found - 1] == '\n') return printed.substr(found);
    from = found + 1;
  }
}

bool askElevated(std::span<char* const> arguments, const Deadline& deadline, Document& answer) {
  static char sudo[] = {"-n"};
  static char end[] = {"--"};
  static std::array<char, sizeof kSudoProgram> sudoPath{};
  static std::array<char, sizeof kElevatedProgram> entryPath{};
  std::string_view(kSudoProgram).copy(sudoPath.data(), sudoPath.size());
  std::string_view(kElevatedProgram).copy(entryPath.data(), entryPath.size());
  std::array<char*, kWordsInFront + kArgumentCountMax + 1> words{};
  std::size_t count = 0;
  if (sudoWorks())
    for (char* const word : {sudoPath.data(), sudo, end})
      words[count++] = word;
  words[count++] = entryPath.data();
  if (arguments.size() > kArgumentCountMax) return false;
  for (char* const argument : arguments)
    words[count++] = argument;

  int ends[2] = {-1, -1};
  if (::pipe2(static_cast<int*>(ends), O_CLOEXEC) != 0) return false;
  const pid_t child = ::fork();
  if (child == 0) become(words.data(), ends[1]);
  (void)::close(ends[1]);  // ignoring: it was not used here
  answer.clear();
  const bool whole = child > 0 && readAll(ends[0], deadline, answer);
  (void)::close(ends[0]);  // ignoring: it was only read
  if (child < 0) return false;
  if (!whole) (void)::kill(child, SIGKILL);  // ignoring: sudo's own process is not ours to end
  int status = 0;
  while (::waitpid(child, &status, whole ? 0 : WNOHANG) < 0 && errno == EINTR) {
  }
  if (!whole || !WIFEXITED(status)) return false;
  const std::string_view document = documentIn(answer.view());
  if (document.empty() || WEXITSTATUS(status) > static_cast<int>(Outcome::kNotFound)) return false;
  answer.outcome = static_cast<Outcome>(WEXITSTATUS(status));
  answer.cut(answer.view().size() - document.size(), document.size());
  return true;
}

}  // namespace bulkhead::cpapi
