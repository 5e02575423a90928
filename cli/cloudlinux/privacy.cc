#include "cli/cloudlinux/privacy.h"

#include "cli/cloudlinux/rows.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr std::size_t kReportedMax = 3;
constexpr std::size_t kWordBytesMin = 3;  // shorter names turn up in any text
// Every right answer holds these, whatever users are called.
constexpr std::string_view kSkeleton =
    "data metadata result message owner document_root is_main php version ini_path is_native fpm "
    "php_version_id handler lsapi cgi fcgi true false null PermissionDenied BadRequest NotFound "
    "InternalAPIError home opt etc usr alt conf link user users domain domains root";

bool isWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The words of a text, with and without the dots that may join or end them: "bob.example" is found
// in "no bob.example." and "bob" in "/home/bob/x".
std::set<std::string, std::less<>> wordsOf(std::string_view text) {
  std::set<std::string, std::less<>> words;
  for (const bool dots : {false, true}) {
    for (std::size_t start = 0; start < text.size();) {
      const auto inside = [&](char c) { return isWordByte(c) || (dots && c == '.'); };
      if (!inside(text[start])) {
        ++start;
        continue;
      }
      auto end = start;
      while (end < text.size() && inside(text[end]))
        ++end;
      auto last = end;
      while (last > start && text[last - 1] == '.')
        --last;
      if (last > start) words.emplace(text.substr(start, last - start));
      start = end;
    }
  }
  return words;
}

void addText(std::set<std::string>& out, const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found != object.end() && found->is_string() &&
      found->get<std::string>().size() >= kWordBytesMin)
    out.insert(found->get<std::string>());
}

struct Words {
  std::set<std::string> mine;
  std::set<std::string> foreign;
};

Words sortWords(const World& world, uid_t uid) {
  Words words;
  const auto names = world.usersWithUid(uid);
  if (world.data("users").is_array())
    for (const auto& row : world.data("users")) {
      if (!row.is_object()) continue;
      auto& side = row.value("id", Json()) == Json(uid) ? words.mine : words.foreign;
      for (const auto* key : {"username", "domain", "email"})
        addText(side, row, key);
    }
  if (world.data("domains").is_object())
    for (const auto& [domain, entry] : world.data("domains").items()) {
      if (!entry.is_object()) continue;
      const bool isMine = names.count(text(entry, "owner")) != 0;
      (isMine ? words.mine : words.foreign).insert(domain);
      if (isMine) addText(words.mine, entry, "document_root");
    }
  for (const auto* list : {"resellers", "admins"})
    if (world.data(list).is_array())
      for (const auto& row : world.data(list))
        if (row.is_object()) addText(words.foreign, row, "email");
  const auto& databases = world.data("db_info");
  const auto mysql = databases.is_object() ? databases.value("mysql", Json()) : Json();
  const auto mapping = mysql.is_object() ? mysql.value("mapping", Json()) : Json();
  if (!mapping.is_object()) return words;
  for (const auto& [account, list] : mapping.items())
    for (const auto& name : list)
      if (name.is_string())
        (names.count(account) != 0 ? words.mine : words.foreign).insert(name.get<std::string>());
  return words;
}

}  // namespace

std::vector<std::string> foreignWords(const World& world,
                                      uid_t uid,
                                      const std::vector<std::string>& given,
                                      std::string_view text) {
  const auto words = sortWords(world, uid);
  // A part of what is mine says nothing about others: "example" in "alice.example".
  std::string known = world.data("panel_info").dump(-1, ' ', true, Json::error_handler_t::replace);
  known += "\n" + std::string(kSkeleton);
  for (const auto& word : words.mine)
    known += "\n" + word;
  for (const auto& argument : given)
    known += "\n" + argument;
  const auto allowed = wordsOf(known);
  const auto said = wordsOf(text);
  std::vector<std::string> found;
  for (const auto& word : words.foreign)
    if (found.size() < kReportedMax && said.count(word) != 0 && allowed.count(word) == 0 &&
        words.mine.count(word) == 0)
      found.push_back(word);
  return found;
}

}  // namespace bulkhead::cli::cloudlinux
