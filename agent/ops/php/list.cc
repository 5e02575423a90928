// php.list: the PHP interpreters of this host: CloudLinux's alt-php, and the distribution's own. It
// looks at files only; no interpreter is started, for it would read what users may configure.
#include <algorithm>
#include <array>

#include "agent/ops/op.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kVersionsMax = 100;

struct Php {
  std::string identifier;  // "alt-php83"
  std::string version;     // "8.3"
  std::string modules;
  std::string directory;
  std::string program;
  std::string ini;
  std::string scan;
  bool native = false;
};

// Modules are kept by the interface that they were built for; each version has one.
struct Abi {
  std::string_view version;
  const char* directory;
};
constexpr std::array kAbis = {
    Abi{"7.4", "/usr/lib/php/20190902"}, Abi{"8.0", "/usr/lib/php/20200930"},
    Abi{"8.1", "/usr/lib/php/20210902"}, Abi{"8.2", "/usr/lib/php/20220829"},
    Abi{"8.3", "/usr/lib/php/20230831"}, Abi{"8.4", "/usr/lib/php/20240924"},
};

std::string modulesOf(std::string_view version) {
  for (const auto& abi : kAbis)
    if (abi.version == version) return abi.directory;
  return "/usr/lib/php";
}

bool isDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool exists(const Host& host, const std::string& path) { return host.inspect(path).ok(); }

Result<std::vector<std::string>> namesIn(const Host& host, const std::string& path) {
  auto names = host.list(path);
  if (!names.ok() && names.error().code == Code::kNotFound) return std::vector<std::string>{};
  return names;
}

// /opt/alt/php83: the first digit is the major version.
Result<Ok> addAlternatives(const Host& host, std::vector<Php>& all) {
  TRY_ASSIGN(const auto names, namesIn(host, "/opt/alt"));
  for (const auto& name : names) {
    const auto digits = name.starts_with("php") ? name.substr(3) : "";
    const auto base = "/opt/alt/" + name;
    if (digits.size() < 2 || digits.size() > 3 || !isDigits(digits)) continue;
    if (!exists(host, base + "/usr/bin/php")) continue;
    const auto* const library = exists(host, base + "/usr/lib64/php/modules")
                                    ? "/usr/lib64/php/modules"
                                    : "/usr/lib/php/modules";
    all.push_back({"alt-" + name, digits.substr(0, 1) + "." + digits.substr(1), base + library,
                   base, base + "/usr/bin/php", base + "/etc/php.ini", base + "/link/conf", false});
  }
  return Ok{};
}

// Debian's: /usr/bin/php8.2 with /etc/php/8.2.
Result<Ok> addNative(const Host& host, std::vector<Php>& all) {
  TRY_ASSIGN(const auto versions, namesIn(host, "/etc/php"));
  for (const auto& version : versions) {
    const auto dot = version.find('.');
    const bool plain = dot == 1 && isDigits(version.substr(0, 1)) && isDigits(version.substr(2));
    const auto program = "/usr/bin/php" + version;
    if (!plain || !exists(host, program)) continue;
    const auto etc =
        "/etc/php/" + version + (exists(host, "/etc/php/" + version + "/fpm") ? "/fpm" : "/cli");
    all.push_back({"native-php" + version.substr(0, 1) + version.substr(2), version,
                   modulesOf(version), "/usr", program, etc + "/php.ini", etc + "/conf.d", true});
  }
  return Ok{};
}

struct ListPhp {
  static constexpr auto kMethod = "phpList";
  using Params = rpc::Nothing;
  using Reply = rpc::PhpList;
  struct Plan {};

  static Result<Plan> check(Params::Reader /*in*/, const Host& /*host*/) { return Plan{}; }
  static Result<Ok> answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
    std::vector<Php> all;
    TRY(addAlternatives(host, all));
    TRY(addNative(host, all));
    std::sort(all.begin(), all.end(),
              [](const Php& a, const Php& b) { return a.identifier < b.identifier; });
    if (all.size() > kVersionsMax) all.resize(kVersionsMax);
    auto list = out.initInterpreters(static_cast<capnp::uint>(all.size()));
    for (capnp::uint i = 0; i < list.size(); ++i) {
      list[i].setIdentifier(all[i].identifier);
      list[i].setVersion(all[i].version);
      list[i].setModulesDir(all[i].modules);
      list[i].setDir(all[i].directory);
      list[i].setBin(all[i].program);
      list[i].setIni(all[i].ini);
      list[i].setScanDir(all[i].scan);
      list[i].setIsNative(all[i].native);
    }
    return Ok{};
  }
};

}  // namespace

OpEntry phpList() { return entryFor<ListPhp>(); }

}  // namespace bulkhead::agent
