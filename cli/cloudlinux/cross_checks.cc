// What the answers must agree about. Each alone can be right and the set of them still wrong.
#include <map>

#include "cli/cloudlinux/check.h"
#include "cli/cloudlinux/rows.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr auto kReading = Severity::kReading;
constexpr std::uint64_t kResellerIdMax = 0xffffffff;
constexpr std::string_view kDbuserMap = "/etc/container/dbuser-map";

Faults oneMainAdmin(const World& world) {
  int mains = 0;
  eachRow(world, "admins", [&](const Json& row) {
    if (row.value("is_main", Json()) == Json(true)) ++mains;
  });
  if (mains == 1) return {};
  return {std::to_string(mains) + " administrators are the main one"};
}

Faults adminNamesDiffer(const World& world) { return repeated(world, "admins", "name"); }
Faults resellerNamesDiffer(const World& world) { return repeated(world, "resellers", "name"); }
Faults userNamesDiffer(const World& world) { return repeated(world, "users", "username"); }
Faults resellerIdsDiffer(const World& world) { return repeated(world, "resellers", "id"); }

Faults adminsAndResellersAreDisjoint(const World& world) {
  Faults faults;
  std::set<std::string> admins;
  eachRow(world, "admins", [&](const Json& row) { admins.insert(text(row, "name")); });
  eachRow(world, "resellers", [&](const Json& row) {
    if (admins.count(text(row, "name")) != 0)
      faults.push_back(text(row, "name") + " is admin and reseller");
  });
  return faults;
}

Faults ownersExist(const World& world, const char* list, const char* label) {
  Faults faults;
  const auto owners = world.ownerNames();
  eachRow(world, list, [&](const Json& row) {
    if (owners.count(text(row, "owner")) == 0)
      faults.push_back(text(row, label) + " belongs to " + text(row, "owner") +
                       ", who is neither admin nor reseller");
  });
  return faults;
}
Faults userOwnersExist(const World& world) { return ownersExist(world, "users", "username"); }
Faults packageOwnersExist(const World& world) { return ownersExist(world, "packages", "name"); }

Faults packagesExist(const World& world) {
  Faults faults;
  std::set<std::pair<std::string, std::string>> known;
  eachRow(world, "packages",
          [&](const Json& row) { known.emplace(text(row, "name"), text(row, "owner")); });
  eachRow(world, "users", [&](const Json& row) {
    const auto package = row.find("package");
    if (package == row.end() || !package->is_object()) return;
    if (known.count({text(*package, "name"), text(*package, "owner")}) == 0)
      faults.push_back(text(row, "username") + " has a package that is not listed");
  });
  return faults;
}

Faults idsAreTheSystems(const World& world) {
  Faults faults;
  eachRow(world, "users", [&](const Json& row) {
    const auto name = text(row, "username");
    const auto person = world.host().person(name);
    if (!person) {
      faults.push_back(name + " is no account of the system");
    } else if (number(row, "id") != person->uid) {
      faults.push_back(name + " has uid " + std::to_string(person->uid) + " on the system");
    }
  });
  return faults;
}

Faults resellerIdsAreInRange(const World& world) {
  Faults faults;
  const auto least = world.uidMax();
  std::set<std::uint64_t> uids;
  eachRow(world, "users", [&](const Json& row) {
    if (const auto id = number(row, "id")) uids.insert(*id);
  });
  eachRow(world, "resellers", [&](const Json& row) {
    const auto id = number(row, "id");
    if (!id) return;
    const auto label = text(row, "name") + ": " + std::to_string(*id);
    if (*id < least) faults.push_back(label + " is below UID_MAX " + std::to_string(least));
    if (*id > kResellerIdMax) faults.push_back(label + " has more than 32 bits");
    if (uids.count(*id) != 0) faults.push_back(label + " is the uid of a user");
  });
  return faults;
}

Faults adminAccountsExist(const World& world) {
  Faults faults;
  eachRow(world, "admins", [&](const Json& row) {
    const auto account = text(row, "unix_user");
    if (!account.empty() && !world.host().person(account))
      faults.push_back(text(row, "name") + ": no account " + account + " on the system");
  });
  return faults;
}

// database user -> account, as db_info says
std::map<std::string, std::string> mapping(const World& world, Faults& faults) {
  std::map<std::string, std::string> owners;
  const auto& data = world.data("db_info");
  if (!data.is_object() || !data.contains("mysql") || !data.at("mysql").is_object()) return owners;
  const auto found = data.at("mysql").find("mapping");
  if (found == data.at("mysql").end() || !found->is_object()) return owners;
  for (const auto& [account, names] : found->items())
    for (const auto& name : names)
      if (name.is_string() && !owners.emplace(name.get<std::string>(), account).second)
        faults.push_back(name.get<std::string>() + " is mapped more than once");
  return owners;
}

Faults databaseUsersAreMappedOnce(const World& world) {
  Faults faults;
  (void)mapping(world, faults);
  return faults;
}

