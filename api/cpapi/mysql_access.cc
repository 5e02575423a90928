// Reading the file.
#include "api/cpapi/mysql_access.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/core/json.h"
#include "common/os/fd.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::size_t kFileBytesMax = 4096;  // four short values
constexpr std::int64_t kPortMax = 65535;

Error broken(const char* why) {
  return Error{Code::kUnavailable, std::string(kMysqlAccessFile) + ": " + why, ""};
}

Result<std::string> readSmall(int file) {
  std::array<char, kFileBytesMax + 1> buffer{};
  std::size_t used = 0;
  while (used < buffer.size()) {
    const ssize_t got = ::read(file, buffer.data() + used, buffer.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return broken("cannot be read");
    if (got == 0) return std::string(buffer.data(), used);
    used += static_cast<std::size_t>(got);
  }
  return broken("is too large");
}

Result<std::optional<MysqlAccess>> parseAccess(const std::string& text) {
  auto parsed = parseJson(text);
  if (!parsed.ok() || !parsed->is_object() || parsed->size() != 4)
    return broken("is not as agreed");
  MysqlAccess access;
  for (const auto& [name, member] :
       {std::pair("login", &MysqlAccess::login), std::pair("password", &MysqlAccess::password),
        std::pair("host", &MysqlAccess::host)}) {
    const auto found = parsed->find(name);
    if (found == parsed->end() || !found->is_string()) return broken("is not as agreed");
    access.*member = found->get<std::string>();
  }
  const auto port = parsed->find("port");
  if (port == parsed->end() || !port->is_number_integer() || *port < 1 || *port > kPortMax ||
      access.login.empty() || access.host.empty())
    return broken("is not as agreed");
  access.port = port->get<std::uint16_t>();
  return std::optional<MysqlAccess>(std::move(access));
}

}  // namespace

Result<std::optional<MysqlAccess>> readMysqlAccess(const std::string& stateDirectory) {
  const std::string path = stateDirectory + "/" + kMysqlAccessFile;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT) return std::optional<MysqlAccess>();
    return broken("cannot be opened");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return broken("is no file");
  if ((status.st_uid != 0 && status.st_uid != ::geteuid()) || (status.st_mode & 077U) != 0)
    return broken("must be for its owner alone (0600)");
  TRY_ASSIGN(const std::string text, readSmall(file.get()));
  return parseAccess(text);
}

}  // namespace bulkhead::api
