#include "api/store/mariadb/access.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/core/json.h"
#include "common/os/fd.h"
#include "common/os/open.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api::mariadb {
namespace {

constexpr std::size_t kFileBytesMax = 8192;  // seven short values
constexpr std::int64_t kPortMax = 65535;

Error broken(const std::string& why) {
  return Error{Code::kInvalidArgument, "the database's file " + why, ""};
}

bool isName(const std::string& text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text)
    if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' &&
        c != '-')
      return false;
  return true;
}

// Never what stands between "//" and "/" of an address: no scheme, port or option may hide in it.
bool isHost(const std::string& text) {
  if (text.empty() || text.size() > 253) return false;
  for (const char c : text)
    if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' &&
        c != '-')
      return false;
  return true;
}

Result<Ok> checkPlace(const Access& access) {
  const bool local = !access.socket.empty();
  if (local == !access.host.empty()) return broken("must name either a socket or a host");
  if (local && access.socket.front() != '/') return broken("must name the socket by its path");
  if (local && !access.ca.empty()) return broken("names certificates for a socket");
  if (local) return Ok{};
  if (!isHost(access.host)) return broken("names no host");
  // Without them the password would go to whoever answers.
  if (access.ca.empty() || access.ca.front() != '/')
    return broken("must name the certificates (ca) that the host is known by");
  return Ok{};
}

}  // namespace

Result<Access> parseAccess(std::string_view text) {
  auto parsed = parseJson(std::string(text));
  if (!parsed.ok() || !parsed->is_object()) return broken("is no JSON object");
  Access access;
  for (const auto& [name, value] : parsed->items()) {
    if (name == "port") {
      if (!value.is_number_integer() || value < 1 || value > kPortMax)
        return broken("has a wrong port");
      access.port = value.get<std::uint16_t>();
      continue;
    }
    std::string* const member = name == "socket"     ? &access.socket
                                : name == "host"     ? &access.host
                                : name == "ca"       ? &access.ca
                                : name == "database" ? &access.database
                                : name == "user"     ? &access.user
                                : name == "password" ? &access.password
                                                     : nullptr;
    if (member == nullptr) return broken("has a member that it must not have: " + name);
    if (!value.is_string()) return broken("has no text where it must be: " + name);
    *member = value.get<std::string>();
    if (member->find('\0') != std::string::npos) return broken("has a NUL in " + name);
  }
  TRY(checkPlace(access));
  if (!isName(access.database)) return broken("names no database");
  if (!isName(access.user)) return broken("names no user");
  return access;
}

Result<Access> readAccess(const std::string& path, uid_t owner) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return broken("cannot be opened: " + path);
  TRY_ASSIGN(const auto status, os::statFd(file.get(), path));
  if (!S_ISREG(status.st_mode)) return broken("is no file: " + path);
  if (status.st_uid != 0 && status.st_uid != ::geteuid() && status.st_uid != owner)
    return broken("belongs to another user: " + path);
  // systemd gives a credential's reader its right by the group bits of an ACL (0440).
  const mode_t others = status.st_uid == 0 ? 027U : 077U;
  if ((status.st_mode & others) != 0) return broken("can be read by others: " + path);
  TRY_ASSIGN(const std::string text, os::readAll(file.get(), kFileBytesMax, path));
  return parseAccess(text);
}

}  // namespace bulkhead::api::mariadb