Faults databaseUsersBelongToUsers(const World& world) {
  Faults faults;
  Faults ignored;
  std::set<std::string> users;
  eachRow(world, "users", [&](const Json& row) { users.insert(text(row, "username")); });
  for (const auto& [name, account] : mapping(world, ignored))
    if (users.count(account) == 0) faults.push_back(name + ": " + account + " is no user");
  return faults;
}

// MySQL Governor reads the file; lve-stats asks the script. Only where the file exists.
Faults databaseMapAgrees(const World& world) {
  Faults faults;
  Faults ignored;
  const auto file = world.host().read(std::string(kDbuserMap));
  if (file.empty()) return faults;
  auto expected = mapping(world, ignored);
  for (std::size_t start = 0; start < file.size();) {
    const auto end = std::min(file.find('\n', start), file.size());
    const auto line = file.substr(start, end - start);
    start = end + 1;
    const auto space = line.find(' ');
    if (line.empty() || space == std::string::npos) continue;
    const auto name = line.substr(0, space);
    const auto account = line.substr(space + 1, line.find(' ', space + 1) - space - 1);
    const auto found = expected.find(name);
    if (found == expected.end() || found->second != account)
      faults.push_back(name + " is in the file for " + account + " and not in db_info");
    else
      expected.erase(found);
  }
  for (const auto& [name, account] : expected)
    faults.push_back(name + " of " + account + " is in db_info and not in the file");
  return faults;
}

Faults loginUrlIsATemplate(const World& world) {
  const auto url =
      text(world.data("panel_info").is_object() ? world.data("panel_info") : Json::object(),
           "user_login_url");
  if (url.empty()) return {};
  std::string rest = url;
  const auto place = rest.find("{domain}");
  if (place != std::string::npos) rest.erase(place, 8);
  if (rest.find_first_of("{}") != std::string::npos)
    return {url + " has a placeholder other than {domain}"};
  if (!url.starts_with("http://") && !url.starts_with("https://")) return {url + " is no URL"};
  return {};
}

Faults panelNameIsPlain(const World& world) {
  const auto& info = world.data("panel_info");
  const auto name = info.is_object() ? text(info, "name") : "";
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_')
      return {"\"" + name + "\" cannot be part of a shell variable's or file's name"};
  return {};
}

// Of the panel and of those who own things in it.
std::vector<Check> ownerChecks() {
  return {
      {.name = "the login URL has no placeholder but {domain}",
       .section = "5.1",
       .rule = loginUrlIsATemplate,
       .needs = {"panel_info"}},
      {.name = "the panel's name is letters, digits, - and _",
       .section = "5.1",
       .severity = kReading,
       .rule = panelNameIsPlain,
       .needs = {"panel_info"}},
      {.name = "exactly one administrator is the main one",
       .section = "5.7",
       .rule = oneMainAdmin,
       .needs = {"admins"}},
      {.name = "names of administrators are unique",
       .section = "5.7",
       .rule = adminNamesDiffer,
       .needs = {"admins"}},
      {.name = "names of resellers are unique",
       .section = "5.6",
       .rule = resellerNamesDiffer,
       .needs = {"resellers"}},
      {.name = "no reseller has an administrator's name",
       .section = "5.6",
       .rule = adminsAndResellersAreDisjoint,
       .needs = {"admins", "resellers"}},
      {.name = "ids of resellers are unique",
       .section = "5.6",
       .rule = resellerIdsDiffer,
       .needs = {"resellers"}},
      {.name = "ids of resellers are above every uid",
       .section = "5.6",
       .rule = resellerIdsAreInRange,
       .needs = {"resellers", "users"}},
      {.name = "accounts of administrators exist",
       .section = "5.7",
       .severity = kReading,
       .rule = adminAccountsExist,
       .needs = {"admins"}},
  };
}

// Of users, their packages and their databases.
std::vector<Check> userChecks() {
  return {
      {.name = "every user's owner is admin or reseller",
       .section = "5.4",
       .rule = userOwnersExist,
       .needs = {"users", "admins", "resellers"}},
      {.name = "every package's owner is admin or reseller",
       .section = "5.3",
       .rule = packageOwnersExist,
       .needs = {"packages", "admins", "resellers"}},
      {.name = "every user's package is in packages",
       .section = "5.4",
       .rule = packagesExist,
       .needs = {"users", "packages"}},
      {.name = "names of users are unique",
       .section = "5.4",
       .rule = userNamesDiffer,
       .needs = {"users"}},
      {.name = "every user is a system account with that uid",
       .section = "5.4",
       .rule = idsAreTheSystems,
       .needs = {"users"}},
      {.name = "a database user is mapped once",
       .section = "5.2",
       .rule = databaseUsersAreMappedOnce,
       .needs = {"db_info"}},
      {.name = "database users belong to users",
       .section = "5.2",
       .rule = databaseUsersBelongToUsers,
       .needs = {"db_info", "users"}},
      {.name = "dbuser-map says what db_info says",
       .section = "11",
       .severity = kReading,
       .rule = databaseMapAgrees,
       .needs = {"db_info"}},
  };
}

}  // namespace

std::vector<Check> crossChecks() {
  std::vector<Check> all;
  for (auto list : {ownerChecks(), userChecks(), domainCrossChecks()})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace bulkhead::cli::cloudlinux
