// Contacts, plan names and names that belong to the host: what passes and what does not.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/types/contact.h"
#include "common/types/host_names.h"
#include "common/types/person_name.h"
#include "common/types/plan_name.h"

namespace bulkhead {
namespace {

using Texts = std::vector<std::string>;
template <typename Type>
std::string parsed(const std::string& text) {
  auto made = Type::parse(text);
  return made.ok() ? made->text() : "refused " + made.error().field;
}

TEST(EmailAddress, KeepsTheLocalPartAndMakesTheDomainCanonical) {
  EXPECT_EQ(parsed<EmailAddress>("Rita+x@R.Example"), "Rita+x@r.example");
  EXPECT_EQ(parsed<EmailAddress>("a.b_c-d@b\xc3\xbc"
                                 "cher.example"),
            "a.b_c-d@xn--bcher-kva.example");
}

TEST(EmailAddress, RefusesWhatIsNone) {
  for (const auto& text :
       Texts{"", "a", "@r.example", "a@", "a@localhost", "a b@r.example", "a\n@r.example",
             "a@r.example\n", "\"a\"@r.example", "a@@r.example", ".a@r.example", "a.@r.example",
             "a..b@r.example", "-a@r.example", "-oProxyCommand=a@r.example", "\xc3\xa4@r.example",
             std::string("a\0@r.example", 12), std::string(65, 'a') + "@r.example",
             "a@" + std::string(60, 'b') + "." + std::string(60, 'c') + "." + std::string(60, 'd') +
                 "." + std::string(60, 'e') + "." + std::string(20, 'f') + ".example"})
    EXPECT_EQ(parsed<EmailAddress>(text), "refused email") << text;
}

TEST(LocaleCode, IsALanguageWithOrWithoutARegion) {
  for (const auto& text : Texts{"en", "EN_us", "fil", "pt_BR"})
    EXPECT_EQ(parsed<LocaleCode>(text), text);
  for (const auto& text : Texts{"", "e", "engl", "en_", "en_u", "en_usa", "en-us", "e1", "en_u1",
                                "en_us_x", "_us", "en\n"})
    EXPECT_EQ(parsed<LocaleCode>(text), "refused locale") << text;
}

TEST(UnixUser, MayBeOneOfTheSystems) {
  for (const auto& text : Texts{"root", "opsadm", "_apt", "www-data", "a"})
    EXPECT_EQ(parsed<UnixUser>(text), text);
  for (const auto& text :
       Texts{"", "-a", "a-", "1a", "A", "a b", "a:b", "a\n", "a.b", std::string(33, 'a')})
    EXPECT_EQ(parsed<UnixUser>(text), "refused unix_user") << text;
}

TEST(PhpIdentifier, IsAVendorAndDigits) {
  for (const auto& text : Texts{"alt-php83", "ea-php74", "alt-php100"})
    EXPECT_EQ(parsed<PhpIdentifier>(text), text);
  for (const auto& text :
       Texts{"", "php83", "-php83", "a-php83", "alt-php8", "alt-php8333", "alt-php8.3", "Alt-php83",
             "alt-php-83", "remi8.4", "8.4", "alt-php83 ", "toolongname-php83"})
    EXPECT_EQ(parsed<PhpIdentifier>(text), "refused php") << text;
}

TEST(DatabaseUserName, FitsALineOfTheMap) {
  for (const auto& text : Texts{"alice_wp", "A1", "b"})
    EXPECT_EQ(parsed<DatabaseUserName>(text), text);
  for (const auto& text :
       Texts{"", "1a", "_a", "a b", "a-b", "a\tb", "a\n", "a'b", std::string(33, 'a')})
    EXPECT_EQ(parsed<DatabaseUserName>(text), "refused name") << text;
}

TEST(PlanName, IsVisibleTextInAnyLanguage) {
  for (const auto& text : Texts{"Basic", "G\xc3\xb3i Pro & <x> \"q\"", "\xf0\x9f\x9a\x80"})
    EXPECT_EQ(parsed<PlanName>(text), text);
  std::string longest;
  for (int i = 0; i < 64; ++i)
    longest += "\xc3\xb3";  // 64 characters, 128 bytes
  EXPECT_EQ(parsed<PlanName>(longest), longest);
  EXPECT_EQ(parsed<PlanName>(longest + "x"), "refused name");
}

TEST(PlanName, RefusesWhatHidesReordersOrIsNotUtf8) {
  for (const auto& text : Texts{"", " a", "a ", "a/b", "a\nb", "a\x7f", "pln_x",
                                "a\xe2\x80\xae"
                                "b",
                                "a\xe2\x80\x8b",
                                "\xef\xbb\xbf"
                                "a",
                                "\xff", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                "\xf4\x90\x80\x80", std::string("a\0b", 3)})
    EXPECT_EQ(parsed<PlanName>(text), "refused name") << text;
}

TEST(PersonName, IsALoginName) {
  for (const auto& text : Texts{"rita", "admin", "a.b-c_d9"})
    EXPECT_EQ(parsed<PersonName>(text), text);
  for (const auto& text : Texts{"", "ab", "Rita", "1ab", "a b", "a;id", "ab-", "ab.", "rsl_X",
                                "a/b", "al\nice", "\xc3\xbcnal", "-ab", std::string(33, 'a')})
    EXPECT_EQ(parsed<PersonName>(text), "refused username") << text;
}

}  // namespace
}  // namespace bulkhead
