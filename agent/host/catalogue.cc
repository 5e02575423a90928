#include "agent/host/catalogue.h"

#include <algorithm>
#include <array>
#include <set>

#include "agent/host/engine_reply.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::size_t kServicesMax = 100;
// What a service may keep of root's rights inside its own user namespace. None of them reaches the
// machine; each would still help who breaks out of the container to break into its engine.
constexpr std::array<std::string_view, 6> kCapabilities{
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID", "NET_BIND_SERVICE"};

Error wrong(const std::string& service, const std::string& what) {
  return Error{Code::kInternal,
               std::string(kCataloguePath) + ": " + (service.empty() ? "" : service + ": ") + what,
               ""};
}

bool isPlain(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '-' &&
         text.find_first_not_of(kLower) == std::string_view::npos;
}

bool isImage(std::string_view text) {
  constexpr std::string_view kPrefix = "bulkhead/";
  if (!text.starts_with(kPrefix)) return false;
  text.remove_prefix(kPrefix.size());
  const auto colon = text.find(':');
  return colon != std::string_view::npos && isPlain(text.substr(0, colon)) &&
         isPlain(text.substr(colon + 1));
}

bool isArchive(std::string_view text) {
  constexpr std::string_view kSuffix = ".tar";
  return text.ends_with(kSuffix) && isPlain(text.substr(0, text.size() - kSuffix.size()));
}

// web.tar -> web.id
std::string idFile(const std::string& archive) {
  return std::string(kImageDirectory) + "/" + archive.substr(0, archive.rfind('.')) + ".id";
}

bool isUser(std::string_view text) {
  const auto colon = text.find(':');
  const auto number = [](std::string_view part) {
    return !part.empty() && part.size() <= 5 &&
           part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return colon != std::string_view::npos && number(text.substr(0, colon)) &&
         number(text.substr(colon + 1));
}

// Reads each key once and knows at the end whether one was left.
class Fields {
 public:
  Fields(const Json& value, std::string service) : value_(value), service_(std::move(service)) {}

  Result<std::string> text(const std::string& key) {
    const auto* found = take(key);
    if (found == nullptr || !found->is_string()) return wrong(service_, "no text " + key);
    return found->get<std::string>();
  }
  Result<std::uint64_t> number(const std::string& key, std::uint64_t max) {
    const auto* found = take(key);
    if (found == nullptr || !found->is_number_unsigned() || found->get<std::uint64_t>() > max)
      return wrong(service_, "no number " + key);
    return found->get<std::uint64_t>();
  }
  Result<std::vector<std::string>> texts(const std::string& key) {
    const auto* found = take(key);
    if (found == nullptr || !found->is_array()) return wrong(service_, "no list " + key);
    std::vector<std::string> all;
    for (const auto& entry : *found) {
      if (!entry.is_string()) return wrong(service_, "no texts in " + key);
      all.push_back(entry.get<std::string>());
    }
    return all;
  }
  Result<Ok> end() const {
    for (const auto& [key, unused] : value_.items())
      if (!taken_.contains(key)) return wrong(service_, "unknown key " + printable(key, 40));
    return Ok{};
  }

 private:
  const Json* take(const std::string& key) {
    taken_.insert(key);
    return memberAt(value_, {key});
  }
  const Json& value_;
  std::string service_;
  std::set<std::string> taken_;
};

Result<Ok> readPlace(Fields& fields, CatalogueService& service) {
  TRY_ASSIGN(const auto network, fields.text("network"));
  if (network == "www") {
    service.network = CatalogueService::Network::kWww;
  } else if (network == "db") {
    service.network = CatalogueService::Network::kDb;
  } else if (network != "none") {
    return wrong(service.name, "unknown network");
  }
  TRY_ASSIGN(const auto mounts, fields.texts("mounts"));
  for (const auto& mount : mounts) {
    bool* wanted = mount == "sites"    ? &service.mountsSites
                   : mount == "socket" ? &service.mountsSocket
                   : mount == "data"   ? &service.mountsData
                                       : nullptr;
    if (wanted == nullptr || *wanted) return wrong(service.name, "unknown or doubled mount");
    *wanted = true;
  }
  TRY_ASSIGN(const auto publish, fields.number("publish", 65535));
  service.publish = static_cast<std::uint16_t>(publish);
  if (publish != 0 && service.network != CatalogueService::Network::kWww)
    return wrong(service.name, "only services of the network www can be published");
  TRY_ASSIGN(const auto ready, fields.text("ready"));
  if (ready == "socket" && service.mountsSocket) {
    service.ready = CatalogueService::Ready::kSocket;
  } else if (ready != "running") {
    return wrong(service.name, "unknown readiness");
  }
  return Ok{};
}

Result<Ok> readRights(Fields& fields, CatalogueService& service) {
  TRY_ASSIGN(service.user, fields.text("user"));
  if (!isUser(service.user)) return wrong(service.name, "user is not UID:GID");
  TRY_ASSIGN(service.capabilities, fields.texts("capabilities"));
  for (const auto& capability : service.capabilities)
    if (std::find(kCapabilities.begin(), kCapabilities.end(), capability) == kCapabilities.end())
      return wrong(service.name, "a capability that no service may have");
  TRY_ASSIGN(service.memoryBytes, fields.number("memoryBytes", std::uint64_t{1} << 50U));
  TRY_ASSIGN(const auto cpu, fields.number("cpuPercent", 100000));
  service.cpuPercent = static_cast<std::uint32_t>(cpu);
  TRY_ASSIGN(const auto processes, fields.number("processes", 100000));
  service.processes = static_cast<std::uint32_t>(processes);
  TRY_ASSIGN(service.tmpfsBytes, fields.number("tmpfsBytes", std::uint64_t{1} << 40U));
  return Ok{};
}

Result<CatalogueService> readService(const std::string& name, const Json& value) {
  if (!isServiceName(name)) return wrong("", "a name that no service can have");
  if (!value.is_object()) return wrong(name, "is no object");
  CatalogueService service;
  service.name = name;
  Fields fields(value, name);
  TRY_ASSIGN(service.image, fields.text("image"));
  if (!isImage(service.image)) return wrong(name, "image is not bulkhead/NAME:TAG");
  TRY_ASSIGN(service.archive, fields.text("archive"));
  if (!isArchive(service.archive)) return wrong(name, "archive is not NAME.tar");
  TRY(readPlace(fields, service));
  TRY(readRights(fields, service));
  TRY(fields.end());
  return service;
}

}  // namespace

const char* networkName(CatalogueService::Network network) {
  switch (network) {
    case CatalogueService::Network::kWww:
      return "www";
    case CatalogueService::Network::kDb:
      return "db";
    case CatalogueService::Network::kNone:
      return "none";
  }
  return "none";
}

bool isServiceName(std::string_view text) {
  return text.size() >= 2 && text.size() <= 31 && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of(kLower) == std::string_view::npos;
}

Result<Catalogue> Catalogue::parse(std::string_view text) {
  const auto json = parseJson(text);
  if (!json.ok()) return wrong("", json.error().message);
  if (!json->is_object() || json->size() != 2 || numberAt(*json, {"version"}) != 1)
    return wrong("", "not a catalogue of version 1");
  const auto* services = memberAt(*json, {"services"});
  if (services == nullptr || !services->is_object() || services->size() > kServicesMax)
    return wrong("", "no services");
  Catalogue catalogue;
  for (const auto& [name, value] : services->items()) {
    TRY_ASSIGN(auto service, readService(name, value));
    catalogue.services_[name] = std::move(service);
  }
  return catalogue;
}

Result<Catalogue> Catalogue::load(const Host& host) {
  TRY_ASSIGN(const auto info, host.inspect(kCataloguePath));
  if (info.uid != 0 || (info.mode & 0022U) != 0) return wrong("", "others than root can change it");
  TRY_ASSIGN(const auto text, host.readFile(kCataloguePath));
  return parse(text);
}

Result<std::string> Catalogue::imageId(const Host& host, const CatalogueService& service) {
  constexpr std::string_view kAlgorithm = "sha256:";
  const auto path = idFile(service.archive);
  auto text = host.readFile(path);
  if (!text.ok()) return Error{Code::kInternal, "catalogue: cannot read " + path, ""};
  if (text->ends_with('\n')) text->pop_back();
  if (!text->starts_with(kAlgorithm) || !isEngineId(text->substr(kAlgorithm.size())))
    return Error{Code::kInternal, "catalogue: no image id in " + path, ""};
  return std::move(text).value();
}

std::vector<std::string> Catalogue::names() const {
  std::vector<std::string> all;
  for (const auto& [name, unused] : services_)
    all.push_back(name);
  return all;
}

Result<CatalogueService> Catalogue::find(std::string_view name) const {
  if (!isServiceName(name))
    return Error{Code::kInvalidArgument, "a service's name is a-z, 0-9 and '-'", "service"};
  const auto found = services_.find(std::string(name));
  if (found == services_.end())
    return Error{Code::kNotFound, "no such service in the catalogue: " + std::string(name),
                 "service"};
  return found->second;
}

}  // namespace bulkhead::agent
