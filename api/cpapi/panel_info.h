// What the panel says about itself: `panel_info`, and where its pages for CloudLinux are.
#pragma once
#include <array>
#include <string>
#include <string_view>

namespace bulkhead::api {

struct UiIdentity;

// Letters, digits, '_' and '-' only: tools build the names of settings from it. Never changes.
inline constexpr std::string_view kPanelName = "Bulkhead";
// The gateway's port for users; {domain} is replaced by the reader.
inline constexpr std::string_view kUserLoginUrl = "https://{domain}:2083/";

// Where CloudLinux's pages and their files are expected. The first goes into <base href> and ends
// with a slash, the second has "/assets/..." put behind it and does not.
inline constexpr std::string_view kPagesUri = "/lvemanager/";
inline constexpr std::string_view kAssetsUri = "/lvemanager-assets";

struct HostFeature {
  std::string_view name;
  bool supported;
};
// Declared but not there makes dead buttons, not declared makes tabs vanish: so all are named.
// Sites run in containers of their own behind Nginx: selectors of interpreters that CloudLinux
// starts itself, and mod_lsapi, have nothing to act on.
inline constexpr std::array kFeatures{
    HostFeature{"php_selector", true},
    HostFeature{"ruby_selector", false},
    HostFeature{"python_selector", false},
    HostFeature{"nodejs_selector", false},
    HostFeature{"mod_lsapi", false},
    HostFeature{"mysql_governor", true},
    HostFeature{"cagefs", true},
    HostFeature{"reseller_limits", true},
    HostFeature{"xray", false},
    HostFeature{"accelerate_wp", false},
    HostFeature{"wizard", true},
    HostFeature{"autotracing", false},
};

// The whole document.
std::string panelInfoDocument();

// Who signed in, as CloudLinux's pages read it: plain, without data and metadata.
std::string userInfoDocument(const UiIdentity& identity);

}  // namespace bulkhead::api
