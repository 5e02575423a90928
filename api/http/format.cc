// The named formats and the types behind them.
#include "api/http/format.h"

#include <algorithm>
#include <array>

#include "common/types/address_range.h"
#include "common/types/contact.h"
#include "common/types/domain_name.h"
#include "common/types/host_names.h"
#include "common/types/person_name.h"
#include "common/types/plan_name.h"
#include "common/types/username.h"

namespace bulkhead::api {
namespace {

constexpr std::size_t kUlidLength = 26;
constexpr std::size_t kIdPrefixLength = 4;
constexpr std::size_t kRequestIdMax = 64;
constexpr std::size_t kCursorMax = 512;
constexpr std::size_t kOperationMax = 64;
constexpr std::size_t kTokenNameMax = 64;  // fits a table's column

struct Entry {
  Format format;
  std::string_view name;
  std::string_view pattern;
};
constexpr std::array kEntries{
    Entry{Format::kNone, "", ""},
    Entry{Format::kUsername, "username", "^[a-z]([a-z0-9_-]{0,30}[a-z0-9_])?$"},
    Entry{Format::kDomain, "idn-hostname", ""},
    Entry{Format::kAdminName, "admin-name", "^[a-z][a-z0-9_.-]{1,30}[a-z0-9]$"},
    Entry{Format::kPlanName, "plan-name", ""},
    Entry{Format::kEmail, "email", ""},
    Entry{Format::kLocale, "locale", "^[A-Za-z]{2,3}(_[A-Za-z]{2})?$"},
    Entry{Format::kUnixUser, "unix-user", "^[a-z_]([a-z0-9_-]{0,30}[a-z0-9_])?$"},
    Entry{Format::kPhp, "php-identifier", "^[a-z]{2,8}-php[0-9]{2,3}$"},
    Entry{Format::kDatabaseUser, "database-user", "^[A-Za-z][A-Za-z0-9_]{0,31}$"},
    Entry{Format::kAdminRef, "admin-ref", ""},
    Entry{Format::kResellerRef, "reseller-ref", ""},
    Entry{Format::kOwnerRef, "owner-ref", ""},
    Entry{Format::kAccountRef, "account-ref", ""},
    Entry{Format::kDomainRef, "domain-ref", ""},
    Entry{Format::kPlanRef, "plan-ref", ""},
    Entry{Format::kJobId, "job-id", "^job_[0-9A-HJKMNP-TV-Z]{26}$"},
    Entry{Format::kTokenId, "token-id", "^tok_[0-9A-HJKMNP-TV-Z]{26}$"},
    Entry{Format::kTokenName, "token-name", "^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?$"},
    Entry{Format::kAddressRange, "address-range", ""},
    Entry{Format::kRequestId, "request-id", "^[A-Za-z0-9._-]{1,64}$"},
    Entry{Format::kOperation, "operation", "^[a-z_]+\\.[a-z_]+$"},
    Entry{Format::kCursor, "cursor", ""},
    Entry{Format::kTimestamp, "date-time", ""},
};

const Entry& entryOf(Format format) {
  const auto* found = std::find_if(kEntries.begin(), kEntries.end(),
                                   [format](const Entry& e) { return e.format == format; });
  return found == kEntries.end() ? kEntries.front() : *found;
}

Error refuse(std::string message) { return Error{Code::kInvalidArgument, std::move(message), ""}; }

bool isIdOf(std::string_view prefix, std::string_view text) {
  return text.substr(0, kIdPrefixLength) == prefix &&
         isUlid(text.substr(std::min(kIdPrefixLength, text.size())));
}

bool isLowerOrUnderscore(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool isAsciiAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

template <typename Type>
Result<Ok> checkBy(std::string_view text) {
  auto parsed = Type::parse(text);
  if (!parsed.ok()) return parsed.error();
  return Ok{};
}

bool isRequestId(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return isAsciiAlnum(c) || c == '.' || c == '_' || c == '-'; });
}

// Safe in logs and on a terminal, and no two look alike.
bool isTokenName(std::string_view text) {
  return !text.empty() && text.size() <= kTokenNameMax && isAsciiAlnum(text.front()) &&
         isAsciiAlnum(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return isAsciiAlnum(c) || c == ' ' || c == '.' || c == '_' || c == '-';
         });
}

