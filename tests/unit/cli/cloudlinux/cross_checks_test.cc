// Each rule about several answers is shown a set of answers that breaks it, and only it may say so.
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "cli/cloudlinux/check.h"
#include "cli/cloudlinux/world.h"
#include "tests/unit/cli/cloudlinux/fake_panel.h"

namespace bulkhead::cli::cloudlinux {
namespace {

using Data = std::map<std::string, Json>;

struct Broken {
  const char* check;
  const char* finding;
  std::function<void(Data&, FakeHost&)> change;
};
std::ostream& operator<<(std::ostream& out, const Broken& broken) { return out << broken.check; }

World worldOf(const FakeHost& host, const Data& data) {
  World world(host, "/opt/fake/integration.ini");
  for (const auto& [name, value] : data)
    world.setData(name == "domains_with_php" ? "domains --with-php" : name, value);
  return world;
}

std::vector<Broken> peopleRules() {
  return {
      {"the login URL has no placeholder but {domain}", "{user}",
       [](Data& d, FakeHost&) { d["panel_info"]["user_login_url"] = "https://{domain}/{user}"; }},
      {"the panel's name is letters, digits, - and _", "My Panel",
       [](Data& d, FakeHost&) { d["panel_info"]["name"] = "My Panel"; }},
      {"exactly one administrator is the main one", "2 administrators",
       [](Data& d, FakeHost&) { d["admins"][1]["is_main"] = true; }},
      {"names of administrators are unique", "billing",
       [](Data& d, FakeHost&) { d["admins"].push_back(d["admins"][2]); }},
      {"names of resellers are unique", "rob",
       [](Data& d, FakeHost&) {
         d["resellers"].push_back(d["resellers"][1]);
         d["resellers"][3]["id"] = 1000000009;
       }},
      {"no reseller has an administrator's name", "billing",
       [](Data& d, FakeHost&) { d["resellers"][2]["name"] = "billing"; }},
      {"every user's owner is admin or reseller", "alice belongs to bob",
       [](Data& d, FakeHost&) { d["users"][0]["owner"] = "bob"; }},
      {"every package's owner is admin or reseller", "Empty belongs to ghost",
       [](Data& d, FakeHost&) { d["packages"][3]["owner"] = "ghost"; }},
      {"every user's package is in packages", "bob has a package",
       [](Data& d, FakeHost&) { d["users"][1]["package"]["owner"] = "admin2"; }},
      {"names of users are unique", "zoe",
       [](Data& d, FakeHost&) { d["users"].push_back(d["users"][5]); }},
      {"every user is a system account with that uid", "carol has uid 1003",
       [](Data& d, FakeHost&) { d["users"][2]["id"] = 1203; }},
      {"ids of resellers are unique", "1000000001",
       [](Data& d, FakeHost&) { d["resellers"][1]["id"] = 1000000001; }},
      {"ids of resellers are above every uid", "10001 is below UID_MAX 60000",
       [](Data& d, FakeHost&) { d["resellers"][1]["id"] = 10001; }},
      {"accounts of administrators exist", "no account ghost",
       [](Data& d, FakeHost&) { d["admins"][1]["unix_user"] = "ghost"; }},
      {"a database user is mapped once", "bob_u1",
       [](Data& d, FakeHost&) { d["db_info"]["mysql"]["mapping"]["carol"] = {"bob_u1"}; }},
      {"database users belong to users", "ghost is no user",
       [](Data& d, FakeHost&) { d["db_info"]["mysql"]["mapping"]["ghost"] = {"ghost_1"}; }},
      {"dbuser-map says what db_info says", "alice_shop of alice is in db_info and not",
       [](Data&, FakeHost& h) {
         h.files["/etc/container/dbuser-map"] = "alice_wp alice 1001\nbob_u1 bob 1002\n";
       }},
  };
}

std::vector<Broken> domainRules() {
  return {
      {"every owner of a domain is in users", "who is no user",
       [](Data& d, FakeHost&) {
         d["domains"]["shop.bob.example"]["owner"] = "ghost";
         d["domains_with_php"]["shop.bob.example"]["owner"] = "ghost";
       }},
      {"every owner of domains has exactly one main domain", "alice has domains and none",
       [](Data& d, FakeHost&) {
         d["domains"]["alice.example"]["is_main"] = false;
         d["domains_with_php"]["alice.example"]["is_main"] = false;
       }},
      {"every owner of domains has exactly one main domain", "bob has more than one",
       [](Data& d, FakeHost&) {
         d["domains"]["shop.bob.example"]["is_main"] = true;
         d["domains_with_php"]["shop.bob.example"]["is_main"] = true;
       }},
      {"users and domains agree about the main domain", "zoe: users says \"zoe.example\"",
       [](Data& d, FakeHost&) { d["users"][5]["domain"] = "zoe.example"; }},
      {"--with-php adds php and changes nothing else", "bob.example is missing",
       [](Data& d, FakeHost&) { d["domains_with_php"].erase("bob.example"); }},
      {"--with-php adds php and changes nothing else", "bob.example differs",
       [](Data& d, FakeHost&) { d["domains_with_php"]["bob.example"]["document_root"] = "/x"; }},
      {"identifiers of PHP are unique", "alt-php83",
       [](Data& d, FakeHost&) { d["php"].push_back(d["php"][1]); }},
      {"every php_version_id is listed by php", "runs on alt-php83",
       [](Data& d, FakeHost&) { d["php"].erase(1); }},
      {"versions of PHP agree with their identifiers", "alt-php83 is said to be 8.2",
       [](Data& d, FakeHost&) { d["php"][1]["version"] = "8.2"; }},
      {"versions of PHP agree with their identifiers", "alt-php83 is not version 74",
       [](Data& d, FakeHost&) { d["domains_with_php"]["bob.example"]["php"]["version"] = "74"; }},
  };
}

std::vector<Broken> allBroken() {
  auto all = peopleRules();
  for (auto& broken : domainRules())
    all.push_back(std::move(broken));
  return all;
}

class CrossCheck : public ::testing::TestWithParam<Broken> {};

TEST_P(CrossCheck, NoticesWhatDoesNotFit) {
  const auto& broken = GetParam();
  FakePanel panel;
  FakeHost host;
  broken.change(panel.data, host);
  const auto world = worldOf(host, panel.data);
  std::string said;
  for (const auto& check : crossChecks())
    if (check.name == broken.check)
      for (const auto& fault : check.rule(world))
        said += fault + "\n";
  EXPECT_NE(said.find(broken.finding), std::string::npos) << said;
}
INSTANTIATE_TEST_SUITE_P(All, CrossCheck, ::testing::ValuesIn(allBroken()));

TEST(CrossChecks, EveryRuleHasAWorldThatBreaksIt) {
  std::set<std::string_view> broken;
  for (const auto& entry : allBroken())
    broken.insert(entry.check);
  for (const auto& check : crossChecks())
    EXPECT_EQ(broken.count(check.name), 1U) << check.name;
}

TEST(CrossChecks, SayNothingAboutRowsThatAreNoRows) {
  FakeHost host;
  Data data;
  for (const auto* name : {"panel_info", "db_info", "packages", "users", "domains", "resellers",
                           "admins", "php", "domains_with_php"})
    data[name] = Json::array({7, "x", nullptr, Json::array(), Json::object()});
  const auto world = worldOf(host, data);
  for (const auto& check : crossChecks())
    EXPECT_NO_THROW((void)check.rule(world)) << check.name;
}

}  // namespace
}  // namespace bulkhead::cli::cloudlinux
