#include "api/usecases/anchor_keeper.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "common/audit/anchor.h"
#include "common/log/log.h"
#include "common/os/fd.h"
#include "common/os/open.h"

namespace bulkhead::api {
namespace {

bool endsWithLine(int file, off_t size) {
  char last = '\n';
  return size == 0 || (::pread(file, &last, 1, size - 1) == 1 && last == '\n');
}

}  // namespace

void AnchorKeeper::tick() {
  const auto kept = fetch();
  // An agent that does not answer, or has no anchor yet, is told of elsewhere.
  if (!kept.ok() && kept.error().code == Code::kInternal)
    logLine(LogLevel::kError, "an anchor of the audit log is not kept",
            {{"reason", kept.error().message}});
}

Result<Ok> AnchorKeeper::fetch() {
  TRY_ASSIGN(const AgentReply reply, askAgent(agent_, {}, ask::AuditAnchor{}));
  const auto* anchor = std::get_if<AgentAnchor>(&reply.value);
  // Nothing gets into the file that verification would stumble over.
  if (anchor == nullptr || !AuditAnchor::parse(anchor->line).ok())
    return Error{Code::kInternal, "the agent answered something else than an anchor", ""};
  if (anchor->line == last_) return Ok{};
  TRY(keep(anchor->line));
  last_ = anchor->line;
  return Ok{};
}

Result<Ok> AnchorKeeper::keep(const std::string& line) {
  const std::string path = directory_ + "/" + kAnchorsFiles[choose()];
  const Error failed{Code::kInternal, "cannot write " + path, ""};
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                       S_IRUSR | S_IWUSR));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return failed;
  if (static_cast<std::size_t>(info.st_size) >= bytesMax_) {
    if (::ftruncate(file.get(), 0) != 0) return failed;
    info.st_size = 0;
  }
  // A line that a full disk or a kill has cut would make the next one unreadable, too.
  const std::string begin = endsWithLine(file.get(), info.st_size) ? "" : "\n";
  if (!os::writeAll(file.get(), begin + line + "\n", path).ok()) {
    (void)::ftruncate(file.get(), info.st_size);  // ignoring: there is nothing else to try
    return failed;
  }
  if (::fdatasync(file.get()) != 0) return failed;
  return Ok{};
}

// The one that was written last, until it is full.
int AnchorKeeper::choose() const {
  struct stat info[2] = {};
  for (int i = 0; i < 2; ++i)
    if (::stat((directory_ + "/" + kAnchorsFiles[i]).c_str(), &info[i]) != 0) info[i] = {};
  const bool second = std::make_pair(info[1].st_mtim.tv_sec, info[1].st_mtim.tv_nsec) >
                      std::make_pair(info[0].st_mtim.tv_sec, info[0].st_mtim.tv_nsec);
  const int last = second ? 1 : 0;
  return static_cast<std::size_t>(info[last].st_size) < bytesMax_ ? last : 1 - last;
}

}  // namespace bulkhead::api
