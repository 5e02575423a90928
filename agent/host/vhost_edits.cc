#include "agent/host/vhost_edits.h"

#include "agent/host/vhost.h"

namespace bulkhead::agent::nginx {
namespace {

// Named by the site's file and the second, in ten digits until the year 2286: names sort by age.
Result<std::vector<std::string>> versionsOf(const Host& host, const std::string& file) {
  const auto names = host.list(kEditedSites);
  if (!names.ok() && names.error().code == Code::kNotFound) return std::vector<std::string>{};
  if (!names.ok()) return names.error();
  std::vector<std::string> versions;
  for (const auto& name : names.value())
    if (name.starts_with(file + ".") &&
        name.find_first_not_of("0123456789", file.size() + 1) == std::string::npos)
      versions.push_back(std::string(kEditedSites) + "/" + name);
  return versions;
}

}  // namespace

bool isAsRendered(std::string_view vhost) {
  const auto model = parseVhost(vhost);
  return model.ok() && renderVhost(*model) == vhost;
}

Result<Ok> keepEdited(Host& host, const std::string& path, const std::string& content) {
  if (isAsRendered(content)) return Ok{};
  TRY(host.makeDirectory(kEditedSites, {0700, 0, 0}));
  const auto file = path.substr(path.rfind('/') + 1);
  TRY_ASSIGN(auto versions, versionsOf(host, file));
  if (!versions.empty()) {
    const auto newest = host.readFile(versions.back());
    if (newest.ok() && newest.value() == content) return Ok{};
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(host.now().time_since_epoch()).count();
  auto version = std::string(kEditedSites) + "/" + file + "." + std::to_string(seconds);
  // A second edit within one second must not replace the first one's copy.
  if (!versions.empty() && versions.back() >= version)
    version =
        std::string(kEditedSites) + "/" + file + "." +
        std::to_string(std::stoll(versions.back().substr(versions.back().rfind('.') + 1)) + 1);
  TRY(host.writeFile(version, content, {0600, 0, 0}));
  while (versions.size() >= kEditedVersionsMax) {
    TRY(host.removeFile(versions.front()));
    versions.erase(versions.begin());
  }
  return Ok{};
}

Result<std::vector<std::string>> editedVersions(const Host& host, const DomainName& domain) {
  return versionsOf(host, fileStem(domain) + ".conf");
}

}  // namespace bulkhead::agent::nginx
