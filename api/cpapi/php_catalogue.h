// PhpCatalogue: the PHP versions that the host has.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::api {

struct PhpVersion {
  std::string identifier;  // "alt-php83"
  std::string version;     // "8.3"
  std::string modulesDir;
  std::string dir;
  std::string bin;
  std::string ini;
  std::string scanDir;  // where further .ini files are read from
  bool native = false;  // the host's own, of which there is at most one
};
using PhpVersions = std::vector<PhpVersion>;

class PhpCatalogue {
 public:
  virtual ~PhpCatalogue() = default;
  // By identifier. Called by several threads at once.
  virtual Result<std::shared_ptr<const PhpVersions>> versions() = 0;
};

}  // namespace bulkhead::api
