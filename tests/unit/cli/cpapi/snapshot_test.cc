#include "cli/cpapi/snapshot.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "cli/cpapi/elevate.h"
#include "common/cpapi/domain_line.h"

namespace bulkhead::cpapi {
namespace {

std::string snapshotOf(const std::vector<DomainEntry>& entries) {
  std::string text(kDomainsBegin);
  text += "\n";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) text += ",\n";
    putSnapshotLine(text, entries[i]);
  }
  if (!entries.empty()) text += "\n";
  text += kDomainsEnd;
  return text;
}
const std::vector<DomainEntry> kThree{{"alice.example", "alice", "/home/alice/public_html", true},
                                      {"blog.alice.example", "alice", "/home/alice/blog", false},
                                      {"zoe.example", "zoe", "/home/zoe/with \"quotes\"", true}};

// What is left of it; nullopt when it is refused.
std::optional<std::string> filtered(const std::string& text, const Query& query) {
  Document document;
  EXPECT_TRUE(document.reserve(text.size()));
  std::memcpy(document.end(), text.data(), text.size());
  document.grew(text.size());
  if (filterSnapshot(query, document) != Filtered::kSome) return std::nullopt;
  return std::string(document.view());
}
Query named(std::string_view name) {
  Query query;
  query.name = name;
  return query;
}
Query owned(std::string_view owner) {
  Query query;
  query.owner = owner;
  return query;
}

TEST(CpapiSnapshot, AnswersAsItIsWithoutAFilter) {
  EXPECT_EQ(filtered(snapshotOf(kThree), {}), snapshotOf(kThree));
  EXPECT_EQ(filtered(snapshotOf({}), {}), snapshotOf({}));
}
TEST(CpapiSnapshot, AnswersWithTheDomainThatIsAskedFor) {
  EXPECT_EQ(
      filtered(snapshotOf(kThree), named("blog.alice.example")),
      "{\"data\":{\"blog.alice.example\":{\"owner\":\"alice\",\"document_root\":\"/home/alice/"
      "blog\",\"is_main\":false}},\"metadata\":{\"result\":\"ok\"}}\n");
}
TEST(CpapiSnapshot, AnswersWithTheDomainsOfTheOwner) {
  const auto answer = filtered(snapshotOf(kThree), owned("alice"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find("blog.alice.example"), std::string::npos);
  EXPECT_EQ(answer->find("zoe"), std::string::npos);
  EXPECT_NE(filtered(snapshotOf(kThree), owned("zoe")).value().find("with \\\"quotes\\\""),
            std::string::npos);
}
TEST(CpapiSnapshot, IsNoAnswerAboutWhatIsNotInIt) {
  for (const Query& query : {named("nosuch.example"), named("ALICE.example"), named("alice"),
                             owned("ali"), owned("alice\""), owned("bob")})
    EXPECT_FALSE(filtered(snapshotOf(kThree), query).has_value());
  EXPECT_FALSE(filtered(snapshotOf({}), owned("alice")).has_value());
}
TEST(CpapiSnapshot, TellsWhoIsNotInItFromNotKnowing) {
  const auto outcome = [](const std::string& text, const Query& query) {
    Document document;
    EXPECT_TRUE(document.reserve(text.size()));
    std::memcpy(document.end(), text.data(), text.size());
    document.grew(text.size());
    return filterSnapshot(query, document);
  };
  EXPECT_EQ(outcome(snapshotOf(kThree), owned("alice")), Filtered::kSome);
  EXPECT_EQ(outcome(snapshotOf(kThree), owned("bob")), Filtered::kNone);
  EXPECT_EQ(outcome(snapshotOf({}), owned("bob")), Filtered::kBroken);
  EXPECT_EQ(outcome("{}", owned("bob")), Filtered::kBroken);
}
TEST(CpapiSnapshot, IsNoAnswerWhenItIsBroken) {
  const std::string whole = snapshotOf(kThree);
  for (const std::string& text : {std::string("x"), std::string("{}"),
                                  whole.substr(0, whole.size() / 2), whole.substr(1), whole + "x"})
    EXPECT_FALSE(filtered(text, {}).has_value()) << text;
}
TEST(CpapiSnapshot, IsNoAnswerAboutPhp) {
  Query query;
  query.script = Script::kDomains;
  query.withPhp = true;
  Document document;
  EXPECT_EQ(answerFromSnapshot(1001, query, document), FromSnapshot::kNothing);
}

TEST(CpapiElevated, FindsTheDocumentBehindABanner) {
  const std::string document = "{\"data\":{},\"metadata\":{\"result\":\"ok\"}}\n";
  EXPECT_EQ(documentIn(document), document);
  EXPECT_EQ(documentIn("*** YOU ARE INSIDE LVE ***\n* {\"data\": *\n" + document), document);
}
TEST(CpapiElevated, TakesNothingElseForADocument) {
  for (const char* text : {"", "sudo: a password is required\n", "{\"data\":{}",
                           "{\"data\":{},\"metadata\":{\"result\":\"ok\"}}\ntrailing\n",
                           "x{\"data\":{},\"metadata\":{\"result\":\"ok\"}}\n"})
    EXPECT_EQ(documentIn(text), "") << text;
}

}  // namespace
}  // namespace bulkhead::cpapi
