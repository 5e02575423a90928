#include "agent/host/cage_work.h"

#include <sstream>

#include "agent/host/cloudlinux.h"
#include "agent/host/engine_reply.h"
#include "agent/host/outside.h"

namespace bulkhead::agent::cloudlinux {
namespace {

// A skeleton of some gigabytes is copied. Together the two stay below the time limit of the
// operation, so that the second ends by its own.
constexpr std::chrono::seconds kUpdateLimit{480};
constexpr std::chrono::seconds kSelectorLimit{60};

}  // namespace

Result<CageWork> CageWork::load(const Host& host) {
  CageWork work;
  const auto content = host.readFile(kCageWork);
  if (!content.ok() && content.error().code == Code::kNotFound) return work;
  if (!content.ok()) return content.error();
  std::istringstream lines(*content);
  for (std::string line; std::getline(lines, line);) {
    if (line != kUpdate && line != kSelector && line != kRemount)
      return Error{Code::kInternal, std::string(kCageWork) + ": is not understood", ""};
    work.options_.insert(line);
  }
  return work;
}

Result<Ok> CageWork::add(Host& host, const std::string& option) {
  return options_.insert(option).second ? save(host) : Result<Ok>(Ok{});
}

Result<Ok> CageWork::done(Host& host, const std::string& option) {
  return options_.erase(option) > 0 ? save(host) : Result<Ok>(Ok{});
}

Result<Ok> CageWork::save(Host& host) const {
  if (options_.empty()) return host.removeFile(kCageWork);
  std::string text;
  for (const auto& option : options_)
    text += option + "\n";
  return host.writeFile(kCageWork, text, {0600, 0, 0});
}

Result<std::vector<std::string>> CageWork::perform(Host& host) {
  std::vector<std::string> next;
  const auto program = host.inspect(kCagefsctl);
  if (!program.ok() && program.error().code == Code::kNotFound) {
    options_.clear();
    TRY(host.removeFile(kCageWork));
    return next;
  }
  for (const std::string option : {kUpdate, kSelector}) {
    if (!options_.contains(option)) continue;
    const auto ended = runOutside(
        host,
        {kCagefsctl, {option}, "cagefsctl", option == kUpdate ? kUpdateLimit : kSelectorLimit});
    if (ended.ok() && ended->exitCode == 0) {
      TRY(done(host, option));
      continue;
    }
    next.push_back("cagefsctl " + option + " (it failed: " +
                   (ended.ok() ? printable(ended->output, 200) : ended.error().message) + ")");
  }
  if (!options_.contains(kRemount)) return next;
  next.emplace_back("cagefsctl --remount-all (it ends the users' processes, so choose the moment)");
  return next;
}

}  // namespace bulkhead::agent::cloudlinux
