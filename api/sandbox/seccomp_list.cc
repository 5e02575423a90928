// Reading the list of system calls.
#include "api/sandbox/seccomp_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <set>

#include "common/os/fd.h"

namespace bulkhead::api {
namespace {

constexpr std::size_t kListBytesMax = 64U * 1024U;  // ours has 5 KiB

std::string_view nextWord(std::string_view& line) {
  while (!line.empty() && line.front() == ' ')
    line.remove_prefix(1);
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<SyscallAction> actionOf(std::string_view word) {
  if (word == "allow") return SyscallAction::kAllow;
  if (word == "checked") return SyscallAction::kChecked;
  if (word == "enosys") return SyscallAction::kEnosys;
  return std::nullopt;
}

bool isSyscallName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

Error broken(std::size_t line, const std::string& why) {
  return Error{Code::kInvalidArgument, "seccomp list, line " + std::to_string(line) + ": " + why,
               ""};
}

Result<std::string> readAll(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::kUnavailable, "seccomp list: cannot be read", ""};
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kListBytesMax)
      return Error{Code::kLimitExceeded, "seccomp list: too large", ""};
  }
}

}  // namespace

Result<std::vector<SyscallRule>> parseSeccompList(std::string_view text) {
  std::vector<SyscallRule> rules;
  std::set<std::string, std::less<>> names;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::string_view word = nextWord(line);
    const auto action = actionOf(word);
    if (!action) return broken(number, "unknown action");
    const std::string_view name = nextWord(line);
    if (!isSyscallName(name)) return broken(number, "no name");
    if (nextWord(line).empty()) return broken(number, "no reason");
    if (!names.emplace(name).second) return broken(number, "twice: " + std::string(name));
    rules.push_back(SyscallRule{*action, std::string(name)});
  }
  if (rules.empty()) return broken(number, "empty");
  return rules;
}

Result<std::vector<SyscallRule>> loadSeccompList(const std::string& path, uid_t owner) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return Error{Code::kNotFound, "seccomp list: " + path + " cannot be opened", ""};
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return Error{Code::kPermissionDenied, "seccomp list: not a regular file", ""};
  const bool trusted =
      (info.st_uid == 0 || info.st_uid == owner) && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  if (!trusted) return Error{Code::kPermissionDenied, "seccomp list: others can write " + path, ""};
  TRY_ASSIGN(const std::string text, readAll(fd.get()));
  return parseSeccompList(text);
}

}  // namespace bulkhead::api
