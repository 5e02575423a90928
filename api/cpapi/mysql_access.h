// How CloudLinux's statistics log in to the host's MySQL or MariaDB server.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "common/core/result.h"

namespace bulkhead::api {

struct MysqlAccess {
  std::string login;
  std::string password;
  std::string host;
  std::uint16_t port = 0;
};

// The administrator's file in the state directory, a JSON object with these four members. No file
// means that there is no such server. Refuses a file that others than its owner may touch, and one
// that says anything else.
inline constexpr const char* kMysqlAccessFile = "cpapi-mysql.json";
Result<std::optional<MysqlAccess>> readMysqlAccess(const std::string& stateDirectory);

}  // namespace bulkhead::api
