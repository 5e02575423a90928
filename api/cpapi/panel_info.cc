#include "api/cpapi/panel_info.h"

#include "api/auth/ui_tokens.h"
#include "common/cpapi/text.h"

namespace bulkhead::api {
namespace {

// The language's two letters of "EN_us".
std::string languageOf(const std::string& locale) {
  std::string language = locale.substr(0, 2);
  for (char& c : language) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c < 'a' || c > 'z') return "en";
  }
  return language.size() == 2 ? language : "en";
}

}  // namespace

std::string panelInfoDocument() {
  std::string out;
  cpapi::put(out, cpapi::kDataBegin);
  cpapi::put(out, "{\"name\":");
  cpapi::putString(out, kPanelName);
  cpapi::put(out, ",\"version\":");
  cpapi::putString(out, BULKHEAD_VERSION);
  cpapi::put(out, ",\"user_login_url\":");
  cpapi::putString(out, kUserLoginUrl);
  cpapi::put(out, ",\"supported_cl_features\":{");
  for (std::size_t i = 0; i < kFeatures.size(); ++i) {
    if (i > 0) cpapi::put(out, ",");
    cpapi::putString(out, kFeatures[i].name);
    cpapi::put(out, kFeatures[i].supported ? ":true" : ":false");
  }
  cpapi::put(out, "}}");
  cpapi::put(out, cpapi::kDataEnd);
  return out;
}

std::string userInfoDocument(const UiIdentity& identity) {
  std::string out;
  cpapi::put(out, "{\"userName\":");
  cpapi::putString(out, identity.name);
  cpapi::put(out, ",\"userId\":");
  if (identity.uid)
    cpapi::putNumber(out, *identity.uid);
  else
    cpapi::put(out, "null");
  cpapi::put(out, ",\"userType\":");
  cpapi::putString(out, identity.role);
  cpapi::put(out, ",\"baseUri\":");
  cpapi::putString(out, kPagesUri);
  cpapi::put(out, ",\"assetsUri\":");
  cpapi::putString(out, kAssetsUri);
  cpapi::put(out, ",\"lang\":");
  cpapi::putString(out, languageOf(identity.locale));
  cpapi::put(out, ",\"userDomain\":");
  cpapi::putString(out, identity.domain);
  cpapi::put(out, "}\n");
  return out;
}

}  // namespace bulkhead::api
