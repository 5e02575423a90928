#include "cli/cloudlinux/oracle.h"

#include <algorithm>
#include <map>

#include "cli/cloudlinux/rows.h"
#include "common/types/domain_name.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {
namespace {

using Options = std::map<std::string, std::string>;

constexpr std::size_t kQuoteMax = 160;

const std::map<char, std::string>& shortNames() {
  static const std::map<char, std::string> kNames = {
      {'o', "owner"}, {'n', "name"}, {'m', "is-main"}};
  return kNames;
}

Options optionsOf(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& word = arguments[i];
    if (word == "--with-php") {
      options["with-php"] = "";
    } else if (word.starts_with("--")) {
      const auto equals = word.find('=');
      if (equals != std::string::npos)
        options[word.substr(2, equals - 2)] = word.substr(equals + 1);
      else
        options[word.substr(2)] = i + 1 < arguments.size() ? arguments[++i] : "";
    } else if (word.size() >= 2 && word.front() == '-' && shortNames().count(word[1]) != 0) {
      const auto& name = shortNames().at(word[1]);
      if (word.size() > 2)
        options[name] = word.substr(2);
      else
        options[name] = i + 1 < arguments.size() ? arguments[++i] : "";
    }
  }
  return options;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool packageIs(const Json& row, const Options& options) {
  const auto package = row.find("package");
  return package != row.end() && package->is_object() &&
         package->value("name", Json()) == Json(options.at("package-name")) &&
         package->value("owner", Json()) == Json(options.at("package-owner"));
}

bool keepsUser(const Json& row, const Options& options) {
  for (const auto& [key, value] : options) {
    if (key == "owner" && row.value("owner", Json()) != Json(value)) return false;
    if (key == "username" && row.value("username", Json()) != Json(value)) return false;
    if (key == "unix-id" && row.value("id", Json()).dump() != value) return false;
    if (key == "package-name" && !packageIs(row, options)) return false;
  }
  return true;
}

bool keepsNamed(const Json& row, const Options& options) {
  for (const auto& [key, value] : options) {
    if (key == "owner" && row.value("owner", Json()) != Json(value)) return false;
    if (key == "name" && row.value("name", Json()) != Json(value)) return false;
    if (key == "id" && row.value("id", Json()).dump() != value) return false;
    if (key == "is-main" && row.value("is_main", Json()) != Json(lower(value) == "true"))
      return false;
  }
  return true;
}

Json filteredRows(const Json& rows, const Options& options, std::string_view script) {
  Json kept = Json::array();
  for (const auto& row : rows) {
    if (!row.is_object()) continue;
    if (script == "users" ? !keepsUser(row, options) : !keepsNamed(row, options)) continue;
    const auto fields = options.find("fields");
    if (fields == options.end()) {
      kept.push_back(row);
      continue;
    }
    Json narrowed = Json::object();
    for (const auto& field : split(fields->second))
      if (row.contains(field)) narrowed[field] = row.at(field);
    kept.push_back(std::move(narrowed));
  }
  return kept;
}

Json filteredDomains(const World& world, const Options& options, As as) {
  const auto person = world.cast(as);
  const auto mine = person ? world.usersWithUid(person->uid) : std::set<std::string>{};
  std::string wanted;
  if (const auto name = options.find("name"); name != options.end()) {
    const auto parsed = DomainName::parse(name->second);
    wanted = parsed.ok() ? parsed->text() : lower(name->second);
  }
  Json kept = Json::object();
  const bool withPhp = options.count("with-php") != 0;
  for (const auto& [domain, entry] :
       world.data(withPhp ? "domains --with-php" : "domains").items()) {
    const auto owner = entry.is_object() ? text(entry, "owner") : std::string();
    if (as != As::kRoot && mine.count(owner) == 0) continue;
    if (options.count("owner") != 0 && owner != options.at("owner")) continue;
    if (!wanted.empty() && domain != wanted) continue;
    kept[domain] = entry;
  }
  return kept;
}

std::string shortened(const nlohmann::json& value) {
  const auto dumped =
      value.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
  return dumped.size() > kQuoteMax ? dumped.substr(0, kQuoteMax) + "..." : dumped;
}

std::vector<nlohmann::json> sorted(const Json& list) {
  std::vector<nlohmann::json> out;
  for (const auto& item : list)
    out.emplace_back(item);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::optional<Json> expectedData(const World& world,
                                 std::string_view script,
                                 const std::vector<std::string>& arguments,
                                 As as) {
  const Json& whole = world.data(script);
  if (whole.is_null()) return std::nullopt;
  const auto options = optionsOf(arguments);
  if (script == "panel_info" || script == "db_info" || script == "php") return whole;
  if (script == "domains") {
    if (options.count("with-php") != 0 && world.data("domains --with-php").is_null())
      return std::nullopt;
    return filteredDomains(world, options, as);
  }
  return filteredRows(whole, options, script);
}

std::string difference(const Json& expected, const Json& actual) {
  if (expected.is_array() && actual.is_array()) {
    const auto want = sorted(expected);
    const auto have = sorted(actual);
    if (want == have) return "";
    std::vector<nlohmann::json> missing;
    std::vector<nlohmann::json> extra;
    std::set_difference(want.begin(), want.end(), have.begin(), have.end(),
                        std::back_inserter(missing));
    std::set_difference(have.begin(), have.end(), want.begin(), want.end(),
                        std::back_inserter(extra));
    std::string out;
    if (!missing.empty()) out = "lacks " + shortened(missing.front());
    if (!extra.empty())
      out += (out.empty() ? "" : "; ") + ("has too much: " + shortened(extra.front()));
    return out;
  }
  const nlohmann::json want = expected;
  const nlohmann::json have = actual;
  if (want == have) return "";
  if (want.is_object() && have.is_object()) {
    for (const auto& [key, value] : want.items())
      if (!have.contains(key)) return "lacks " + shortened(nlohmann::json(key));
    for (const auto& [key, value] : have.items()) {
      if (!want.contains(key)) return "has too much: " + shortened(nlohmann::json(key));
      if (want.at(key) != value)
        return shortened(nlohmann::json(key)) + " differs: " + shortened(value) + " instead of " +
               shortened(want.at(key));
    }
  }
  return shortened(have) + " instead of " + shortened(want);
}

std::string_view schemaOf(std::string_view script, const std::vector<std::string>& arguments) {
  const auto options = optionsOf(arguments);
  if (script == "domains" && options.count("with-php") != 0) return "domains_with_php";
  if (script == "users" && options.count("fields") != 0) return "users_fields";
  return script;
}

}  // namespace bulkhead::cli::cloudlinux
