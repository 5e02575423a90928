#include "cli/complete.h"

#include <algorithm>
#include <array>
#include <set>

namespace bulkhead::cli {
namespace {

using Words = std::vector<std::string>;
using Apps = std::vector<const CLI::App*>;

// Options whose value is something that exists; --domain may name a new one.
constexpr std::array<std::string_view, 4> kNamedByOptions = {"account", "plan", "reseller",
                                                             "admin"};

Apps childrenOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* childOf(const CLI::App& app, const std::string& word) {
  for (const auto* child : childrenOf(app))
    if (child->get_name() == word) return child;
  return nullptr;
}

bool hasFlag(const CLI::Option& option, const std::string& word) {
  return word.size() > 1 && word.front() == '-' && option.check_name(word);
}

// Anywhere in the tree: an option may stand before its command.
bool takesValue(const CLI::App& app, const std::string& word) {
  const auto options = app.get_options();
  const auto children = childrenOf(app);
  return std::any_of(options.begin(), options.end(),
                     [&word](const CLI::Option* option) {
                       return option->get_expected_max() > 0 && hasFlag(*option, word);
                     }) ||
         std::any_of(children.begin(), children.end(),
                     [&word](const CLI::App* child) { return takesValue(*child, word); });
}

// Without options and their values.
Words plainWords(const CLI::App& root, const Words& words) {
  Words plain;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (takesValue(root, words[i])) {
      ++i;
    } else if (!words[i].starts_with('-')) {
      plain.push_back(words[i]);
    }
  }
  return plain;
}

// How far the words name a command: the place that they reach, and how many were used.
struct Reach {
  const CLI::App* app;
  std::size_t used = 0;
};

Reach reachOf(const CLI::App& root, const Words& plain) {
  Reach reach{&root};
  while (reach.used < plain.size()) {
    const auto* child = childOf(*reach.app, plain[reach.used]);
    if (child == nullptr) break;
    reach.app = child;
    ++reach.used;
  }
  return reach;
}

std::set<std::string> namesOf(const Apps& apps) {
  std::set<std::string> names;
  for (const auto* app : apps)
    names.insert(app->get_name());
  return names;
}

void addFlags(const CLI::App& app, std::set<std::string>& into) {
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      into.insert("--" + name);
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string pathOf(const Words& plain, std::size_t used) {
  std::string path = "bulkhead";
  for (std::size_t i = 0; i < used; ++i)
    path += " " + plain[i];
  return path;
}

// "" for the words of one whole command.
std::string wordsProblem(const Reach& reach, const Words& plain) {
  const auto next = namesOf(childrenOf(*reach.app));
  if (next.empty()) return "";
  const std::string path = pathOf(plain, reach.used);
  if (reach.used == plain.size()) return path + " needs one more word: " + joined(next);
  return "there is no command \"" + path + " " + plain[reach.used] +
         "\"; there is: " + joined(next);
}

// CLI11's texts name the option, but some speak of its types.
std::string optionProblem(const CLI::ParseError& problem) {
  const std::string text = problem.what();
  const std::string name = text.substr(0, text.find(':'));
  if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch))
    return name + " needs a value";
  return text;
}

}  // namespace

Words completions(const CLI::App& root, const Words& words) {
  const std::string head = words.empty() ? "" : words.back();
  const Words before(words.begin(), words.empty() ? words.end() : words.end() - 1);
  if (!before.empty() && takesValue(root, before.back())) return {};  // only the caller knows it
  const Words plain = plainWords(root, before);
  const Reach reach = reachOf(root, plain);
  std::set<std::string> found;
  if (head.starts_with('-')) {
    addFlags(root, found);
    addFlags(*reach.app, found);
  } else if (reach.used == plain.size()) {
    found = namesOf(childrenOf(*reach.app));
  }
  Words out;
  for (const auto& word : found)
    if (word.starts_with(head)) out.push_back(word);
  return out;
}

std::string nounWanted(const CLI::App& root, const Words& words) {
  if (words.empty() || words.back().starts_with('-')) return "";
  const Words before(words.begin(), words.end() - 1);
  if (!before.empty() && takesValue(root, before.back())) {
    const std::string name = before.back().substr(before.back().find_first_not_of('-'));
    const bool known =
        std::find(kNamedByOptions.begin(), kNamedByOptions.end(), name) != kNamedByOptions.end();
    return known ? name : "";
  }
  const Words plain = plainWords(root, before);
  const Reach reach = reachOf(root, plain);
  std::size_t place = plain.size() - reach.used;
  for (const auto* option : reach.app->get_options())
    if (option->get_positional() && place-- == 0) return option->get_name(/*positional=*/true);
  return "";
}

UsageProblem usageProblem(const CLI::App& root,
                          const Words& words,
                          const CLI::ParseError& problem) {
  const Words plain = plainWords(root, words);
  const Reach reach = reachOf(root, plain);
  const std::string help = pathOf(plain, reach.used) + " --help";
  const std::string wrongWords = wordsProblem(reach, plain);
  if (!wrongWords.empty()) return {wrongWords, help};
  const auto unknown = root.remaining(/*recurse=*/true);
  for (const auto& word : unknown)
    if (word.starts_with('-')) return {"there is no option " + word + " here", help};
  if (!unknown.empty()) return {"\"" + unknown.front() + "\" is one word too many", help};
  return {optionProblem(problem), help};
}

}  // namespace bulkhead::cli
