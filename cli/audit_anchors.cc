#include "cli/audit_anchors.h"

#include <fcntl.h>

#include <cerrno>
#include <iostream>

#include "cli/output.h"
#include "common/audit/anchor.h"
#include "common/os/fd.h"
#include "common/os/open.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kFileBytesMax = 64U << 20U;

}  // namespace

ExitCode runAuditAnchors(const AnchorsOptions& options) {
  std::string all;
  for (const char* name : kAnchorsFiles) {
    const std::string path = options.directory + "/" + name;
    // The directory belongs to another user: what he puts there is not followed.
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && errno == ENOENT) continue;
    if (!file)
      return complain({Code::kPermissionDenied, "cannot read " + path, ""},
                      "sudo bulkhead audit anchors");
    const auto text = os::readAll(file.get(), kFileBytesMax, path);
    if (!text.ok()) return complain(text.error(), "");
    all += *text;
  }
  if (all.empty())
    return complain({Code::kNotFound, "the REST server has kept no anchor yet", ""},
                    "those in the journal: journalctl -t bulkhead-audit _UID=0 -o cat");
  const auto lines = readAnchors(all);
  for (const auto& anchor : lines.anchors)
    std::cout << anchor.line() << "\n";
  // What a kill has cut costs one line; the good ones are as good as before, being signed.
  if (!lines.bad.empty())
    std::cerr << "bulkhead: " << lines.bad.size()
              << " lines are no anchors: cut by a crash, or changed by whoever is the REST "
                 "server's user\n";
  if (lines.anchors.empty())
    return complain({Code::kInvalidArgument, "none of the lines is an anchor", ""},
                    "those in the journal: journalctl -t bulkhead-audit _UID=0 -o cat");
  return ExitCode::kOk;
}

}  // namespace bulkhead::cli
