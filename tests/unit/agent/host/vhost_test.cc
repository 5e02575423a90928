#include "agent/host/vhost.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

DomainName domain(const std::string& text) { return *DomainName::parse(text); }

std::string label(std::mt19937& random, std::size_t lengthMax) {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(1 + random() % lengthMax, 'x');
  for (auto& letter : text)
    letter = kLetters[random() % kLetters.size()];
  text.front() = 'a';
  return text;
}

DomainName randomDomain(std::mt19937& random) {
  std::string text = label(random, 63);
  for (auto more = random() % 3; more > 0; --more)
    text += "." + label(random, 60);
  return domain(text + ".example.test");
}

TEST(Vhost, ReadsBackAsTheModelForManyRandomModels) {
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp): the same models in each run
  for (int round = 0; round < 500; ++round) {
    Vhost vhost{randomDomain(random),
                {},
                SiteMode::kServe,
                static_cast<uid_t>(kUidFirst + random() % 40000)};
    for (auto more = random() % (round % 50 == 0 ? kAliasesMax + 1 : 4); more > 0; --more)
      vhost.aliases.push_back(randomDomain(random));
    if (random() % 3 == 0) vhost.mode = SiteMode::kSuspended;
    const auto back = parseVhost(renderVhost(vhost));
    ASSERT_TRUE(back.ok()) << back.error().message << "\n" << renderVhost(vhost);
    EXPECT_EQ(back.value(), vhost);
  }
}

TEST(Vhost, ServesThroughTheSocketOfItsAccountAndNamesTheSite) {
  const auto text =
      renderVhost({domain("a.test.example"), {domain("b.test.example")}, SiteMode::kServe, 20001});
  EXPECT_NE(text.find("proxy_pass http://unix:/run/bulkhead-sites/20001/web.sock:;"),
            std::string::npos);
  EXPECT_NE(text.find("proxy_set_header X-Bulkhead-Site a.test.example;"), std::string::npos);
  EXPECT_NE(text.find("access_log /var/log/nginx/domlogs/a.test.example.log;"), std::string::npos);
}

TEST(Vhost, NeverReachesTheAccountWhileSuspended) {
  const auto text = renderVhost({domain("a.test.example"), {}, SiteMode::kSuspended, 20001});
  EXPECT_EQ(text.find("proxy_pass"), std::string::npos);
}

TEST(Vhost, CannotBeMadeFromPoison) {
  const Identity who{"alice", 20000, 20000, "/home/alice", 1, 1};
  for (const auto& text : testing::poison()) {
    EXPECT_FALSE(Vhost::of({"alice", text, {}, SiteMode::kServe}, who).ok()) << text;
    EXPECT_FALSE(Vhost::of({"alice", "a.example.test", {text}, SiteMode::kServe}, who).ok())
        << text;
  }
  EXPECT_FALSE(Vhost::of({"bob", "a.example.test", {}, SiteMode::kServe}, who).ok());
}

TEST(Vhost, RefusesEveryTextThatItDoesNotWrite) {
  const auto good = renderVhost({domain("a.test.example"), {}, SiteMode::kServe, 20001});
  ASSERT_TRUE(parseVhost(good).ok());
  const auto replaced = [&](const std::string& from, const std::string& to) {
    auto text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const auto& text : {std::string(),
                           good + "server {}",
                           good + good,
                           replaced("listen 80;", "listen 80; root /;"),
                           replaced("location / {", "location /x { alias /etc/; } location / {"),
                           replaced("20001/web.sock", "20002/web.sock"),
                           replaced("Site a.test", "Site b.test"),
                           replaced("domlogs/a.test", "domlogs/../b.test"),
                           replaced("uid=20001", "uid=0"),
                           replaced("uid=20001", "uid=20001x"),
                           replaced("mode=serve", "mode=other"),
                           replaced("mode=serve", "mode=suspended"),
                           replaced("a.test.example;", "A.TEST.EXAMPLE;"),
                           replaced("a.test.example;", "*.test.example;"),
                           replaced("a.test.example;", "~.*;"),
                           replaced("a.test.example;", ";"),
                           replaced("    listen", "\tlisten"),
                           replaced("    listen", "#x\nlisten"),
                           replaced("http://unix", "$x"),
                           replaced("}", "")}) {
    EXPECT_FALSE(parseVhost(text).ok()) << text;
  }
}

TEST(Vhost, FitsAFileNameForTheLongestDomain) {
  const std::string l63(63, 'a');
  const auto longest = domain(l63 + "." + l63 + "." + l63 + "." + std::string(57, 'b') + ".io");
  ASSERT_EQ(longest.text().size(), 252U);
  EXPECT_LE(fileStem(longest).size(), 200U);
  EXPECT_NE(fileStem(longest).find('_'), std::string::npos);
  const auto other = domain(l63 + "." + l63 + "." + l63 + "." + std::string(57, 'c') + ".io");
  EXPECT_NE(fileStem(longest), fileStem(other));
  EXPECT_TRUE(parseVhost(renderVhost({longest, {}, SiteMode::kServe, 20001})).ok());
}

}  // namespace
}  // namespace bulkhead::agent
