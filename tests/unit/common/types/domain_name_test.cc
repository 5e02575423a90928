#include "common/types/domain_name.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/poison.h"

namespace bulkhead {
namespace {

std::string parsed(std::string_view text) {
  const auto name = DomainName::parse(text);
  return name.ok() ? name->text() : "refused: " + name.error().message;
}
bool refuses(std::string_view text) {
  const auto name = DomainName::parse(text);
  return !name.ok() && name.error().code == Code::kInvalidArgument &&
         name.error().field == "domain";
}
std::string repeat(std::size_t count, char c) { return std::string(count, c); }

TEST(DomainName, TakesOrdinaryNames) {
  for (const char* name : {"example.com", "a.example", "site.test", "www.site.test", "a.co.uk",
                           "xn--bcher-kva.example", "1.example", "3com.example", "a-b.example",
                           "a--b.example", "0.0.0.0.example", "x.invalid", "m.localhost"})
    EXPECT_EQ(parsed(name), name);
}

TEST(DomainName, HasOneFormForEverySpelling) {
  EXPECT_EQ(parsed("SITE.Test"), "site.test");
  EXPECT_EQ(parsed("site.test."), "site.test");
  EXPECT_EQ(parsed("b\xc3\xbc"
                   "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(parsed("B\xc3\xbc"
                   "CHER.EXAMPLE."),
            "xn--bcher-kva.example");
  EXPECT_EQ(parsed("bu\xcc\x88"
                   "cher.example"),
            "xn--bcher-kva.example")
      << "u with a combining diaeresis";
  EXPECT_EQ(parsed("XN--BCHER-KVA.example"), "xn--bcher-kva.example");
  EXPECT_EQ(parsed("stra\xc3\x9f"
                   "e.example"),
            "xn--strae-oqa.example")
      << "not strasse: that is another name";
  EXPECT_EQ(parsed("\xe4\xbe\x8b\xe3\x81\x88.example"), "xn--r8jz45g.example");
}

TEST(DomainName, RefusesThePoisonOfAllTypes) {
  for (const auto& text : testing::poison())
    EXPECT_TRUE(refuses(text)) << testing::shown(text) << " -> " << parsed(text);
}

TEST(DomainName, RefusesWhatIsNoHostName) {
  for (const char* text :
       {"localhost", "com", "a", "a.", ".", "..", "a.test..", ".a.test", "a..b.test", "a-.test",
        "a.-b.test", "a.b-.test", "a_b.test", "_dmarc.a.test", "ab--cd.test", "*.test",
        "user@a.test", "a.test:80", "http://a.test"})
    EXPECT_TRUE(refuses(text)) << text << " -> " << parsed(text);
}

TEST(DomainName, RefusesAddresses) {
  for (const char* text : {"127.0.0.1", "1.2.3.4.", "1.2", "0x7f.0x1", "a.0x7f", "a.0x", "a.123",
                           "[::1]", "::1", "fe80::1", "2130706433", "0177.0.0.1"})
    EXPECT_TRUE(refuses(text)) << text << " -> " << parsed(text);
}

TEST(DomainName, RefusesALabelsThatAreNone) {
  for (const char* text : {"xn--a.test",               // decodes to nothing allowed
                           "xn--.test", "xn---.test",  // empty
                           "xn--99999999.test",        // overflows
                           "xn--abc-.test",            // only ASCII inside: that is the name "abc"
                           "xn--BCHER-kva8445foa.xn--a.test", "a.xn--zz-.test", "xn--0.test"})
    EXPECT_TRUE(refuses(text)) << text << " -> " << parsed(text);
}

TEST(DomainName, RefusesBarePublicSuffixes) {
  for (const char* text : {"co.uk", "CO.UK.", "com.au", "github.io", "xn--55qx5d.cn",
                           "\xe5\x85\xac\xe5\x8f\xb8.cn", "gov.uk"})
    EXPECT_TRUE(refuses(text)) << text << " -> " << parsed(text);
  EXPECT_EQ(parsed("a.xn--55qx5d.cn"), "a.xn--55qx5d.cn");
}

TEST(DomainName, CountsLengthsAsDnsDoes) {
  EXPECT_EQ(parsed(repeat(63, 'a') + ".test"), repeat(63, 'a') + ".test");
  EXPECT_TRUE(refuses(repeat(64, 'a') + ".test"));
  std::string longest;
  for (int i = 0; i < 3; ++i)
    longest += repeat(63, 'a') + ".";
  longest += repeat(56, 'b') + ".test";
  ASSERT_EQ(longest.size(), DomainName::kMaxLength);
  EXPECT_EQ(parsed(longest), longest);
  EXPECT_EQ(parsed(longest + "."), longest) << "the dot at the end does not count";
  EXPECT_TRUE(refuses("b" + longest));
  std::string international;
  for (int i = 0; i < 60; ++i)
    international += "\xc3\xbc";
  EXPECT_TRUE(refuses(international + international + ".test")) << "counts as A-label";
}

TEST(DomainName, ShowsInternationalNamesToPeople) {
  EXPECT_EQ(DomainName::parse("xn--bcher-kva.example")->unicode(),
            "b\xc3\xbc"
            "cher.example");
  EXPECT_EQ(DomainName::parse("site.test")->unicode(), "site.test");
}

TEST(DomainName, KnowsWhatLiesBelowWhat) {
  const auto name = [](const char* text) { return DomainName::parse(text).value(); };
  EXPECT_TRUE(name("a.b.test").isBelow(name("b.test")));
  EXPECT_TRUE(name("x.a.b.test").isBelow(name("b.test")));
  EXPECT_FALSE(name("b.test").isBelow(name("b.test")));
  EXPECT_FALSE(name("b.test").isBelow(name("a.b.test")));
  EXPECT_FALSE(name("ab.test").isBelow(name("b.test")));
  EXPECT_FALSE(name("xb.b.test").isBelow(name("xb.test")));
}

TEST(DomainName, ParsingItsOwnTextChangesNothing) {
  std::mt19937 random(20260101);  // NOLINT(cert-msc51-cpp): the same names in every run
  const std::vector<std::string> pieces = {
      "a",        "B",        "-",     "--",       "xn--",         "0",
      "9",        ".",        ".",     "\xc3\xbc", "\xc3\x9f",     "\xe4\xbe\x8b",
      "kva",      "test",     ".test", ".example", "\xe2\x80\x8d", "_",
      "\xd0\xb0", "\xd7\x90", "1",     "co",       ".uk"};
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const auto count = 1 + random() % 7;
    for (std::size_t i = 0; i < count; ++i)
      text += pieces[random() % pieces.size()];
    const auto name = DomainName::parse(text);
    if (!name.ok()) continue;
    ++accepted;
    const auto again = DomainName::parse(name->text());
    ASSERT_TRUE(again.ok()) << testing::shown(text) << " gave " << name->text() << ": "
                            << again.error().message;
    ASSERT_EQ(again->text(), name->text());
    const auto shown = DomainName::parse(name->unicode());
    ASSERT_TRUE(shown.ok()) << testing::shown(name->unicode());
    ASSERT_EQ(shown->text(), name->text());
  }
  EXPECT_GT(accepted, 1000) << "the property must be tried on real names";
}

}  // namespace
}  // namespace bulkhead
