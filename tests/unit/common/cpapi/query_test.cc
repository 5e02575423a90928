#include "common/cpapi/query.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::cpapi {
namespace {

using Words = std::vector<std::string_view>;

std::variant<Query, Fault> parse(Script script, const Words& words) {
  return parseQuery(script, words);
}
void expectBad(Script script, const Words& words) {
  const auto parsed = parse(script, words);
  std::string call(scriptName(script));
  for (const auto word : words)
    call += " [" + std::string(word.substr(0, 60)) + "]";
  ASSERT_TRUE(std::holds_alternative<Fault>(parsed)) << call;
  EXPECT_EQ(std::get<Fault>(parsed).outcome, Outcome::kBadRequest) << call;
  EXPECT_FALSE(std::get<Fault>(parsed).why.empty()) << call;
}
Query expectGood(Script script, const Words& words) {
  const auto parsed = parse(script, words);
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    ADD_FAILURE() << scriptName(script) << ": " << fault->why << " " << fault->what;
    return {};
  }
  return std::get<Query>(parsed);
}

// The forms of options.
TEST(CpapiGrammar, TakesEveryFormOfAnOption) {
  for (const Words& words :
       {Words{"--owner=root"}, Words{"--owner", "root"}, Words{"-o", "root"}, Words{"-oroot"}})
    EXPECT_EQ(expectGood(Script::kUsers, words).owner, "root");
}
TEST(CpapiGrammar, TakesValuesAsTheyAre) {
  EXPECT_EQ(expectGood(Script::kUsers, {"--owner", "-x"}).owner, "-x");
  EXPECT_EQ(expectGood(Script::kUsers, {"--owner=a=b"}).owner, "a=b");
  EXPECT_EQ(expectGood(Script::kUsers, {"--owner", "two words"}).owner, "two words");
  const auto package =
      expectGood(Script::kUsers, {"--package-name=Gói Pro & <x> \"q\"", "--package-owner=admin2"});
  EXPECT_EQ(package.packageName, "Gói Pro & <x> \"q\"");
  EXPECT_EQ(package.packageOwner, "admin2");
}
TEST(CpapiGrammar, DoesNotCareAboutTheOrder) {
  const auto query = expectGood(Script::kUsers,
                                {"--fields=id", "--package-owner=root", "--package-name", "Basic"});
  EXPECT_EQ(query.packageName, "Basic");
  EXPECT_TRUE(query.fields.has(UserField::kId));
  EXPECT_FALSE(query.fields.has(UserField::kOwner));
}
TEST(CpapiGrammar, TakesEachScriptWithoutArguments) {
  for (const Script script : kScripts)
    EXPECT_EQ(expectGood(script, {}).script, script);
}
TEST(CpapiGrammar, RefusesArgumentsOfScriptsThatTakeNone) {
  for (const Script script : {Script::kPanelInfo, Script::kDbInfo, Script::kPhp})
    for (const auto word : {"extra", "--owner=alice", "--name=x", "-n", "--", "-", ""})
      expectBad(script, {word});
}
TEST(CpapiGrammar, RefusesWhatIsNoOption) {
  for (const Script script : kScripts)
    for (const auto word : {"positional", "--help", "-h", "--version", "--", "-", "", "--nosuch",
                            "--nosuch=1", "-x", "-xy", "---owner=root", "--=root", "--filter=id"})
      expectBad(script, {word});
}
TEST(CpapiGrammar, RefusesAbbreviations) {
  expectBad(Script::kUsers, {"--own=root"});
  expectBad(Script::kUsers, {"--user=alice"});
  expectBad(Script::kUsers, {"--unix=1001"});
  expectBad(Script::kUsers, {"--package-n=a", "--package-owner=b"});
  expectBad(Script::kDomains, {"--with"});
  expectBad(Script::kAdmins, {"--is=true"});
}
TEST(CpapiGrammar, RefusesOptionsOfOtherScripts) {
  expectBad(Script::kPackages, {"--name=Basic"});
  expectBad(Script::kPackages, {"-n", "Basic"});
  expectBad(Script::kPackages, {"--fields=name"});
  expectBad(Script::kUsers, {"--name=alice"});
  expectBad(Script::kUsers, {"--id=1001"});
  expectBad(Script::kUsers, {"--with-php"});
  expectBad(Script::kDomains, {"--username=alice"});
  expectBad(Script::kDomains, {"--fields=owner"});
  expectBad(Script::kResellers, {"--owner=root"});
  expectBad(Script::kResellers, {"-m", "true"});
  expectBad(Script::kAdmins, {"--id=1"});
}
TEST(CpapiGrammar, RefusesMissingAndEmptyValues) {
  for (const Words& words :
       {Words{"--owner"}, Words{"--owner="}, Words{"--owner", ""}, Words{"-o"}, Words{"-o", ""},
        Words{"--fields"}, Words{"--fields="}, Words{"--unix-id="}, Words{"--unix-id"}})
    expectBad(Script::kUsers, words);
  expectBad(Script::kAdmins, {"--is-main"});
  expectBad(Script::kAdmins, {"--is-main="});
  expectBad(Script::kDomains, {"-n"});
}
TEST(CpapiGrammar, RefusesAnOptionThatComesTwice) {
  expectBad(Script::kUsers, {"--owner=root", "--owner=root"});
  expectBad(Script::kUsers, {"--owner=root", "-oroot"});
  expectBad(Script::kUsers, {"--fields=id", "--fields=email"});
  expectBad(Script::kDomains, {"--with-php", "--with-php"});
  expectBad(Script::kResellers, {"--id=1", "--id=1"});
  expectBad(Script::kAdmins, {"-mtrue", "--is-main=true"});
}
TEST(CpapiGrammar, RefusesTwoFilters) {
  expectBad(Script::kUsers, {"--username=alice", "--unix-id=1001"});
  expectBad(Script::kUsers, {"--owner=root", "--username=alice"});
  expectBad(Script::kUsers, {"--owner=root", "--package-name=a", "--package-owner=root"});
  expectBad(Script::kDomains, {"--owner=alice", "--name=alice.example"});
  expectBad(Script::kResellers, {"--id=1", "--name=rita"});
  expectBad(Script::kAdmins, {"--name=root", "--is-main=true"});
}
TEST(CpapiGrammar, RefusesHalfAPackage) {
  expectBad(Script::kUsers, {"--package-name=Basic"});
  expectBad(Script::kUsers, {"--package-owner=root"});
  expectBad(Script::kUsers, {"--package-name=Basic", "--package-owner="});
  expectBad(Script::kUsers, {"--package-name=Basic", "--username=alice"});
}