bool isOperation(std::string_view text) {
  const std::size_t dot = text.find('.');
  return text.size() <= kOperationMax && dot != std::string_view::npos && dot > 0 &&
         dot + 1 < text.size() &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(dot),
                     isLowerOrUnderscore) &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(),
                     isLowerOrUnderscore);
}

bool isCursor(std::string_view text) {
  return text.size() <= kCursorMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string_view formatName(Format format) { return entryOf(format).name; }
std::string_view formatPattern(Format format) { return entryOf(format).pattern; }

bool isUlid(std::string_view text) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return text.size() == kUlidLength && text.front() <= '7' &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

Result<Ok> checkFormat(Format format, std::string_view text) {
  switch (format) {
    case Format::kNone:
    case Format::kTimestamp:
      return Ok{};
    case Format::kUsername:
      return checkBy<Username>(text);
    case Format::kDomain:
      return checkBy<DomainName>(text);
    case Format::kAdminName:
      return checkBy<PersonName>(text);
    case Format::kPlanName:
      return checkBy<PlanName>(text);
    case Format::kEmail:
      return checkBy<EmailAddress>(text);
    case Format::kLocale:
      return checkBy<LocaleCode>(text);
    case Format::kUnixUser:
      return checkBy<UnixUser>(text);
    case Format::kPhp:
      return checkBy<PhpIdentifier>(text);
    case Format::kDatabaseUser:
      return checkBy<DatabaseUserName>(text);
    case Format::kAccountRef:
      return isIdOf("acc_", text) ? Result<Ok>(Ok{}) : checkBy<Username>(text);
    case Format::kDomainRef:
      return isIdOf("dom_", text) ? Result<Ok>(Ok{}) : checkBy<DomainName>(text);
    case Format::kPlanRef:
      return isIdOf("pln_", text) ? Result<Ok>(Ok{}) : checkBy<PlanName>(text);
    case Format::kAdminRef:
      return isIdOf("adm_", text) ? Result<Ok>(Ok{}) : checkBy<PersonName>(text);
    case Format::kOwnerRef:
      return isIdOf("adm_", text) || isIdOf("rsl_", text) ? Result<Ok>(Ok{})
                                                          : checkBy<PersonName>(text);
    case Format::kResellerRef:
      return isIdOf("rsl_", text) ? Result<Ok>(Ok{}) : checkBy<PersonName>(text);
    case Format::kJobId:
      return isIdOf("job_", text) ? Result<Ok>(Ok{})
                                  : refuse("a job id is \"job_\" and 26 letters and digits");
    case Format::kTokenId:
      return isIdOf("tok_", text) ? Result<Ok>(Ok{})
                                  : refuse("a token id is \"tok_\" and 26 letters and digits");
    case Format::kTokenName:
      return isTokenName(text) ? Result<Ok>(Ok{})
                               : refuse(
                                     "a token's name has 1 to 64 letters, digits, ' ', '.', '_' "
                                     "or '-', a letter or digit at both ends");
    case Format::kAddressRange:
      return checkBy<AddressRange>(text);
    case Format::kRequestId:
      return isRequestId(text)
                 ? Result<Ok>(Ok{})
                 : refuse("a request id has 1 to 64 letters, digits, '.', '_' or '-'");
    case Format::kOperation:
      return isOperation(text) ? Result<Ok>(Ok{}) : refuse("an operation is written noun.verb");
    case Format::kCursor:
      return isCursor(text) ? Result<Ok>(Ok{}) : refuse("not a cursor of this server");
  }
  return refuse("unknown format");
}

}  // namespace bulkhead::api
