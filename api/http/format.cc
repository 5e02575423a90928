// The named formats and the types behind them.
#include "api/http/format.h"

#include <algorithm>
#include <array>

#include "api/auth/admin_name.h"
#include "common/types/domain_name.h"
#include "common/types/username.h"

namespace bulkhead::api {
namespace {

constexpr std::size_t kUlidLength = 26;
constexpr std::size_t kIdPrefixLength = 4;
constexpr std::size_t kPlanNameMax = 64;
constexpr std::size_t kRequestIdMax = 64;
constexpr std::size_t kCursorMax = 512;
constexpr std::size_t kOperationMax = 64;

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
    Entry{Format::kAccountRef, "account-ref", ""},
    Entry{Format::kDomainRef, "domain-ref", ""},
    Entry{Format::kPlanRef, "plan-ref", ""},
    Entry{Format::kJobId, "job-id", "^job_[0-9A-HJKMNP-TV-Z]{26}$"},
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

// Code points that show nothing or reorder what follows: a plan must not be able to look like
// another one.
bool isInvisible(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff0 && c <= 0xffff) || c >= 0xe0000;
}

// Decodes one code point of valid UTF-8 (the JSON parser and the target decoder refuse the rest).
char32_t nextCodePoint(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t value = length == 1 ? lead : lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length && at + i < text.size(); ++i)
    value = (value << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3fU);
  at += length;
  return value;
}

Result<Ok> checkPlanName(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const char32_t c = nextCodePoint(text, at);
    if (isInvisible(c) || c == '/')
      return refuse("a plan name has visible characters only, without '/'");
  }
  if (count == 0 || count > kPlanNameMax) return refuse("a plan name has 1 to 64 characters");
  if (text.front() == ' ' || text.back() == ' ')
    return refuse("a plan name does not begin or end with a space");
  if (text.substr(0, kIdPrefixLength) == "pln_")
    return refuse("a plan name does not begin with \"pln_\"");
  return Ok{};
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
      return checkBy<AdminName>(text);
    case Format::kPlanName:
      return checkPlanName(text);
    case Format::kAccountRef:
      return isIdOf("acc_", text) ? Result<Ok>(Ok{}) : checkBy<Username>(text);
    case Format::kDomainRef:
      return isIdOf("dom_", text) ? Result<Ok>(Ok{}) : checkBy<DomainName>(text);
    case Format::kPlanRef:
      return isIdOf("pln_", text) ? Result<Ok>(Ok{}) : checkPlanName(text);
    case Format::kJobId:
      return isIdOf("job_", text) ? Result<Ok>(Ok{})
                                  : refuse("a job id is \"job_\" and 26 letters and digits");
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
