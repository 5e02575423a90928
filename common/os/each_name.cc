#include "common/os/each_name.h"

#include <dirent.h>
#include <fcntl.h>

#include <memory>

#include "common/os/errors.h"
#include "common/os/fd.h"

namespace bulkhead::os {

Result<Ok> eachName(int directory,
                    const std::string& what,
                    const std::function<Result<Pass>(const std::string&)>& visit) {
  Fd readable(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return lastError(what);
  const auto close = [](DIR* stream) { (void)::closedir(stream); };  // ignoring: it was only read
  std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(readable.get()), close);
  if (!stream) return lastError(what);
  (void)readable.release();  // the stream owns it now
  while (true) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (entry == nullptr && errno != 0) return lastError(what);
    if (entry == nullptr) return Ok{};
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    TRY_ASSIGN(const auto pass, visit(name));
    if (pass == Pass::kStop) return Ok{};
  }
}

}  // namespace bulkhead::os
