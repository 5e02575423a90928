#include "cli/prompt.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/interrupt.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kSecretBytesMax = 1024;  // a password has at most 128 characters

// No echo while it lives.
class Silence {
 public:
  Silence() {
    silent_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!silent_) return;
    termios changed = before_;
    changed.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &changed);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (!silent_) return;
    (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << "\n";  // the one that was typed is not seen
  }

 private:
  termios before_{};
  bool silent_ = false;
};

// Byte by byte: what follows the line belongs to the next reader.
Result<std::string> readLine() {
  std::string line;
  while (line.size() <= kSecretBytesMax) {
    char byte = 0;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR && !interrupted()) continue;
    if (interrupted()) return Error{Code::kCancelled, "interrupted; nothing was done", ""};
    if (got <= 0 || byte == '\n') break;
    line += byte;
  }
  return line;
}

}  // namespace

Result<std::string> readSecret(const std::string& name, const Terminal& terminal) {
  const InterruptGuard guard;
  std::optional<Silence> silence;
  if (::isatty(STDIN_FILENO) == 1) {
    if (terminal.errorIsTerminal) std::cerr << name << ": " << std::flush;
    silence.emplace();
  }
  TRY_ASSIGN(auto line, readLine());
  if (line.empty() || line.size() > kSecretBytesMax)
    return Error{Code::kInvalidArgument,
                 name + " is read from standard input: one line of 1 to " +
                     std::to_string(kSecretBytesMax) + " bytes",
                 name};
  return line;
}

Result<std::string> readNewSecret(const std::string& name, const Terminal& terminal) {
  TRY_ASSIGN(auto secret, readSecret(name, terminal));
  if (::isatty(STDIN_FILENO) != 1) return secret;
  TRY_ASSIGN(const auto again, readSecret(name + " again", terminal));
  if (again != secret)
    return Error{Code::kInvalidArgument, "the two were not the same; nothing was done", name};
  return secret;
}

Result<std::string> readTokenFile(const std::string& path) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) return Error{Code::kInvalidArgument, "cannot read the token file " + path, ""};
  char text[kSecretBytesMax] = {};
  const std::size_t length = std::fread(text, 1, sizeof text - 1, file.get());
  std::string token(text, length);
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r'))
    token.pop_back();
  // Without one the request would be root's own, where root may ask.
  if (token.empty())
    return Error{Code::kInvalidArgument, "there is no token in the file " + path, ""};
  return token;
}

Answer ask(const std::string& question, const Terminal& terminal) {
  if (::isatty(STDIN_FILENO) != 1 || !terminal.errorIsTerminal) return Answer::kNobodyThere;
  std::cerr << printable(question) << " " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes" ? Answer::kYes : Answer::kNo;
}

}  // namespace bulkhead::cli
