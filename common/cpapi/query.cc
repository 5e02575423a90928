// Options, values, and which of them go together.
#include "common/cpapi/query.h"

#include <array>
#include <limits>

#include "common/cpapi/text.h"

namespace bulkhead::cpapi {
namespace {

enum class Option : unsigned {
  kOwner,
  kPackageName,
  kPackageOwner,
  kUsername,
  kUnixId,
  kFields,
  kName,
  kWithPhp,
  kId,
  kIsMain,
};
constexpr unsigned bit(Option option) { return 1U << static_cast<unsigned>(option); }

struct OptionRule {
  Option option;
  std::string_view longName;
  char shortName;  // 0 = none
};
constexpr std::array kOptions{
    OptionRule{Option::kOwner, "owner", 'o'},
    OptionRule{Option::kPackageName, "package-name", 0},
    OptionRule{Option::kPackageOwner, "package-owner", 0},
    OptionRule{Option::kUsername, "username", 0},
    OptionRule{Option::kUnixId, "unix-id", 0},
    OptionRule{Option::kFields, "fields", 0},
    OptionRule{Option::kName, "name", 'n'},
    OptionRule{Option::kWithPhp, "with-php", 0},
    OptionRule{Option::kId, "id", 0},
    OptionRule{Option::kIsMain, "is-main", 'm'},
};

constexpr unsigned optionsOf(Script script) {
  switch (script) {
    case Script::kPanelInfo:
    case Script::kDbInfo:
    case Script::kPhp:
      return 0;
    case Script::kPackages:
      return bit(Option::kOwner);
    case Script::kUsers:
      return bit(Option::kOwner) | bit(Option::kPackageName) | bit(Option::kPackageOwner) |
             bit(Option::kUsername) | bit(Option::kUnixId) | bit(Option::kFields);
    case Script::kDomains:
      return bit(Option::kOwner) | bit(Option::kName) | bit(Option::kWithPhp);
    case Script::kResellers:
      return bit(Option::kId) | bit(Option::kName);
    case Script::kAdmins:
      return bit(Option::kName) | bit(Option::kIsMain);
  }
  return 0;
}

constexpr Fault bad(std::string_view why, std::string_view what = {}) {
  return {Outcome::kBadRequest, why, what};
}

// Decimal digits only: no sign, no blank, no other base, and nothing that wraps around.
std::optional<std::uint32_t> parseNumber(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
    if (value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  }
  return text.empty() ? std::nullopt
                      : std::optional<std::uint32_t>(static_cast<std::uint32_t>(value));
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

std::optional<Fault> readFields(std::string_view list, UserFields& fields) {
  fields = UserFields::none();
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view word = trimmed(list.substr(0, comma));
    bool known = false;
    for (unsigned i = 0; i < kUserFieldCount; ++i) {
      if (word != userFieldName(static_cast<UserField>(i))) continue;
      fields.add(static_cast<UserField>(i));
      known = true;
    }
    if (word.empty()) return bad("an item of --fields is empty");
    if (!known) return bad("unknown field", word);
    if (comma == std::string_view::npos) return std::nullopt;
    list.remove_prefix(comma + 1);
  }
}

class Parser {
 public:
  Parser(Script script, std::span<const std::string_view> arguments)
      : allowed_(optionsOf(script)), rest_(arguments) {
    query_.script = script;
  }

  std::variant<Query, Fault> run() {
    std::size_t bytes = 0;
    for (const std::string_view argument : rest_)
      bytes += argument.size();
    if (rest_.size() > kArgumentCountMax || bytes > kArgumentBytesMax)
      return bad("the arguments are too long");
    for (const std::string_view argument : rest_)
      if (!isUtf8(argument)) return bad("an argument is not UTF-8");
    while (!rest_.empty())
      if (const auto fault = one()) return *fault;
    if (const auto fault = together()) return *fault;
    return query_;
  }

 private:
  std::string_view next() {
    const std::string_view argument = rest_.front();
    rest_ = rest_.subspan(1);
    return argument;
  }

