// What is written by hand for speed must be what the library would have written.
#include "api/http/model_json.h"

#include <array>
#include <ctime>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

std::string byLibrary(std::int64_t micros) {
  const std::time_t seconds = micros / 1'000'000;
  std::tm parts{};
  std::array<char, 32> text{};
  EXPECT_NE(::gmtime_r(&seconds, &parts), nullptr);
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1'000'000 + micros % 1'000'000).substr(1);
  return std::string(text.data(), size) + "." + fraction + "Z";
}

TEST(Timestamp, IsWhatTheLibraryWrites) {
  for (std::int64_t micros : std::initializer_list<std::int64_t>{
           1'000'000'000'000'000, 951'782'399'999'999, 951'782'400'000'000, 1'709'251'199'000'001,
           4'107'542'400'000'000, 1'700'000'000'000'100, 253'402'300'799'999'999})
    EXPECT_EQ(timestamp(micros).get<std::string>(), byLibrary(micros));
  for (std::int64_t micros = 1'234'567; micros < 5'000'000'000'000'000; micros += 3'456'789'012'345)
    ASSERT_EQ(timestamp(micros).get<std::string>(), byLibrary(micros));
}
TEST(Timestamp, IsNullForWhatIsNoTime) {
  EXPECT_TRUE(timestamp(0).is_null());
  EXPECT_TRUE(timestamp(-1).is_null());
  EXPECT_TRUE(timestamp(253'402'300'800'000'000).is_null());
  EXPECT_TRUE(timestamp(INT64_MAX).is_null());
}
TEST(AccountJson, HasEachMemberOnceInTheOrderOfItsSchema) {
  Account account;
  account.id = "acc_1";
  account.uid = 20000;
  const Json out = toJson(account);
  const Schema schema = accountSchema();
  ASSERT_EQ(out.size(), schema.fields().size());
  std::size_t at = 0;
  for (const auto& [name, value] : out.items())
    EXPECT_EQ(name, schema.fields()[at++].name);
  EXPECT_EQ(out["id"], "acc_1");
  EXPECT_EQ(out["uid"], 20000);
  EXPECT_TRUE(out["preview_port"].is_null());
}

}  // namespace
}  // namespace bulkhead::api
