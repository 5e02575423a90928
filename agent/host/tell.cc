#include "agent/host/tell.h"

#include "agent/host/engine_reply.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kOutputShown = 800;  // a last traceback; all of it is in the journal

// The end of what was said tells why it failed; line ends become visible separators.
std::string shown(const std::string& output) {
  std::string text =
      output.size() > kOutputShown ? output.substr(output.size() - kOutputShown) : output;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::string all;
  for (const char c : text)
    all += c == '\n' ? std::string(" | ") : std::string(1, c);
  return printable(all, 2 * kOutputShown);
}

}  // namespace

Result<Told> tell(Host& host, const OutsideProgram& program) {
  Told told;
  told.line = lineOf(program);
  const auto started = host.now();
  const auto done = runOutside(host, program);
  if (!done.ok() && done.error().code == Code::kNotFound) return told;
  if (!done.ok() && done.error().code == Code::kTimeout) {
    told.outcome = Told::Outcome::kTimedOut;
    return told;
  }
  if (!done.ok()) return done.error();
  told.exitCode = done->exitCode;
  told.output = shown(done->output);
  told.outcome = done->exitCode == 0 ? Told::Outcome::kSucceeded : Told::Outcome::kFailed;
  // systemd ended it: it says so by an exit code that a script may have too.
  if (done->exitCode != 0 && host.now() - started >= program.timeLimit)
    told.outcome = Told::Outcome::kTimedOut;
  return told;
}

Proof proofOf(const Told& told, const std::string& what) {
  switch (told.outcome) {
    case Told::Outcome::kAbsent:
      return {{what, told.line + ": absent, nothing to tell"}};
    case Told::Outcome::kSucceeded:
      return {{what, told.line + ": done"}};
    case Told::Outcome::kTimedOut:
      return {{what + " failed", told.line + ": took too long and was ended"}};
    case Told::Outcome::kFailed:
      break;
  }
  return {{what + " failed", told.line + ": exit code " + std::to_string(told.exitCode)},
          {what + " output", told.output.empty() ? "none" : told.output}};
}

}  // namespace bulkhead::agent