  std::optional<Fault> one() {
    const std::string_view argument = next();
    if (argument.size() < 2 || argument.front() != '-') return bad("unexpected argument", argument);
    std::optional<std::string_view> value;
    const OptionRule* rule = nullptr;
    if (argument[1] == '-') {
      std::string_view name = argument.substr(2);
      if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
        value = name.substr(equals + 1);
        name = name.substr(0, equals);
      }
      rule = find([name](const OptionRule& r) { return r.longName == name; });
    } else {
      if (argument.size() > 2) value = argument.substr(2);
      rule = find([&](const OptionRule& r) { return r.shortName == argument[1]; });
    }
    if (rule == nullptr) return bad("unknown argument", argument);
    if ((seen_ & bit(rule->option)) != 0) return bad("given twice", argument);
    seen_ |= bit(rule->option);
    if (rule->option == Option::kWithPhp) {
      query_.withPhp = true;
      return value ? std::optional(bad("takes no value", argument)) : std::nullopt;
    }
    if (!value && !rest_.empty()) value = next();
    if (!value || value->empty()) return bad("needs a value", argument);
    return take(rule->option, *value);
  }

  template <typename Matches>
  const OptionRule* find(Matches matches) const {
    for (const OptionRule& rule : kOptions)
      if ((allowed_ & bit(rule.option)) != 0 && matches(rule)) return &rule;
    return nullptr;
  }

  std::optional<Fault> take(Option option, std::string_view value) {
    switch (option) {
      case Option::kOwner:
        query_.owner = value;
        return std::nullopt;
      case Option::kPackageName:
        query_.packageName = value;
        return std::nullopt;
      case Option::kPackageOwner:
        query_.packageOwner = value;
        return std::nullopt;
      case Option::kUsername:
        query_.username = value;
        return std::nullopt;
      case Option::kName:
        query_.name = value;
        return std::nullopt;
      case Option::kUnixId:
        return takeNumber(query_.unixId, value);
      case Option::kId:
        return takeNumber(query_.id, value);
      case Option::kFields:
        return readFields(value, query_.fields);
      case Option::kIsMain:
        if (equalsIgnoringCase(value, "true"))
          query_.isMain = true;
        else if (equalsIgnoringCase(value, "false"))
          query_.isMain = false;
        else
          return bad("--is-main is true or false, not", value);
        return std::nullopt;
      case Option::kWithPhp:
        return std::nullopt;  // a flag, dealt with before
    }
    return std::nullopt;
  }

  static std::optional<Fault> takeNumber(std::optional<std::uint32_t>& into,
                                         std::string_view value) {
    into = parseNumber(value);
    return into ? std::nullopt : std::optional(bad("not a number from 0 to 4294967295", value));
  }

  bool gave(Option option) const { return (seen_ & bit(option)) != 0; }

  // Filters are alternatives; the two words of a package are one filter.
  std::optional<Fault> together() const {
    if (gave(Option::kPackageName) != gave(Option::kPackageOwner))
      return bad("--package-name and --package-owner go together");
    int filters = 0;
    for (const Option option : {Option::kOwner, Option::kPackageName, Option::kUsername,
                                Option::kUnixId, Option::kName, Option::kId, Option::kIsMain})
      if (gave(option)) ++filters;
    if (filters > 1) return bad("only one filter at a time");
    return std::nullopt;
  }

  unsigned allowed_;
  unsigned seen_ = 0;
  std::span<const std::string_view> rest_;
  Query query_;
};

}  // namespace

std::string_view userFieldName(UserField field) {
  switch (field) {
    case UserField::kId:
      return "id";
    case UserField::kUsername:
      return "username";
    case UserField::kOwner:
      return "owner";
    case UserField::kDomain:
      return "domain";
    case UserField::kPackage:
      return "package";
    case UserField::kEmail:
      return "email";
    case UserField::kLocaleCode:
      return "locale_code";
  }
  return "";
}

std::variant<Query, Fault> parseQuery(Script script, std::span<const std::string_view> arguments) {
  return Parser(script, arguments).run();
}

}  // namespace bulkhead::cpapi
