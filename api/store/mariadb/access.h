// Access: where a database is and how to log in to it, from a file that nobody else can read.
#pragma once
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::api::mariadb {

struct Access {
  std::string socket;  // absolute path of a Unix socket, or
  std::string host;    // a name or an address, with
  std::uint16_t port = 3306;
  std::string ca;  // absolute path of the certificates that the server's must come from
  std::string database;
  std::string user;
  std::string password;
  bool isRemote() const { return socket.empty(); }
};

// {"socket": "/run/mysqld/mysqld.sock", "database": "bulkhead", "user": "bulkhead-api",
// "password": "..."}, or "host", "port" (3306) and "ca" in place of "socket". Anything else in it
// is refused: a misspelt "ca" must not turn into a connection that nobody verified.
Result<Access> parseAccess(std::string_view text);
// A regular file of root, of this user or of `owner`, with no right for anybody else.
Result<Access> readAccess(const std::string& path, uid_t owner = ::geteuid());

}  // namespace bulkhead::api::mariadb
