// DomainName: a host name in its one canonical form, so that two spellings of a name can never
// belong to two accounts.
#pragma once
#include <compare>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

class DomainName {
 public:
  static constexpr std::size_t kMaxLength = 253;      // RFC 1035 2.3.4, without the trailing dot
  static constexpr std::size_t kMaxLabelLength = 63;  // RFC 1035 2.3.4
  // Accepts ASCII or UTF-8 (IDNA2008, non-transitional); stores lower-case A-labels without a
  // trailing dot. Refuses: fewer than two labels, empty labels, letters outside LDH before
  // conversion (libidn2 would delete them silently), wildcards, IP addresses, all-numeric top
  // label, labels with "--" in third place that are not valid A-labels, a bare public suffix.
  static Result<DomainName> parse(std::string_view text);

  // For looking up a name that somebody typed, never for keeping one: forgives upper case outside
  // ASCII as well, as browsers do.
  static Result<DomainName> parseForSearch(std::string_view text);

  const std::string& text() const { return text_; }  // A-labels: "xn--bcher-kva.example"
  std::string unicode() const;                       // for people: "bücher.example"
  // True when this name lies below `other`: a.b.c is below b.c and c. A name is not below itself.
  bool isBelow(const DomainName& other) const;
  auto operator<=>(const DomainName&) const = default;

 private:
  explicit DomainName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bulkhead
