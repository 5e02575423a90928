#include "cli/cloudlinux/integration_ini.h"

#include <algorithm>

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr std::size_t kFileBytesMax = 64U << 10U;  // two sections with a dozen short lines

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Error refused(int line, const std::string& why) {
  return Error{Code::kInvalidArgument, "line " + std::to_string(line) + ": " + why, ""};
}

bool isKey(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool hasControl(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

// One line at a time; the libraries at hand are lenient exactly where this has to complain: they
// join continued lines, cut comments out of values and keep the last of two equal keys.
class Reader {
 public:
  Result<Ok> take(std::string_view line, int number) {
    if (hasControl(line)) return refused(number, "a control character");
    if (trimmed(line).empty() || line.front() == '#' || line.front() == ';') return Ok{};
    if (kBlanks.find(line.front()) != std::string_view::npos)
      return refused(number, "an indented line continues the value before it in some readers");
    if (line.front() == '[') return takeSection(trimmed(line), number);
    return takeValue(line, number);
  }
  IntegrationIni ini;

 private:
  Result<Ok> takeSection(std::string_view line, int number) {
    if (line.back() != ']' || !isKey(line.substr(1, line.size() - 2)))
      return refused(number, "not a section's name");
    section_ = line.substr(1, line.size() - 2);
    if (!ini.sections.emplace(section_, std::map<std::string, std::string>{}).second)
      return refused(number, "section [" + section_ + "] occurs twice");
    return Ok{};
  }
  Result<Ok> takeValue(std::string_view line, int number) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      return refused(number, "neither a comment nor KEY = VALUE");
    const std::string key(trimmed(line.substr(0, equals)));
    if (!isKey(key)) return refused(number, "not a key");
    if (section_.empty()) return refused(number, "a key before the first section");
    if (!ini.sections[section_].emplace(key, trimmed(line.substr(equals + 1))).second)
      return refused(number, key + " occurs twice in [" + section_ + "]");
    return Ok{};
  }

  std::string section_;
};

}  // namespace

std::string IntegrationIni::value(const std::string& section, const std::string& key) const {
  const auto found = sections.find(section);
  if (found == sections.end()) return "";
  const auto entry = found->second.find(key);
  return entry == found->second.end() ? "" : entry->second;
}

ScriptLine IntegrationIni::script(std::string_view name) const {
  const std::string text = value("integration_scripts", std::string(name));
  ScriptLine line;
  for (std::size_t start = text.find_first_not_of(kBlanks); start < text.size();) {
    const auto end = std::min(text.find_first_of(kBlanks, start), text.size());
    auto word = text.substr(start, end - start);
    if (line.path.empty()) {
      line.path = std::move(word);
    } else {
      line.arguments.push_back(std::move(word));
    }
    start = std::min(text.find_first_not_of(kBlanks, end), text.size());
  }
  return line;
}

Result<IntegrationIni> parseIntegrationIni(std::string_view text) {
  if (text.size() > kFileBytesMax)
    return Error{Code::kLimitExceeded, "the file is larger than 64 KiB", ""};
  if (text.starts_with("\xef\xbb\xbf")) return refused(1, "a byte order mark");
  Reader reader;
  int number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    TRY(reader.take(text.substr(start, end - start), ++number));
    start = end + 1;
  }
  return std::move(reader.ini);
}

}  // namespace bulkhead::cli::cloudlinux
