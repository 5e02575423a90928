// The schema checker finds every fault of a value at once, and documents what it checks.
#include "api/http/schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

Schema form() {
  return Schema::object(
      "Form", "A form.",
      {required("name", Schema::text("A name.", Format::kUsername)),
       optional("tasks", Schema::integer("Tasks.", 0, 100)), optional("on", Schema::boolean("On.")),
       optional("size", Schema::choice("Size.", {"small", "large"})),
       optional("secret", Schema::text("A secret.").length(3, 5).secret()),
       optional("tags", Schema::array("Tags.", Schema::text("A tag.").length(1, 4))),
       optional("note", Schema::text("A note.").nullable())});
}

Fault onlyFault(const Json& value, const std::string& where) {
  const auto errors = checkValue(form(), value);
  EXPECT_EQ(errors.size(), 1U) << value.dump();
  if (errors.empty()) return Fault::kRequired;
  EXPECT_EQ(errors.front().where, where);
  return errors.front().fault;
}

TEST(Schema, AcceptsAValueThatFits) {
  const Json value = {{"name", "alice"}, {"tasks", 100},       {"on", false},    {"size", "large"},
                      {"secret", "abc"}, {"tags", {"a", "b"}}, {"note", nullptr}};
  EXPECT_TRUE(checkValue(form(), value).empty());
}

TEST(Schema, RefusesAnUnknownField) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"role", "x"}}, "/role"), Fault::kUnknownField);
}
TEST(Schema, RefusesAMissingField) {
  EXPECT_EQ(onlyFault(Json::object(), "/name"), Fault::kRequired);
}
TEST(Schema, RefusesAWrongType) { EXPECT_EQ(onlyFault({{"name", 5}}, "/name"), Fault::kWrongType); }
TEST(Schema, RefusesNullWhereItIsNotAllowed) {
  EXPECT_EQ(onlyFault({{"name", nullptr}}, "/name"), Fault::kWrongType);
}
TEST(Schema, RefusesAFractionWhereAnIntegerIsWanted) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"tasks", 1.0}}, "/tasks"), Fault::kWrongType);
}
TEST(Schema, RefusesANumberBelowTheRange) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"tasks", -1}}, "/tasks"), Fault::kOutOfRange);
}
TEST(Schema, RefusesANumberAboveTheRange) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"tasks", 101}}, "/tasks"), Fault::kOutOfRange);
}
TEST(Schema, RefusesANumberThatOverflows) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"tasks", 18446744073709551615ULL}}, "/tasks"),
            Fault::kOutOfRange);
}
TEST(Schema, RefusesTextOfTheWrongLength) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"secret", "ab"}}, "/secret"), Fault::kLength);
  EXPECT_EQ(onlyFault({{"name", "al"}, {"secret", "abcdef"}}, "/secret"), Fault::kLength);
}
TEST(Schema, CountsCharactersAndNotBytes) {
  EXPECT_TRUE(checkValue(form(), {{"name", "al"}, {"secret", "äöüßé"}}).empty());
}
TEST(Schema, RefusesTextThatItsTypeCannotParse) {
  EXPECT_EQ(onlyFault({{"name", "root"}}, "/name"), Fault::kFormat);
}
TEST(Schema, RefusesAValueOutsideTheChoices) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"size", "huge"}}, "/size"), Fault::kChoice);
}
TEST(Schema, PointsIntoArrays) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"tags", {"a", 7}}}, "/tags/1"), Fault::kWrongType);
}
TEST(Schema, EscapesPointers) {
  EXPECT_EQ(onlyFault({{"name", "al"}, {"a/b~c", 1}}, "/a~1b~0c"), Fault::kUnknownField);
}
TEST(Schema, RefusesAnythingButAnObjectAtTheTop) {
  EXPECT_EQ(onlyFault(Json::array(), ""), Fault::kWrongType);
}

TEST(Schema, ReportsAllFaultsAtOnce) {
  const auto errors = checkValue(form(), {{"name", "-x"}, {"tasks", "5"}, {"extra", true}});
  EXPECT_EQ(errors.size(), 3U);
}

TEST(Schema, BoundsTheNumberOfFaults) {
  Json value = Json::object();
  for (int i = 0; i < 1000; ++i)
    value["k" + std::to_string(i)] = i;
  EXPECT_EQ(checkValue(form(), value).size(), kFieldErrorsMax);
}

TEST(Schema, DocumentsWhatItChecks) {
  const Json out = form().openApiDefinition();
  EXPECT_EQ(out["required"], Json::array({"name"}));
  EXPECT_EQ(out["additionalProperties"], false);
  EXPECT_EQ(out["properties"]["tasks"]["maximum"], 100);
  EXPECT_EQ(out["properties"]["secret"]["writeOnly"], true);
  EXPECT_EQ(out["properties"]["note"]["type"], Json::array({"string", "null"}));
  EXPECT_EQ(form().openApi()["$ref"], "#/components/schemas/Form");
}

TEST(Format, TellsUlidsFromOtherText) {
  EXPECT_TRUE(isUlid("01J9ZQ3V6T8W4X2Y5Z7A1B3C4D"));
  EXPECT_FALSE(isUlid("01j9zq3v6t8w4x2y5z7a1b3c4d"));
  EXPECT_FALSE(isUlid("01J9ZQ3V6T8W4X2Y5Z7A1B3C4"));
  EXPECT_FALSE(isUlid("01J9ZQ3V6T8W4X2Y5Z7A1B3C4I"));
  EXPECT_FALSE(isUlid("91J9ZQ3V6T8W4X2Y5Z7A1B3C4D"));
}

TEST(Format, AcceptsIdsAndNamesAsReferences) {
  EXPECT_TRUE(checkFormat(Format::kAccountRef, "acc_01J9ZQ3V6T8W4X2Y5Z7A1B3C4D").ok());
  EXPECT_TRUE(checkFormat(Format::kAccountRef, "alice").ok());
  EXPECT_FALSE(checkFormat(Format::kAccountRef, "acc_../../etc").ok());
  EXPECT_FALSE(checkFormat(Format::kAccountRef, "").ok());
  EXPECT_FALSE(checkFormat(Format::kJobId, "acc_01J9ZQ3V6T8W4X2Y5Z7A1B3C4D").ok());
}

TEST(Format, RefusesPlanNamesThatHideSomething) {
  EXPECT_TRUE(checkFormat(Format::kPlanName, "Grün 10 GB").ok());
  for (const char* bad : {"", " a", "a ", "a/b", "a\nb", "a\u202eb", "a\u200bb", "pln_x"})
    EXPECT_FALSE(checkFormat(Format::kPlanName, bad).ok()) << bad;
  EXPECT_FALSE(checkFormat(Format::kPlanName, std::string(65, 'a')).ok());
}

TEST(Format, AcceptsOnlyWellFormedRequestIds) {
  EXPECT_TRUE(checkFormat(Format::kRequestId, "abc-1.2_3").ok());
  for (const char* bad : {"", "a b", "a\"b", "a/b"})
    EXPECT_FALSE(checkFormat(Format::kRequestId, bad).ok()) << bad;
}

}  // namespace
}  // namespace bulkhead::api
