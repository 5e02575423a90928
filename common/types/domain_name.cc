#include "common/types/domain_name.h"

#include <libpsl.h>

#include <algorithm>
#include <memory>

#include <idn2.h>

namespace bulkhead {
namespace {

constexpr std::size_t kInputMaxBytes = 1024;  // a name of 253 letters is at most that long in UTF-8

struct FreeIdn {
  void operator()(char* text) const { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, FreeIdn>;

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

Error refuse(const std::string& why) {
  return Error{Code::kInvalidArgument, "domain: " + why, "domain"};
}

// Every ASCII byte must be a letter, digit, hyphen or dot before libidn2 sees the text: it would
// delete others and so give the caller another name than the one that was typed.
Result<std::string> lowerAscii(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (isAscii(c) && !isLower(c) && !isDigit(c) && c != '-' && c != '.')
      return refuse("only letters, digits, '-' and '.' are allowed");
    lower += c;
  }
  return lower;
}

Result<Ok> checkLabel(std::string_view label) {
  if (label.empty()) return refuse("a label is empty");
  if (label.size() > DomainName::kMaxLabelLength)
    return refuse("a label is longer than 63 characters");
  if (label.front() == '-' || label.back() == '-') return refuse("a label begins or ends with '-'");
  for (char c : label)
    if (!isLower(c) && !isDigit(c) && c != '-')
      return refuse("only letters, digits, '-' and '.' are allowed");
  if (label.size() >= 4 && label.substr(2, 2) == "--" && !label.starts_with("xn--"))
    return refuse("'--' in third place is reserved");
  return Ok{};
}

// A resolver takes a name whose last label is a number, in any base, for an IPv4 address.
bool looksLikeAddress(std::string_view last) {
  if (std::all_of(last.begin(), last.end(), isDigit)) return true;
  if (!last.starts_with("0x")) return false;
  return std::all_of(last.begin() + 2, last.end(),
                     [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); });
}

Result<Ok> checkLabels(std::string_view name) {
  std::size_t labels = 0;
  std::string_view rest = name;
  while (true) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    TRY(checkLabel(label));
    ++labels;
    if (dot == std::string_view::npos) {
      if (labels < 2) return refuse("needs at least two labels");
      if (looksLikeAddress(label)) return refuse("looks like an IP address");
      return Ok{};
    }
    rest.remove_prefix(dot + 1);
  }
}

// Strict IDNA2008: no mapping (IDN2_NO_TR46), because mapping silently drops invisible characters
// and turns look-alikes into ASCII. A-labels are decoded and encoded again; one that does not
// survive is refused.
Result<std::string> toALabels(const std::string& name) {
  char* raw = nullptr;
  const int flags = IDN2_NFC_INPUT | IDN2_NO_TR46;
  const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(name.c_str()),
                                    reinterpret_cast<std::uint8_t**>(&raw), flags);
  const IdnText converted(raw);
  if (status != IDN2_OK) return refuse("not a valid international name (it must be in lower case)");
  return std::string(converted.get());
}

bool isPublicSuffix(const std::string& name) {
  return psl_is_public_suffix2(psl_builtin(), name.c_str(), PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) !=
         0;
}

}  // namespace

Result<DomainName> DomainName::parse(std::string_view text) {
  if (text.empty()) return refuse("must not be empty");
  if (text.size() > kInputMaxBytes) return refuse("too long");
  TRY_ASSIGN(auto name, lowerAscii(text));
  if (name.back() == '.') name.pop_back();  // the absolute form of the same name
  const bool international =
      name.find("xn--") != std::string::npos || !std::all_of(name.begin(), name.end(), isAscii);
  if (international) {
    TRY_ASSIGN(name, toALabels(name));
  }
  TRY(checkLabels(name));
  if (name.size() > kMaxLength) return refuse("longer than 253 characters");
  if (isPublicSuffix(name)) return refuse("is a public suffix, not a domain");
  return DomainName(std::move(name));
}

Result<DomainName> DomainName::parseForSearch(std::string_view text) {
  auto exact = parse(text);
  if (exact.ok() || std::all_of(text.begin(), text.end(), isAscii)) return exact;
  if (text.size() > kInputMaxBytes) return exact;
  TRY_ASSIGN(const std::string lower, lowerAscii(text));
  char* raw = nullptr;
  const int status =
      idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(lower.c_str()),
                     reinterpret_cast<std::uint8_t**>(&raw), IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const IdnText converted(raw);
  if (status != IDN2_OK) return exact;
  return parse(converted.get());
}

std::string DomainName::unicode() const {
  char* raw = nullptr;
  const int status = idn2_to_unicode_8z8z(text_.c_str(), &raw, 0);
  const IdnText converted(raw);
  return status == IDN2_OK ? std::string(converted.get()) : text_;
}

bool DomainName::isBelow(const DomainName& other) const {
  return text_.size() > other.text_.size() + 1 && text_.ends_with(other.text_) &&
         text_[text_.size() - other.text_.size() - 1] == '.';
}

}  // namespace bulkhead
