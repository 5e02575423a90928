#include "agent/host/mounts.h"

#include <algorithm>

namespace bulkhead::agent {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool isOctal(std::string_view digits) {
  return digits.size() == 3 &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '7'; });
}

// The kernel writes space, tab, line feed and backslash as \040 and so on.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text.substr(i + 1 > text.size() ? text.size() : i + 1, 3);
    if (text[i] != '\\' || !isOctal(digits)) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
    i += 3;
  }
  return plain;
}

}  // namespace

std::string_view mountIdOf(std::string_view fdInfo) {
  for (const auto line : split(fdInfo, '\n'))
    if (line.starts_with("mnt_id:")) return line.substr(line.find_first_not_of(" \t", 7));
  return {};
}

Result<FileSystemInfo> findMount(std::string_view mountInfo, std::string_view mountId) {
  for (const auto line : split(mountInfo, '\n')) {
    // id parent major:minor root mountpoint options [optional...] - type source superoptions
    const auto words = split(line, ' ');
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 6 || words[0] != mountId || words.end() - dash < 4) continue;
    FileSystemInfo info;
    info.mountPoint = unescape(words[4]);
    info.type = dash[1];
    info.source = unescape(dash[2]);
    for (const auto list : {words[5], dash[3]})
      for (const auto option : split(list, ','))
        info.options.emplace_back(option);
    return info;
  }
  return Error{Code::kInternal, "the mount table does not know the path", ""};
}

}  // namespace bulkhead::agent
