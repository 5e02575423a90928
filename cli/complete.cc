#include "cli/complete.h"

#include <algorithm>
#include <set>

#include "cli/request.h"

namespace bulkhead::cli {
namespace {

bool startsWith(const std::string& text, const std::string& head) {
  return text.compare(0, head.size(), head) == 0;
}

// Commands that are no route of the API.
const std::vector<std::vector<std::string>>& specialCommands() {
  static const std::vector<std::vector<std::string>> kCommands = {
      {"setup"}, {"job", "watch"}, {"audit", "verify"}};
  return kCommands;
}

void addNextWord(const std::vector<std::string>& command,
                 const std::vector<std::string>& typed,
                 const std::string& head,
                 std::set<std::string>& out) {
  if (command.size() <= typed.size() || !std::equal(typed.begin(), typed.end(), command.begin()))
    return;
  if (startsWith(command[typed.size()], head)) out.insert(command[typed.size()]);
}

}  // namespace

std::vector<std::string> completions(const std::vector<Command>& commands,
                                     const std::vector<std::string>& words) {
  std::vector<std::string> typed;
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (!startsWith(words[i], "-")) typed.push_back(words[i]);
  const std::string head = words.empty() ? "" : words.back();
  std::set<std::string> out;
  for (const auto& command : commands) {
    addNextWord(command.words, typed, head, out);
    const bool complete = typed.size() >= command.words.size() &&
                          std::equal(command.words.begin(), command.words.end(), typed.begin());
    if (!complete || !startsWith(head, "-")) continue;
    for (const auto& field : command.fields)
      if (!field.secret && startsWith(flagFor(field), head)) out.insert(flagFor(field));
    if (command.dryRun && startsWith("--dry-run", head)) out.insert("--dry-run");
  }
  for (const auto& command : specialCommands())
    addNextWord(command, typed, head, out);
  for (const std::string flag : {"--json", "--help"})
    if (!head.empty() && startsWith(flag, head)) out.insert(flag);
  return {out.begin(), out.end()};
}

}  // namespace bulkhead::cli
