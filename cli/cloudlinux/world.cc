#include "cli/cloudlinux/world.h"

#include <algorithm>

#include "common/types/domain_name.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

// Names that no panel has; letters only, so that every panel's parser takes them.
constexpr std::string_view kUnknownName = "nosuchq7z";
constexpr std::string_view kUnknownDomain = "nosuch-q7z.example";
constexpr std::size_t kLongBytes = 100000;       // one argument may have 131,071
constexpr std::uint64_t kUidMaxDefault = 60000;  // of shadow, when login.defs does not say
constexpr const char* kWatchedFiles[] = {"/etc/passwd", "/etc/group", "/etc/shadow"};

const Json kNull;

std::string textOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

const Json& rowsOf(const Json& data) {
  static const Json kEmpty = Json::array();
  return data.is_array() ? data : kEmpty;
}

}  // namespace

std::string_view asName(As as) {
  switch (as) {
    case As::kRoot:
      return "root";
    case As::kUser:
      return "user";
    case As::kOther:
      return "other";
    case As::kStranger:
      return "stranger";
    case As::kReseller:
      return "reseller";
    case As::kCage:
      return "user in cage";
    case As::kCageOther:
      return "other in cage";
  }
  return "";
}

const Json& World::data(std::string_view call) const {
  const auto found = data_.find(call);
  return found == data_.end() ? kNull : found->second;
}

std::set<std::string> World::usersWithUid(uid_t uid) const {
  std::set<std::string> names;
  for (const auto& row : rowsOf(data("users")))
    if (row.is_object() && row.value("id", Json()) == Json(uid))
      names.insert(textOf(row, "username"));
  return names;
}

std::set<std::string> World::ownerNames() const {
  std::set<std::string> names;
  for (const auto* list : {"admins", "resellers"})
    for (const auto& row : rowsOf(data(list)))
      if (row.is_object()) names.insert(textOf(row, "name"));
  return names;
}

std::uint64_t World::uidMax() const {
  const auto text = host_.read("/etc/login.defs");
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    const auto line = text.substr(start, end - start);
    start = end + 1;
    if (!line.starts_with("UID_MAX")) continue;
    const auto digits = line.find_first_of("0123456789");
    if (digits != std::string::npos) return std::strtoull(line.c_str() + digits, nullptr, 10);
  }
  return kUidMaxDefault;
}

void World::choose(const CastNames& names) {
  words_.clear();
  cast_.clear();
  words_.emplace("unknown", kUnknownName);
  words_.emplace("unknown_domain", kUnknownDomain);
  words_.emplace("long", std::string(kLongBytes, 'a'));
  chooseUsers(names);
  chooseDomainWords();
  chooseOwnerWords();
}

void World::chooseUsers(const CastNames& names) {
  std::map<std::string, int> domainsOf;
  if (data("domains").is_object())
    for (const auto& [domain, entry] : data("domains").items())
      if (entry.is_object()) ++domainsOf[textOf(entry, "owner")];
  std::vector<std::string> candidates;
  std::set<std::string> known;
  for (const auto& row : rowsOf(data("users"))) {
    if (!row.is_object()) continue;
    candidates.push_back(textOf(row, "username"));
    known.insert(candidates.back());
  }
  // Those with most domains first: they show most. Not a reseller's own account, which has a role
  // of its own.
  const auto owners = ownerNames();
  std::stable_sort(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) {
    return std::pair(owners.count(a), -domainsOf[a]) < std::pair(owners.count(b), -domainsOf[b]);
  });
  const auto take = [&](const std::string& wanted, As as, As caged, uid_t not_) {
    for (const auto& name : wanted.empty() ? candidates : std::vector<std::string>{wanted}) {
      const auto person = host_.person(name);
      if (!person || person->uid == 0 || person->uid == not_) continue;
      cast_[as] = *person;
      cast_[caged] = *person;
      return person->uid;
    }
    return uid_t{0};
  };
  const auto first = take(names.user, As::kUser, As::kCage, 0);
  if (first != 0) (void)take(names.other, As::kOther, As::kCageOther, first);
  for (const auto& name : {names.stranger, std::string("nobody")})
    if (const auto person = host_.person(name); person && known.count(name) == 0) {
      cast_[As::kStranger] = *person;
      break;
    }
  for (const auto& row : rowsOf(data("resellers")))
    if (const auto name = row.is_object() ? textOf(row, "name") : ""; known.count(name) != 0)
      if (const auto person = host_.person(name)) cast_[As::kReseller] = *person;
  for (const auto& [as, word] : {std::pair(As::kUser, "user"), std::pair(As::kOther, "other")}) {
    const auto found = cast_.find(as);
    if (found == cast_.end()) continue;
    words_[word] = found->second.name;
    words_[std::string(word) + "_uid"] = std::to_string(found->second.uid);
  }
  if (const auto user = word("user"); user && upper(*user) != *user)
    words_.emplace("user_upper", upper(*user));
  for (const auto& name : candidates)
    if (owners.count(name) == 0) words_.emplace("ownerless_user", name);
  for (const auto& name : candidates)
    if (domainsOf[name] == 0) words_.emplace("domainless", name);
}

