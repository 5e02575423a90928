// Reading and filtering snapshots.
#include "cli/cpapi/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/cpapi/passwd.h"
#include "cli/cpapi/paths.h"
#include "common/cpapi/domain_line.h"

namespace bulkhead::cpapi {
namespace {

using Path = FixedText<256>;

// Root's own file that nobody else can have written; never a link, a pipe or a directory.
bool isTrusted(int file, std::size_t& size) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (status.st_uid != kSnapshotOwner || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return false;
  size = static_cast<std::size_t>(status.st_size);
  return size > 0 && size <= kDocumentBytesMax;
}

bool readWhole(int file, Document& into) {
  std::size_t size = 0;
  if (!isTrusted(file, size) || !into.reserve(size)) return false;
  while (into.size() < size) {
    const ssize_t got = ::read(file, into.end(), size - into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into.grew(static_cast<std::size_t>(got));
  }
  return true;
}

bool readFile(const char* path, Document& into) {
  const int file = ::open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return false;
  const bool read = readWhole(file, into);
  (void)::close(file);  // ignoring: it was only read
  return read;
}

// The text of a JSON string at the front of `line`, as it stands there; "" when there is none.
std::string_view frontString(std::string_view line) {
  if (line.empty() || line.front() != '"') return {};
  const std::size_t end = line.find('"', 1);
  return end == std::string_view::npos ? std::string_view{} : line.substr(0, end + 1);
}

// Names of domains and users need no escapes, so their printed forms can be compared.
bool letsThrough(const Query& query, std::string_view line) {
  FixedText<512> wanted;
  if (query.name) {
    putString(wanted, *query.name);
    return !wanted.overflowed() && frontString(line) == wanted.view();
  }
  if (query.owner) {
    const std::string_view name = frontString(line);
    put(wanted, ":{\"owner\":");
    putString(wanted, *query.owner);
    put(wanted, ",");
    return !wanted.overflowed() && line.substr(name.size()).starts_with(wanted.view());
  }
  return true;
}

// Writes over what was read: what is kept is never longer than what it came from.
class Rewriter {
 public:
  explicit Rewriter(char* at) : start_(at), at_(at) {}
  void append(const char* bytes, std::size_t size) {
    std::memmove(at_, bytes, size);
    at_ += size;
  }
  std::size_t size() const { return static_cast<std::size_t>(at_ - start_); }

 private:
  char* start_;
  char* at_;
};

}  // namespace

Filtered filterSnapshot(const Query& query, Document& snapshot) {
  std::string_view rest = snapshot.view();
  const auto takeFront = [&rest](std::string_view piece) {
    if (!rest.starts_with(piece)) return false;
    rest.remove_prefix(piece.size());
    return true;
  };
  if (!takeFront(kDomainsBegin) || !takeFront("\n") || !rest.ends_with(kDomainsEnd))
    return Filtered::kBroken;
  if (!query.name && !query.owner) return Filtered::kSome;
  rest.remove_suffix(kDomainsEnd.size());
  Rewriter out(snapshot.begin());
  put(out, kDomainsBegin);
  bool any = false;
  const bool empty = rest.empty();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return Filtered::kBroken;
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.ends_with(",")) line.remove_suffix(1);
    if (!line.ends_with("}")) return Filtered::kBroken;
    if (!letsThrough(query, line)) continue;
    // A comma takes the place of the one, or of the line feed, that was behind the entry before.
    if (any) put(out, ",");
    put(out, line);
    any = true;
  }
  put(out, kDomainsEnd);
  snapshot.cut(0, out.size());
  if (any) return Filtered::kSome;
  return empty ? Filtered::kBroken : Filtered::kNone;
}

FromSnapshot answerFromSnapshot(uid_t uid, const Query& query, Document& answer) {
  if (query.script != Script::kDomains || query.withPhp) return FromSnapshot::kNothing;
  Path path;
  put(path, kSnapshotDirectory);
  putNumber(path, uid);  // root has none
  put(path, kSnapshotName);
  path.append("", 1);  // the NUL that ends it
  answer.clear();
  if (path.overflowed() || !readFile(path.view().data(), answer)) return FromSnapshot::kNothing;
  answer.outcome = Outcome::kOk;
  const Filtered filtered = filterSnapshot(query, answer);
  if (filtered == Filtered::kSome) return FromSnapshot::kAnswered;
  // A domain has many spellings and could be one of these; a user has one, but the file may call
  // him as he was called a moment ago.
  const bool anothers = filtered == Filtered::kNone && query.owner && uid != 0 &&
                        isCalledOtherwise(uid, *query.owner);
  return anothers ? FromSnapshot::kDenied : FromSnapshot::kNothing;
}

}  // namespace bulkhead::cpapi
