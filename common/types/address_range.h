// AddressRange: a range of IPv4 or IPv6 addresses in CIDR notation, and the address that is looked
// for in it.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

class IpAddress {
 public:
  enum class Family { kFour, kSix };
  // One address without port or zone. An IPv4-mapped IPv6 address is the IPv4 one: a client must
  // not be two.
  static Result<IpAddress> parse(std::string_view text);
  Family family() const { return family_; }
  // Of the network; an IPv4 address has the first four.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  std::string text() const;

 private:
  Family family_ = Family::kFour;
  std::array<std::uint8_t, 16> bytes_{};
};

class AddressRange {
 public:
  // "192.0.2.0/24", "2001:db8::/32", or one address. Refuses bits behind the prefix: whoever wrote
  // them may have meant another range.
  static Result<AddressRange> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
  std::string text() const;  // the one spelling: always with the prefix

 private:
  AddressRange(const IpAddress& first, unsigned prefixBits)
      : first_(first), prefixBits_(prefixBits) {}
  IpAddress first_;
  unsigned prefixBits_;
};

}  // namespace bulkhead
