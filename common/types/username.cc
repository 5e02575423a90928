#include "common/types/username.h"

#include <algorithm>
#include <array>

namespace bulkhead {
namespace {

// Names of Debian's base system, of the services that the panel manages, and of roles that mail and
// web servers give a meaning to.
constexpr std::array<std::string_view, 78> kReserved = {
    "adm",        "admin",   "administrator", "abuse",      "all",      "anonymous", "apache",
    "apt",        "audio",   "backup",        "bin",        "bind",     "cdrom",     "certbot",
    "cloudlinux", "clamav",  "crontab",       "daemon",     "dbus",     "default",   "dialout",
    "dip",        "disk",    "docker",        "dovecot",    "fax",      "floppy",    "ftp",
    "games",      "gnats",   "guest",         "hostmaster", "http",     "info",      "input",
    "irc",        "kmem",    "list",          "localhost",  "lp",       "lxd",       "mail",
    "mailnull",   "man",     "messagebus",    "mysql",      "named",    "news",      "nginx",
    "nobody",     "nogroup", "operator",      "plugdev",    "postfix",  "postgres",  "postmaster",
    "proxy",      "redis",   "render",        "root",       "security", "sgx",       "shadow",
    "src",        "ssh",     "sshd",          "ssl-cert",   "staff",    "sudo",      "support",
    "sync",       "sys",     "syslog",        "tape",       "tty",      "users",     "utmp",
    "uucp"};
constexpr std::array<std::string_view, 14> kReservedMore = {
    "uuidd", "video",  "voice",   "wheel", "webmaster", "www",     "www-data",
    "kvm",   "polkit", "polkitd", "ntp",   "chrony",    "tcpdump", "test-host"};
constexpr std::array<std::string_view, 4> kReservedPrefixes = {"systemd-", "bulkhead", "docker-",
                                                               "debian-"};

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool isReservedName(std::string_view name) {
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() ||
         std::find(kReservedMore.begin(), kReservedMore.end(), name) != kReservedMore.end() ||
         std::any_of(
             kReservedPrefixes.begin(), kReservedPrefixes.end(),
             [name](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; });
}

Result<Username> Username::parse(std::string_view text) {
  const auto refuse = [](Code code, std::string why) {
    return Error{code, "username: " + std::move(why), "username"};
  };
  if (text.empty()) return refuse(Code::kInvalidArgument, "must not be empty");
  if (text.size() > kMaxLength) return refuse(Code::kInvalidArgument, "longer than 32 characters");
  if (!isLower(text.front()))
    return refuse(Code::kInvalidArgument, "must start with a lower-case letter");
  for (char c : text)
    if (!isLower(c) && !isDigit(c) && c != '_' && c != '-')
      return refuse(Code::kInvalidArgument, "only a-z, 0-9, '_' and '-' are allowed");
  if (text.back() == '-') return refuse(Code::kInvalidArgument, "must not end with '-'");
  if (isReservedName(text)) return refuse(Code::kInvalidArgument, "the name is reserved");
  return Username(std::string(text));
}

}  // namespace bulkhead
