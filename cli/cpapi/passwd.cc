// NAME:PASSWORD:UID:...
#include "cli/cpapi/passwd.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "cli/cpapi/paths.h"

namespace bulkhead::cpapi {
namespace {

// Name and number are at the front; what a line has beyond this is not looked at.
constexpr std::size_t kLineBytesMax = 256;

// Hands out lines of a file, each cut at kLineBytesMax.
class Lines {
 public:
  explicit Lines(const char* path) : file_(::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  ~Lines() {
    if (file_ >= 0) (void)::close(file_);  // ignoring: it was only read
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  bool next() {
    size_ = 0;
    for (bool any = false;; any = true) {
      if (at_ == end_ && !fill()) return any && !failed_;
      const char c = buffer_[at_++];
      if (c == '\n') return true;
      if (size_ < line_.size()) line_[size_++] = c;
    }
  }
  std::string_view line() const { return {line_.data(), size_}; }
  bool failed() const { return failed_; }

 private:
  bool fill() {
    ssize_t got = -1;
    do {
      got = file_ < 0 ? -1 : ::read(file_, buffer_.data(), buffer_.size());
    } while (got < 0 && file_ >= 0 && errno == EINTR);
    failed_ = got < 0;
    at_ = 0;
    end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    return got > 0;
  }

  int file_;
  bool failed_ = false;
  std::array<char, 4096> buffer_{};
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::array<char, kLineBytesMax> line_{};
  std::size_t size_ = 0;
};

}  // namespace

PasswdEntry readEntry(std::string_view line, uid_t uid, std::string_view name) {
  const std::size_t first = line.find(':');
  const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  const std::size_t third = second == std::string_view::npos ? second : line.find(':', second + 1);
  if (third == std::string_view::npos) return PasswdEntry::kAnothers;
  uid_t number = 0;
  const char* end = line.data() + third;
  const auto parsed = std::from_chars(line.data() + second + 1, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number != uid) return PasswdEntry::kAnothers;
  return line.substr(0, first) == name ? PasswdEntry::kHisOfThatName : PasswdEntry::kHis;
}

bool isCalledOtherwise(uid_t uid, std::string_view name) {
  Lines lines(kPasswd);
  bool known = false;
  while (lines.next()) {
    const PasswdEntry entry = readEntry(lines.line(), uid, name);
    if (entry == PasswdEntry::kHisOfThatName) return false;
    known = known || entry == PasswdEntry::kHis;
  }
  return known && !lines.failed();
}

}  // namespace bulkhead::cpapi
