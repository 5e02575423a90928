#include "cli/complete.h"

#include <algorithm>
#include <set>

#include "cli/request.h"

namespace bulkhead::cli {
namespace {

using Words = std::vector<std::string>;

struct Option {
  std::string flag;
  bool takesValue = false;
};
using Options = std::vector<Option>;

struct Place {
  Words words;
  Options options;
};

// As addCommonOptions() in cli/app.cc makes them.
const Options& commonOptions() {
  static const Options kOptions = {{"--json"},         {"--help"},       {"--version"},
                                   {"--socket", true}, {"--host", true}, {"--token-file", true},
                                   {"--ca-file", true}};
  return kOptions;
}

Options optionsOf(const Command& command) {
  Options options;
  for (const auto& field : command.fields) {
    const bool isPositional = std::find(command.positional.begin(), command.positional.end(),
                                        field.name) != command.positional.end();
    if (field.secret || isPositional) continue;
    options.push_back({flagFor(field), field.type != FieldType::kBoolean});
    if (field.type == FieldType::kBoolean) options.push_back({"--no-" + flagFor(field).substr(2)});
  }
  if (command.dryRun) options.push_back({"--dry-run"});
  if (command.job) options.insert(options.end(), {{"--no-wait"}, {"--timeout", true}});
  if (command.destructive) options.push_back({"--yes"});
  return options;
}

std::vector<Place> placesOf(const std::vector<Command>& commands) {
  // Commands that are no route of the API.
  std::vector<Place> places = {
      {{"setup"}, {{"--no-firewall"}}},
      {{"job", "watch"}, {{"--timeout", true}}},
      {{"audit", "verify"}, {{"--directory", true}}},
      {{"cloudlinux", "verify"},
       {{"--integration-ini", true}, {"--user", true}, {"--other", true}, {"--stranger", true}}},
      {{"cloudlinux", "enable"}, {{"--force"}, {"--duplicate-uids"}}},
      {{"cloudlinux", "disable"}, {}},
      {{"cloudlinux", "status"}, {}}};
  for (const auto& command : commands)
    places.push_back({command.words, optionsOf(command)});
  return places;
}

bool startsWith(const Words& words, const Words& head) {
  return words.size() >= head.size() && std::equal(head.begin(), head.end(), words.begin());
}

bool takesValue(const std::vector<Place>& places, const std::string& word) {
  const auto in = [&word](const Options& options) {
    return std::any_of(options.begin(), options.end(), [&word](const Option& option) {
      return option.takesValue && option.flag == word;
    });
  };
  return in(commonOptions()) ||
         std::any_of(places.begin(), places.end(),
                     [&in](const Place& place) { return in(place.options); });
}

// Without options and their values.
Words plainWords(const std::vector<Place>& places, const Words& words) {
  Words plain;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (takesValue(places, words[i])) {
      ++i;
    } else if (!words[i].starts_with('-')) {
      plain.push_back(words[i]);
    }
  }
  return plain;
}

std::set<std::string> nextWords(const std::vector<Place>& places, const Words& typed) {
  std::set<std::string> next;
  for (const auto& place : places)
    if (place.words.size() > typed.size() && startsWith(place.words, typed))
      next.insert(place.words[typed.size()]);
  return next;
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

Words completions(const std::vector<Command>& commands, const Words& words) {
  const auto places = placesOf(commands);
  const std::string head = words.empty() ? "" : words.back();
  const Words before(words.begin(), words.empty() ? words.end() : words.end() - 1);
  if (!before.empty() && takesValue(places, before.back())) return {};  // only the caller knows it
  const Words typed = plainWords(places, before);
  std::set<std::string> found;
  if (!head.starts_with('-')) {
    found = nextWords(places, typed);
  } else {
    for (const auto& option : commonOptions())
      found.insert(option.flag);
    for (const auto& place : places)
      if (startsWith(typed, place.words))
        for (const auto& option : place.options)
          found.insert(option.flag);
  }
  Words out;
  for (const auto& word : found)
    if (word.starts_with(head)) out.push_back(word);
  return out;
}

std::string wordsProblem(const std::vector<Command>& commands, const Words& words) {
  const auto places = placesOf(commands);
  Words typed;
  std::string command = "bulkhead";
  for (const auto& word : plainWords(places, words)) {
    const auto next = nextWords(places, typed);
    if (next.empty()) return "";
    if (!next.contains(word))
      return "there is no command \"" + command + " " + word + "\"; there is: " + joined(next);
    typed.push_back(word);
    command += " " + word;
  }
  const auto next = nextWords(places, typed);
  return next.empty() ? "" : command + " needs one more word: " + joined(next);
}

}  // namespace bulkhead::cli
