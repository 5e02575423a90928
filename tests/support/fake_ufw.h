// FakeUfw: ufw on a FakeHost, with its rule files as the real one writes them. Knows the forms of
// call that the agent uses.
#pragma once
#include <string>

#include "tests/support/fake_host.h"

namespace bulkhead::testing {

class FakeUfw {
 public:
  explicit FakeUfw(FakeHost& host) : host_(host) {
    write({}, {});
    host.onProgram(agent::Program::kUfw,
                   [this](const agent::Command& command) { return answer(command); });
  }
  FakeUfw(const FakeUfw&) = delete;
  FakeUfw& operator=(const FakeUfw&) = delete;

  bool active = false;
  bool deniesIncoming = false;
  int exitCode = 0;  // of every call
  bool refusesToAdd = false;

  // "allow tcp 33000 0.0.0.0/0 any 0.0.0.0/0 in": a rule of the host, without IPv6.
  void addTuple(const std::string& tuple) {
    host_.addFile(kRules, host_.content(kRules) + "### tuple ### " + tuple + "\n-A x\n");
  }
  bool has(const std::string& text) const {
    return host_.content(kRules).find(text) != std::string::npos;
  }
  std::size_t count(const std::string& text) const {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = host_.content(kRules).find(text, at)) != std::string::npos; ++at)
      ++found;
    return found;
  }
  static std::string hex(const std::string& text) {
    std::string result;
    for (const char c : text) {
      constexpr const char* kDigits = "0123456789abcdef";
      result += kDigits[(static_cast<unsigned char>(c) >> 4U) & 15U];
      result += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    return result;
  }

 private:
  static constexpr const char* kRules = "/etc/ufw/user.rules";
  static constexpr const char* kRules6 = "/etc/ufw/user6.rules";

  void write(const std::string& rules, const std::string& rules6) {
    host_.addFile(kRules, "*filter\n" + rules, {0640, 0, 0});
    host_.addFile(kRules6, "*filter\n" + rules6, {0640, 0, 0});
  }

  static std::string tuple(const std::string& protocol, const std::string& port, bool ipv6) {
    const std::string any = ipv6 ? "::/0" : "0.0.0.0/0";
    return "### tuple ### allow " + protocol + " " + port + " " + any + " any " + any + " in";
  }

  static std::string without(const std::string& text, const std::string& start) {
    const auto at = text.find(start);
    if (at == std::string::npos) return text;
    return text.substr(0, at) + text.substr(text.find('\n', at) + 1);
  }

  agent::ProgramOutput change(const std::vector<std::string>& words, bool adding) {
    const auto& protocol = words.at(2);
    const auto& port = words.at(6);
    for (const bool ipv6 : {false, true}) {
      const auto* const path = ipv6 ? kRules6 : kRules;
      auto text = without(host_.content(path), tuple(protocol, port, ipv6));
      if (adding)
        text += tuple(protocol, port, ipv6) +
                (words.size() > 8 ? " comment=" + hex(words.at(8)) : "") + "\n";
      host_.addFile(path, text, {0640, 0, 0});
    }
    return {0, "Rules updated\n", false};
  }

  agent::ProgramOutput answer(const agent::Command& command) {
    if (exitCode != 0) return {exitCode, "ERROR: something\n", false};
    auto words = command.arguments;
    if (words.at(0) == "status")
      return {0,
              active ? std::string("Status: active\nLogging: on (low)\nDefault: ") +
                           (deniesIncoming ? "deny" : "allow") +
                           " (incoming), allow (outgoing), disabled (routed)\n"
                     : std::string("Status: inactive\n"),
              false};
    if (words.at(0) == "default") {
      if (words.at(2) == "incoming") deniesIncoming = words.at(1) == "deny";
      return {};
    }
    if (words.at(0) == "--force" && words.at(1) == "enable") {
      active = true;
      return {};
    }
    const bool deleting = words.at(0) == "delete";
    if (!deleting && refusesToAdd) return {1, "ERROR: Could not add\n", false};
    if (deleting) words.erase(words.begin());
    return change(words, !deleting);
  }

  FakeHost& host_;
};

}  // namespace bulkhead::testing
