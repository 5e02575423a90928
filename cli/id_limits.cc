#include "cli/id_limits.h"

#include <fcntl.h>

#include <charconv>
#include <optional>
#include <vector>

#include "common/os/atomic_file.h"
#include "common/os/errors.h"
#include "common/os/open.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kFileBytesMax = 1U << 20U;  // Debian's has 12 KB
constexpr std::string_view kBlanks = " \t";
// What the shadow tools take where the file says nothing.
constexpr unsigned kDefaultMax = 60000;
constexpr unsigned kDefaultMin = 1000;

// Where a value stands in the file.
struct Value {
  std::size_t at = 0;
  std::size_t length = 0;
};

// As the shadow tools read it: a name, blanks, a value that may be quoted; the last line of a name
// counts, and a line that begins with "#" does not.
std::optional<Value> find(std::string_view content, std::string_view name) {
  std::optional<Value> last;
  for (std::size_t at = 0; at < content.size();) {
    const auto end = std::min(content.find('\n', at), content.size());
    const auto line = content.substr(at, end - at);
    const auto start = line.find_first_not_of(kBlanks);
    if (start != std::string_view::npos && line.substr(start).starts_with(name)) {
      const auto behind = start + name.size();
      const auto value = line.find_first_not_of(" \t\"", behind);
      if (value != behind && value != std::string_view::npos) {
        const auto length = std::min(line.find_first_of(" \t\"\r", value), line.size()) - value;
        last = Value{at + value, length};
      }
    }
    at = end + 1;
  }
  return last;
}

// nullopt for what is no plain decimal number (the tools also read octal and hexadecimal ones).
std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain = failure == std::errc() && end == text.data() + text.size() &&
                     (text.size() == 1 || text.front() != '0');
  return plain ? std::optional(value) : std::nullopt;
}

void limit(IdLimits& limits, const std::string& name) {
  const auto wanted = std::to_string(kOrdinaryIdMax);
  const auto value = find(limits.content, name);
  auto said = std::to_string(kDefaultMax) + " (the default)";
  if (value) {
    said = limits.content.substr(value->at, value->length);
    const auto now = number(said);
    if (now && *now <= kOrdinaryIdMax) return;
    limits.content.replace(value->at, value->length, wanted);
  } else {
    if (!limits.content.empty() && limits.content.back() != '\n') limits.content += '\n';
    limits.content += name + "\t" + wanted + "\n";
  }
  limits.changes += (limits.changes.empty() ? "" : ", ") + name + " " + said + " -> " + wanted;
}

std::string valueOf(const std::string& content, const std::string& name) {
  const auto value = find(content, name);
  return name + " " + (value ? content.substr(value->at, value->length) : "is not set");
}

}  // namespace

Result<IdLimits> limitIds(std::string_view loginDefs) {
  IdLimits limits{std::string(loginDefs), ""};
  for (const std::string name : {"UID_MIN", "GID_MIN"}) {
    const auto value = find(loginDefs, name);
    const auto least =
        value ? number(loginDefs.substr(value->at, value->length)) : std::optional(kDefaultMin);
    if (!least || *least > kOrdinaryIdMax)
      return Error{Code::kConflict,
                   "/etc/login.defs: " + valueOf(limits.content, name) +
                       ", but ids from 20000 to 59999 are the hosting accounts'",
                   ""};
  }
  limit(limits, "UID_MAX");
  limit(limits, "GID_MAX");
  return limits;
}

Result<std::string> ensureIdLimits(const std::string& path) {
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  const Fd file(::openat(place.directory.get(), place.name.c_str(),
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return os::lastError(path);
  TRY_ASSIGN(const auto info, os::statFd(file.get(), path));
  TRY_ASSIGN(const auto content, os::readAll(file.get(), kFileBytesMax, path));
  TRY_ASSIGN(const auto limits, limitIds(content));
  if (limits.changes.empty())
    return path + " has " + valueOf(content, "UID_MAX") + ", " + valueOf(content, "GID_MAX");
  TRY(os::replaceFile(place.directory.get(), place.name, limits.content,
                      {info.st_mode & 07777U, info.st_uid, info.st_gid}));
  return path + " changed: " + limits.changes;
}

}  // namespace bulkhead::cli
