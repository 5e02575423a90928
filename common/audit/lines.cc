#include "common/audit/lines.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "common/audit/record.h"

namespace bulkhead {

Result<Fd> openSegment(const std::string& directory, const std::string& name) {
  const std::string path = directory + "/" + name;
  // O_NONBLOCK: a FIFO of that name must not hang the reader.
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0)
    return Error{Code::kUnavailable, "cannot read " + path, ""};
  if (!S_ISREG(info.st_mode)) return Error{Code::kUnavailable, path + " is not a file", ""};
  return file;
}

namespace {

// Collects one line over several reads.
class Splitter {
 public:
  explicit Splitter(const OnLine& onLine) : onLine_(onLine) {}

  Lines feed(std::string_view chunk) {
    while (!chunk.empty()) {
      const std::size_t newline = chunk.find('\n');
      const bool ends = newline != std::string_view::npos;
      if (append(chunk.substr(0, newline)) == Lines::kStop) return Lines::kStop;
      if (!ends) return Lines::kContinue;
      position_ += 1;
      if (!skipping_ && onLine_(line_, LineEnd::kNewline, start_) == Lines::kStop)
        return Lines::kStop;
      line_.clear();
      skipping_ = false;
      start_ = position_;
      chunk.remove_prefix(newline + 1);
    }
    return Lines::kContinue;
  }
  void finish() {
    if (!line_.empty() && !skipping_) (void)onLine_(line_, LineEnd::kEndOfFile, start_);
  }

 private:
  Lines append(std::string_view part) {
    position_ += part.size();
    if (skipping_) return Lines::kContinue;
    line_.append(part.substr(0, kRecordBytesMax - line_.size()));
    if (line_.size() < kRecordBytesMax) return Lines::kContinue;
    skipping_ = true;
    return onLine_(line_, LineEnd::kTooLong, start_);
  }

  const OnLine& onLine_;
  std::string line_;
  bool skipping_ = false;  // inside a line that was given as too long
  std::uint64_t start_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace

Result<Ok> readLines(const Fd& file, const OnLine& onLine) {
  std::array<char, 65536> buffer{};
  Splitter splitter(onLine);
  while (true) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::kUnavailable, "cannot read the audit log", ""};
    if (got == 0) break;
    if (splitter.feed({buffer.data(), static_cast<std::size_t>(got)}) == Lines::kStop) return Ok{};
  }
  splitter.finish();
  return Ok{};
}

}  // namespace bulkhead