// Values with a form.
TEST(CpapiGrammar, TakesEveryIdThatThirtyTwoBitsHold) {
  EXPECT_EQ(expectGood(Script::kUsers, {"--unix-id=1003"}).unixId, 1003U);
  EXPECT_EQ(expectGood(Script::kUsers, {"--unix-id", "0"}).unixId, 0U);
  EXPECT_EQ(expectGood(Script::kResellers, {"--id=4294967295"}).id, 4294967295U);
}
TEST(CpapiGrammar, RefusesWhatIsNoId) {
  for (const auto value : {"abc", "-1", "+1", "1e3", "99999999999999", "99999999999999999999999999",
                           "4294967296", "0x3e9", " 1001", "1001 ", "1001.0", "1,001", "١٠٠١"}) {
    expectBad(Script::kUsers, {"--unix-id", value});
    expectBad(Script::kResellers, {"--id", value});
  }
}
TEST(CpapiGrammar, TakesTrueAndFalseInAnyCase) {
  for (const Words& words :
       {Words{"--is-main=true"}, Words{"-m", "true"}, Words{"--is-main", "TRUE"}, Words{"-mTrue"}})
    EXPECT_EQ(expectGood(Script::kAdmins, words).isMain, true);
  EXPECT_EQ(expectGood(Script::kAdmins, {"--is-main=False"}).isMain, false);
  for (const auto value : {"maybe", "1", "0", "yes", "no", "t", " true", "truee"})
    expectBad(Script::kAdmins, {"--is-main", value});
}
TEST(CpapiGrammar, TakesFieldsInAnyOrderAndTwice) {
  UserFields wanted = UserFields::none();
  wanted.add(UserField::kId);
  wanted.add(UserField::kEmail);
  for (const auto value : {"id,email", "email,id", "email,id,email", " id , email "})
    EXPECT_EQ(expectGood(Script::kUsers, {"--fields", value}).fields, wanted) << value;
  EXPECT_EQ(
      expectGood(Script::kUsers, {"--fields=id,username,owner,domain,package,email,locale_code"})
          .fields,
      UserFields::all());
}
TEST(CpapiGrammar, RefusesFieldsThatUsersHaveNot) {
  for (const auto value : {"user", "package.name", "id,", ",id", "id,,email", ",", "ID", "id;email",
                           "id email", "uid", "id,nosuch", "*"})
    expectBad(Script::kUsers, {"--fields", value});
}
TEST(CpapiGrammar, TakesWithPhpAsAFlagOnly) {
  EXPECT_TRUE(expectGood(Script::kDomains, {"--with-php"}).withPhp);
  EXPECT_TRUE(expectGood(Script::kDomains, {"--with-php", "--owner=alice"}).withPhp);
  EXPECT_EQ(expectGood(Script::kDomains, {"-n", "a.example", "--with-php"}).name, "a.example");
  expectBad(Script::kDomains, {"--with-php=1"});
  expectBad(Script::kDomains, {"--with-php="});
  expectBad(Script::kDomains, {"--with-php", "true"});
}

// Bounds.
TEST(CpapiGrammar, RefusesArgumentsThatAreTooMany) {
  expectBad(Script::kUsers, Words(kArgumentCountMax + 1, "--owner=root"));
  expectBad(Script::kUsers, Words(100'000, "x"));
}
TEST(CpapiGrammar, RefusesArgumentsThatAreTooLong) {
  const std::string fits = "--owner=" + std::string(kArgumentBytesMax - 8, 'x');
  expectGood(Script::kUsers, {fits});
  expectBad(Script::kUsers, {fits + "x"});
  const std::string huge = "--owner=" + std::string(10U << 20U, 'x');
  expectBad(Script::kUsers, {huge});
}
TEST(CpapiGrammar, RefusesWhatIsNotUtf8) {
  expectBad(Script::kUsers, {"--owner=\xff"});
  expectBad(Script::kDomains, {"--name",
                               "b\xfc"
                               "cher.example"});
}
TEST(CpapiScripts, HaveTheirNamesAndNoOthers) {
  for (const Script script : kScripts)
    EXPECT_EQ(scriptFromName(scriptName(script)), script);
  for (const auto name : {"", "nosuchscript", "Users", "users ", "cpapi", "ui_user_info"})
    EXPECT_FALSE(scriptFromName(name).has_value()) << name;
}
TEST(CpapiScripts, AreForAdministratorsButTwo) {
  for (const Script script : kScripts)
    EXPECT_EQ(isForEverybody(script), script == Script::kPanelInfo || script == Script::kDomains);
}

}  // namespace
}  // namespace bulkhead::cpapi
