// Catalogue: the services that an account may run, from the root-owned policy/images.json. A caller
// names a service; image, network, mounts and rights are the catalogue's alone.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent {

inline constexpr const char* kCataloguePath = "/usr/share/bulkhead/policy/images.json";
inline constexpr const char* kImageDirectory = "/usr/lib/bulkhead/images";

struct CatalogueService {
  enum class Network { kWww, kDb, kNone };  // kNone: no network at all
  enum class Ready { kRunning, kSocket };   // kSocket: the site socket must answer

  std::string name;
  std::string image;    // "bulkhead/web:1"
  std::string archive;  // "web.tar" in kImageDirectory
  Network network = Network::kNone;
  bool mountsSites = false;   // the account's sites, read-only, as /sites
  bool mountsSocket = false;  // the site socket directory as /run/web
  bool mountsData = false;    // ~/data/NAME as /data
  std::uint16_t publish = 0;  // the container's port that may be published; 0 = none
  std::string user;           // "0:0": root in there is the account outside
  std::vector<std::string>
      capabilities;               // within the account's user namespace; the rest is dropped
  std::uint64_t memoryBytes = 0;  // defaults; 0 = only the account's own limit
  std::uint32_t cpuPercent = 0;
  std::uint32_t processes = 0;
  std::uint64_t tmpfsBytes = 0;  // of /tmp, the only writable place beside the mounts
  Ready ready = Ready::kRunning;
};

class Catalogue {
 public:
  // kInternal when the file is not root's alone, or is not understood to the last key.
  static Result<Catalogue> load(const Host& host);
  static Result<Catalogue> parse(std::string_view text);
  // kInvalidArgument, field "service", for a name that is none; kNotFound for one that is not
  // there.
  Result<CatalogueService> find(std::string_view name) const;
  std::vector<std::string> names() const;
  // "sha256:HEX" of the image in the service's archive, from the file that is built with it. A tag
  // stays when the package brings a newer image, this does not.
  static Result<std::string> imageId(const Host& host, const CatalogueService& service);

 private:
  std::map<std::string, CatalogueService> services_;
};

const char* networkName(CatalogueService::Network network);  // as Docker names it
bool isServiceName(std::string_view text);                   // [a-z][a-z0-9-]{1,30}

}  // namespace bulkhead::agent
