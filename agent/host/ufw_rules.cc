#include "agent/host/ufw_rules.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "agent/host/systemd.h"

namespace bulkhead::agent::ufw {
namespace {

// ufw writes each rule twice: for iptables, and in this comment, which is what it reads back
// itself:
//   ### tuple ### allow tcp 33000 0.0.0.0/0 any 0.0.0.0/0 in comment=616c696365
//   ### tuple ### ACTION PROTOCOL PORTS DESTINATION SOURCE_PORTS SOURCE [PROFILE PROFILE]
//   DIRECTION[_INTERFACE] [comment=HEX]
constexpr std::string_view kTuple = "### tuple ### ";

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const auto start = text.find_first_not_of(" \t\r");
    if (start == std::string_view::npos) break;
    const auto end = std::min(text.find_first_of(" \t\r", start), text.size());
    all.push_back(text.substr(start, end - start));
    text.remove_prefix(end);
  }
  return all;
}

std::optional<std::uint16_t> portNumber(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string fromHex(std::string_view hex) {
  std::string text;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    if (error != std::errc{} || end != hex.data() + i + 2) return "";
    text += static_cast<char>(value);
  }
  return text;
}

bool isAnywhere(std::string_view address) { return address == "0.0.0.0/0" || address == "::/0"; }

// "any", "22", "80,443", "8000:8010": one rule for each part.
void addPorts(std::string_view ports, const Rule& model, std::vector<Rule>& all) {
  if (ports == "any") {
    all.push_back(model);
    return;
  }
  while (!ports.empty()) {
    const auto end = std::min(ports.find(','), ports.size());
    const auto part = ports.substr(0, end);
    ports.remove_prefix(std::min(end + 1, ports.size()));
    const auto colon = part.find(':');
    const auto first = portNumber(part.substr(0, colon));
    const auto last = colon == std::string_view::npos ? first : portNumber(part.substr(colon + 1));
    if (!first || !last) continue;
    Rule rule = model;
    rule.first = *first;
    rule.last = *last;
    all.push_back(std::move(rule));
  }
}

void addTuple(std::string_view line, bool ipv6, std::vector<Rule>& all) {
  const auto fields = words(line);
  if (fields.size() < 7 || fields[0].starts_with("route:")) return;
  std::string_view direction;
  Rule rule;
  for (auto field = fields.begin() + 6; field != fields.end(); ++field) {
    if (field->starts_with("comment="))
      rule.comment = fromHex(field->substr(8));
    else
      direction = *field;  // the last word but the comment; application profiles come before
  }
  if (direction != "in" && !direction.starts_with("in_")) return;
  rule.action = std::string(fields[0].substr(0, fields[0].find('_')));  // "allow_log" is an allow
  rule.protocol = std::string(fields[1]);
  rule.ipv6 = ipv6;
  rule.fromAnywhere =
      direction == "in" && isAnywhere(fields[3]) && fields[4] == "any" && isAnywhere(fields[5]);
  addPorts(fields[2], rule, all);
}

Result<std::string> readOptional(const Host& host, const std::string& path) {
  auto text = host.readFile(path);
  if (!text.ok() && text.error().code == Code::kNotFound) return std::string();
  return text;
}

template <typename Function>
void forEachLine(std::string_view text, const Function& function) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    function(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// "0.0.0.0:2222", "[::]:2222" and "2222"; a bare address has no port of its own.
std::optional<std::uint16_t> portOfAddress(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return portNumber(address);
  const bool bareIpv6 = address.find(':') != colon && address[colon - 1] != ']';
  return bareIpv6 ? std::nullopt : portNumber(address.substr(colon + 1));
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

void addSshdPorts(std::string_view text, std::vector<std::uint16_t>& ports) {
  forEachLine(text, [&ports](std::string_view line) {
    std::string plain(line);
    std::replace(plain.begin(), plain.end(), '=', ' ');  // sshd allows "Port=22"
    const auto fields = words(plain);
    if (fields.size() < 2) return;
    const auto key = lower(fields[0]);
    if (key != "port" && key != "listenaddress") return;
    if (const auto port = key == "port" ? portNumber(fields[1]) : portOfAddress(fields[1]))
      ports.push_back(*port);
  });
}

}  // namespace

Result<std::vector<Rule>> rules(const Host& host) {
  std::vector<Rule> all;
  for (const bool ipv6 : {false, true}) {
    TRY_ASSIGN(const auto text,
               readOptional(host, ipv6 ? "/etc/ufw/user6.rules" : "/etc/ufw/user.rules"));
    forEachLine(text, [&all, ipv6](std::string_view line) {
      if (line.starts_with(kTuple)) addTuple(line.substr(kTuple.size()), ipv6, all);
    });
  }
  return all;
}

Result<std::vector<std::uint16_t>> sshPorts(const Host& host) {
  std::vector<std::uint16_t> ports;
  TRY_ASSIGN(const auto main, readOptional(host, "/etc/ssh/sshd_config"));
  addSshdPorts(main, ports);
  const auto more = host.list("/etc/ssh/sshd_config.d");
  if (!more.ok() && more.error().code != Code::kNotFound) return more.error();
  if (more.ok())
    for (const auto& name : more.value())
      if (name.ends_with(".conf")) {
        TRY_ASSIGN(const auto text, readOptional(host, "/etc/ssh/sshd_config.d/" + name));
        addSshdPorts(text, ports);
      }
  // Where systemd listens for sshd: "[::]:22 (Stream)", one a line.
  TRY_ASSIGN(auto socket, systemd::show(host, "ssh.socket", {"Listen"}));
  forEachLine(socket["Listen"], [&ports](std::string_view line) {
    const auto fields = words(line);
    if (fields.size() != 2 || fields[1] != "(Stream)") return;
    if (const auto port = portOfAddress(fields[0])) ports.push_back(*port);
  });
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

}  // namespace bulkhead::agent::ufw