void World::chooseDomainWords() {
  if (!data("domains").is_object()) return;
  for (const auto& [domain, entry] : data("domains").items()) {
    if (!entry.is_object()) continue;
    const auto owner = textOf(entry, "owner");
    const bool isMain = entry.value("is_main", Json(false)) == Json(true);
    if (word("user") == owner) {
      words_.emplace(isMain ? "user_domain" : "user_side_domain", domain);
      if (isMain) words_.emplace("user_domain_upper", upper(domain));
    }
    if (word("other") == owner) words_.emplace("other_domain", domain);
    if (domain.find("xn--") == std::string::npos) continue;
    const auto name = DomainName::parse(domain);
    if (name.ok() && name->unicode() != domain) words_.emplace("unicode_domain", name->unicode());
  }
}

void World::chooseOwnerWords() {
  std::set<std::string> busy;
  std::set<std::string> accounts;
  for (const auto& row : rowsOf(data("users"))) {
    if (!row.is_object()) continue;
    words_.emplace("owner", textOf(row, "owner"));
    busy.insert(textOf(row, "owner"));
    accounts.insert(textOf(row, "username"));
    const auto package = row.find("package");
    if (package == row.end() || !package->is_object()) continue;
    words_.emplace("package", textOf(*package, "name"));
    if (words_.at("package") == textOf(*package, "name"))
      words_.emplace("package_owner", textOf(*package, "owner"));
  }
  for (const auto& name : ownerNames())
    if (busy.count(name) == 0) words_.emplace("idle_owner", name);
  for (const auto& row : rowsOf(data("admins")))
    if (row.is_object()) {
      words_.emplace("admin", textOf(row, "name"));
      words_.emplace(row.value("is_main", Json()) == Json(true) ? "main_admin" : "side_admin",
                     textOf(row, "name"));
    }
  for (const auto& row : rowsOf(data("resellers"))) {
    if (!row.is_object()) continue;
    words_.emplace("reseller", textOf(row, "name"));
    if (accounts.count(textOf(row, "name")) == 0)
      words_.emplace("accountless_reseller", textOf(row, "name"));
    const auto id = row.find("id");
    if (id != row.end() && id->is_number_unsigned())
      words_.emplace("reseller_id", std::to_string(id->get<std::uint64_t>()));
  }
  for (const auto& row : rowsOf(data("packages")))
    if (row.is_object()) words_.emplace("packages_owner", textOf(row, "owner"));
}

std::optional<Person> World::cast(As as) const {
  if (as == As::kRoot) return Person{"root", 0, 0, {}, "/root"};
  const auto found = cast_.find(as);
  if (found == cast_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> World::word(std::string_view name) const {
  const auto found = words_.find(name);
  if (found == words_.end()) return std::nullopt;
  return found->second;
}

Result<std::string> World::expand(std::string_view text) const {
  std::string out;
  while (true) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) return out + std::string(text);
    const auto name = text.substr(open + 1, close - open - 1);
    const auto value = word(name);
    if (!value) return Error{Code::kNotFound, "this panel has no such thing", std::string(name)};
    out += std::string(text.substr(0, open)) + *value;
    text.remove_prefix(close + 1);
  }
}

void World::noteTime(const std::string& check, double milliseconds) {
  if (milliseconds <= slowestMs_) return;
  slowestMs_ = milliseconds;
  slowest_ = check;
}

void World::noteFilesBefore() {
  for (const auto* path : kWatchedFiles)
    filesBefore_[path] = host_.read(path);
}

std::vector<std::string> World::filesChanged() const {
  std::vector<std::string> changed;
  for (const auto& [path, before] : filesBefore_)
    if (host_.read(path) != before) changed.push_back(path);
  return changed;
}

}  // namespace bulkhead::cli::cloudlinux
