#include "common/types/address_range.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace bulkhead {
namespace {

constexpr std::size_t kTextMax = 45;  // the longest spelling of an IPv6 address
constexpr unsigned kFourBits = 32;
constexpr unsigned kSixBits = 128;
constexpr std::size_t kFourBytes = 4;
constexpr std::size_t kMappedBytes = 12;  // ::ffff: before an IPv4 address

Error refuse(const char* why) {
  return {Code::kInvalidArgument, std::string("address: ") + why, "address"};
}

unsigned widthOf(IpAddress::Family family) {
  return family == IpAddress::Family::kFour ? kFourBits : kSixBits;
}

// True when both agree in their first `bits` bits.
bool agree(const IpAddress& a, const IpAddress& b, unsigned bits) {
  for (unsigned bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((a.bytes()[bit / 8] ^ b.bytes()[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

bool endsInZeros(const IpAddress& address, unsigned from) {
  for (unsigned bit = from; bit < widthOf(address.family()); ++bit)
    if ((address.bytes()[bit / 8] & (0x80U >> (bit % 8))) != 0) return false;
  return true;
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > kTextMax) return refuse("too long");
  const std::string copy(text);  // inet_pton() wants an end
  if (copy.find('\0') != std::string::npos) return refuse("not an IPv4 or IPv6 address");
  IpAddress address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) return address;
  in6_addr six{};
  if (::inet_pton(AF_INET6, copy.c_str(), &six) != 1) return refuse("not an IPv4 or IPv6 address");
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    std::copy_n(std::begin(six.s6_addr) + kMappedBytes, kFourBytes, address.bytes_.begin());
    return address;
  }
  address.family_ = Family::kSix;
  std::copy(std::begin(six.s6_addr), std::end(six.s6_addr), address.bytes_.begin());
  return address;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> printed{};
  const int family = family_ == Family::kFour ? AF_INET : AF_INET6;
  return ::inet_ntop(family, bytes_.data(), printed.data(), printed.size()) == nullptr
             ? ""
             : printed.data();
}

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  TRY_ASSIGN(const IpAddress first, IpAddress::parse(text.substr(0, slash)));
  const unsigned width = widthOf(first.family());
  unsigned bits = width;
  if (slash < text.size()) {
    const std::string_view tail = text.substr(slash + 1);
    const auto [stop, fault] = std::from_chars(tail.data(), tail.data() + tail.size(), bits);
    // "024" and "24 " are no second spelling.
    if (fault != std::errc() || bits > width || std::to_string(bits) != tail)
      return refuse("the prefix must be 0 to 32 of an IPv4 and 0 to 128 of an IPv6 address");
  }
  if (!endsInZeros(first, bits)) return refuse("bits behind the prefix must be zero");
  return AddressRange(first, bits);
}

bool AddressRange::contains(const IpAddress& address) const {
  return address.family() == first_.family() && agree(first_, address, prefixBits_);
}

std::string AddressRange::text() const { return first_.text() + "/" + std::to_string(prefixBits_); }

}  // namespace bulkhead
