// Ranges of addresses: what they hold, and every spelling that is none.
#include "common/types/address_range.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

bool holds(const char* range, const char* address) {
  const auto parsed = AddressRange::parse(range);
  const auto looked = IpAddress::parse(address);
  EXPECT_TRUE(parsed.ok() && looked.ok()) << range << " " << address;
  return parsed.ok() && looked.ok() && parsed->contains(*looked);
}

TEST(AddressRange, HoldsWhatAgreesInThePrefix) {
  EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.129"));
  EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(holds("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(holds("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("::1", "::1"));
}
TEST(AddressRange, KeepsTheFamiliesApart) {
  EXPECT_FALSE(holds("::/0", "192.0.2.1"));
  EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
}
TEST(AddressRange, TakesAMappedAddressForTheOneInside) {
  EXPECT_TRUE(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
  EXPECT_EQ(AddressRange::parse("::ffff:192.0.2.9")->text(), "192.0.2.9/32");
}
TEST(AddressRange, HasOneSpelling) {
  EXPECT_EQ(AddressRange::parse("192.0.2.7")->text(), "192.0.2.7/32");
  EXPECT_EQ(AddressRange::parse("2001:DB8:0:0::/32")->text(), "2001:db8::/32");
  for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::1/128"})
    EXPECT_EQ(AddressRange::parse(text)->text(), text);
}
TEST(AddressRange, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "/",
                           "192.0.2",
                           "192.0.2.0/",
                           "192.0.2.0/33",
                           "192.0.2.0/-1",
                           "192.0.2.0/+8",
                           "192.0.2.0/024",
                           "192.0.2.0/24 ",
                           " 192.0.2.0/24",
                           "192.0.2.0/24/24",
                           "2001:db8::/129",
                           "2001:db8::/x",
                           "fe80::1%eth0",
                           "[::1]",
                           "host.example",
                           "192.0.2.256",
                           "0x7f.1",
                           "local",
                           "192.0.2.0/99999999999",
                           "1:2:3:4:5:6:7:8:9",
                           "::ffff:192.0.2.0/120"})
    EXPECT_EQ(AddressRange::parse(text).error().code, Code::kInvalidArgument) << text;
  EXPECT_FALSE(AddressRange::parse(std::string_view("192.0.2.1\0", 10)).ok());
}
TEST(AddressRange, RefusesBitsBehindThePrefix) {
  EXPECT_FALSE(AddressRange::parse("192.0.2.1/24").ok());
  EXPECT_FALSE(AddressRange::parse("2001:db8::1/64").ok());
}

}  // namespace
}  // namespace bulkhead
