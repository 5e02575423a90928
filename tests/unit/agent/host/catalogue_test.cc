#include "agent/host/catalogue.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "common/core/json.h"
#include "tests/paths.h"
#include "tests/support/fake_host.h"
#include "tests/support/poison.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

std::string shipped() {
  std::ifstream file(std::string(BULKHEAD_SOURCE_DIR) + "/policy/images.json");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The shipped catalogue with one key of its service changed.
std::string with(const std::string& key, const Json& value) {
  auto json = *parseJson(shipped());
  json["services"]["web"][key] = value;
  return printJson(json);
}

TEST(Catalogue, ReadsTheShippedFile) {
  const auto catalogue = Catalogue::parse(shipped());
  ASSERT_TRUE(catalogue.ok()) << catalogue.error().message;
  const auto web = catalogue->find("web");
  ASSERT_TRUE(web.ok());
  EXPECT_EQ(web->image, "bulkhead/web:1");
  EXPECT_EQ(web->network, CatalogueService::Network::kWww);
  EXPECT_TRUE(web->mountsSites && web->mountsSocket);
  EXPECT_TRUE(web->capabilities.empty());
}

TEST(Catalogue, RefusesWhatItDoesNotUnderstand) {
  for (const auto& text : {std::string(),
                           std::string("{}"),
                           std::string("[]"),
                           std::string(R"({"version":2,"services":{}})"),
                           std::string(R"({"version":1,"services":{},"more":1})"),
                           std::string(R"({"version":1,"services":[]})"),
                           std::string(R"({"version":1,"services":{"Web":{}}})"),
                           with("privileged", true),
                           with("image", "evil/web:1"),
                           with("image", "bulkhead/web"),
                           with("image", "bulkhead/../web:1"),
                           with("archive", "../web.tar"),
                           with("archive", "/etc/web.tar"),
                           with("archive", "web.tar.gz"),
                           with("network", "host"),
                           with("network", "bridge"),
                           with("mounts", {"/"}),
                           with("mounts", {"sites", "sites"}),
                           with("mounts", "sites"),
                           with("publish", 65536),
                           with("publish", -1),
                           with("user", "root"),
                           with("user", "0"),
                           with("capabilities", {"SYS_ADMIN"}),
                           with("capabilities", {"ALL"}),
                           with("memoryBytes", -5),
                           with("memoryBytes", "1"),
                           with("ready", "maybe")})
    EXPECT_FALSE(Catalogue::parse(text).ok()) << text;
}

TEST(Catalogue, NeedsEveryKey) {
  const auto json = *parseJson(shipped());
  for (const auto& [key, unused] : json["services"]["web"].items()) {
    auto less = json;
    less["services"]["web"].erase(key);
    EXPECT_FALSE(Catalogue::parse(printJson(less)).ok()) << key;
  }
}

TEST(Catalogue, PublishesOnlyFromTheNetworkWww) {
  for (const char* network : {"db", "none"})
    EXPECT_FALSE(Catalogue::parse(with("network", network)).ok()) << network;
}

TEST(Catalogue, RefusesAFileThatOthersCanChange) {
  testing::FakeHost host;
  EXPECT_EQ(Catalogue::load(host).error().code, Code::kNotFound);
  host.addFile(kCataloguePath, shipped(), {0666, 0, 0});
  EXPECT_EQ(Catalogue::load(host).error().code, Code::kInternal);
  host.addFile(kCataloguePath, shipped(), {0644, 1000, 0});
  EXPECT_EQ(Catalogue::load(host).error().code, Code::kInternal);
  host.addFile(kCataloguePath, shipped());
  EXPECT_TRUE(Catalogue::load(host).ok());
}

TEST(Catalogue, RefusesPoisonAsAName) {
  const auto catalogue = *Catalogue::parse(shipped());
  for (const auto& text : testing::poison())
    EXPECT_EQ(catalogue.find(text).error().code, Code::kInvalidArgument) << text;
  EXPECT_EQ(catalogue.find("mail").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::agent
