// The integration file and the scripts as they lie on the disk, root's plain answers, and what can
// be said only when everything has run.
#include <array>

#include "cli/cloudlinux/check.h"
#include "cli/cloudlinux/world.h"

namespace bulkhead::cli::cloudlinux {
namespace {

using Faults = std::vector<std::string>;

constexpr auto kReading = Severity::kReading;
// Called on every page of the user interface and every cron minute: a second is felt everywhere.
constexpr double kSlowMs = 1000;

std::string octal(mode_t mode) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
  return text.data();
}

// Every path that the file names, with the key; scripts only once.
std::vector<std::pair<std::string, std::string>> programs(const World& world) {
  std::vector<std::pair<std::string, std::string>> all;
  if (!world.ini().ok()) return all;
  for (const auto name : kScriptNames)
    if (const auto line = world.ini()->script(name); !line.path.empty())
      all.emplace_back(name, line.path);
  const auto ui = world.ini()->value("lvemanager_config", "ui_user_info");
  if (!ui.empty()) all.emplace_back("ui_user_info", ui.substr(0, ui.find(' ')));
  return all;
}

Faults fileIsReadable(const World& world) {
  const auto info = world.host().look(world.iniPath());
  if (!info) return {"there is no " + world.iniPath()};
  Faults faults;
  if ((info->st_mode & S_IROTH) == 0)
    faults.push_back("mode " + octal(info->st_mode) + ": not every user can read it");
  return faults;
}

Faults fileIsRoots(const World& world) {
  const auto info = world.host().look(world.iniPath());
  if (!info) return {"there is no " + world.iniPath()};
  Faults faults;
  if (info->st_uid != 0) faults.push_back("belongs to uid " + std::to_string(info->st_uid));
  if ((info->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    faults.push_back("mode " + octal(info->st_mode) + ": others can write it");
  return faults;
}

Faults fileParses(const World& world) {
  if (!world.ini().ok()) return {world.ini().error().message};
  return {};
}

Faults sectionsAreThere(const World& world) {
  Faults faults;
  if (!world.ini().ok()) return {"the file could not be read"};
  for (const auto* section : {"integration_scripts", "lvemanager_config"})
    if (world.ini()->sections.count(section) == 0)
      faults.push_back("no section [" + std::string(section) + "]");
  return faults;
}

Faults namesScripts(const World& world, std::initializer_list<std::string_view> names) {
  Faults faults;
  if (!world.ini().ok()) return {"the file could not be read"};
  for (const auto name : names)
    if (world.ini()->script(name).path.empty())
      faults.push_back("no " + std::string(name) + " in [integration_scripts]");
  return faults;
}
Faults namesNecessary(const World& world) {
  return namesScripts(world, {"panel_info", "packages", "users", "domains", "resellers", "admins"});
}
Faults namesOptional(const World& world) { return namesScripts(world, {"db_info", "php"}); }

Faults scriptsExist(const World& world) {
  Faults faults;
  for (const auto& [key, path] : programs(world)) {
    const auto info = path.starts_with("/") ? world.host().look(path) : std::nullopt;
    if (!path.starts_with("/")) {
      faults.push_back(key + ": " + path + " is not absolute");
    } else if (!info || !S_ISREG(info->st_mode)) {
      faults.push_back(key + ": no file " + path);
    } else if ((info->st_mode & S_IXUSR) == 0) {
      faults.push_back(key + ": " + path + " is not executable");
    }
  }
  return faults;
}

Faults userScriptsAreForAll(const World& world) {
  Faults faults;
  for (const auto& [key, path] : programs(world)) {
    if (key != "panel_info" && key != "domains") continue;
    const auto info = world.host().look(path);
    if (info && (info->st_mode & S_IXOTH) == 0)
      faults.push_back(key + ": users cannot execute " + path);
  }
  return faults;
}

// Whoever can change a script, or a directory on the way to it, runs as root with the next call.
Faults scriptsAreRoots(const World& world) {
  Faults faults;
  for (const auto& [key, path] : programs(world)) {
    for (auto part = path; !part.empty(); part = part.substr(0, part.rfind('/'))) {
      const auto info = world.host().look(part);
      if (!info) continue;
      const bool shared = S_ISDIR(info->st_mode) && (info->st_mode & S_ISVTX) != 0;
      if (info->st_uid != 0)
        faults.push_back(key + ": " + part + " belongs to uid " + std::to_string(info->st_uid));
      else if ((info->st_mode & (S_IWGRP | S_IWOTH)) != 0 && !shared)
        faults.push_back(key + ": others can write " + part);
    }
  }
  return faults;
}

Faults noneIsSetuid(const World& world) {
  Faults faults;
  for (const auto& [key, path] : programs(world))
    if (const auto info = world.host().look(path);
        info && (info->st_mode & (S_ISUID | S_ISGID)) != 0)
      faults.push_back(key + ": " + path + " is set-uid, which is dead inside a cage");
  return faults;
}

Faults noFlagInTheFile(const World& world) {
  Faults faults;
  if (!world.ini().ok()) return {"the file could not be read"};
  for (const auto name : kScriptNames)
    for (const auto& argument : world.ini()->script(name).arguments)
      if (argument.starts_with("--with-php")) faults.push_back(std::string(name) + ": --with-php");
  return faults;
}

Faults valuesArePlain(const World& world) {
  Faults faults;
  if (!world.ini().ok()) return {"the file could not be read"};
  for (const auto& [section, entries] : world.ini()->sections)
    for (const auto& [key, value] : entries)
      if (value.find_first_of("%;#\"'\\") != std::string::npos)
        faults.push_back(key + ": a character that readers of such files take differently");
  return faults;
}

bool isAbsolute(const std::string& value) { return value.starts_with("/"); }
bool isPort(const std::string& value) {
  return !value.empty() && value.size() <= 5 &&
         value.find_first_not_of("0123456789") == std::string::npos && std::stoi(value) > 0 &&
         std::stoi(value) < 65536;
}

Faults managerIsConfigured(const World& world) {
  Faults faults;
  if (!world.ini().ok()) return {"the file could not be read"};
  const auto value = [&world](const char* key) {
    return world.ini()->value("lvemanager_config", key);
  };
  if (value("ui_user_info").empty()) faults.emplace_back("no ui_user_info");
  for (const auto* key : {"base_path", "vendor_php", "ssl_cert", "ssl_key"})
    if (!value(key).empty() && !isAbsolute(value(key)))
      faults.push_back(std::string(key) + " is not absolute");
  for (const auto* key : {"run_service", "use_ssl"})
    if (!value(key).empty() && value(key) != "0" && value(key) != "1")
      faults.push_back(std::string(key) + " is neither 0 nor 1");
  if (value("run_service") == "1" && !isPort(value("service_port")))
    faults.emplace_back("run_service=1 needs a numeric service_port");
  if (value("use_ssl") == "1" && (value("ssl_cert").empty() || value("ssl_key").empty()))
    faults.emplace_back("use_ssl=1 needs ssl_cert and ssl_key");
  return faults;
}

Faults nothingChanged(const World& world) {
  Faults faults;
  for (const auto& path : world.filesChanged())
    faults.push_back(path + " is not what it was before the first call");
  return faults;
}

Faults nothingIsSlow(const World& world) {
  if (world.slowestMs() <= kSlowMs) return {};
  return {"\"" + world.slowest() + "\" took " +
          std::to_string(static_cast<int>(world.slowestMs())) + " ms"};
}

Check document(std::string_view name,
               std::string_view section,
               std::string_view script,
               std::vector<std::string_view> arguments = {}) {
  return {.name = name, .section = section, .script = script, .arguments = std::move(arguments)};
}

}  // namespace

std::vector<Check> hostChecks() {
  return {
      {.name = "integration.ini is readable by every user", .section = "2", .rule = fileIsReadable},
      {.name = "integration.ini can be changed by root alone", .section = "2", .rule = fileIsRoots},
      {.name = "integration.ini is a strict INI file", .section = "2", .rule = fileParses},
      {.name = "integration.ini has its two sections", .section = "2", .rule = sectionsAreThere},
      {.name = "the six necessary scripts are named", .section = "2", .rule = namesNecessary},
      {.name = "db_info and php are named too",
       .section = "2",
       .severity = kReading,
       .rule = namesOptional},
      {.name = "every script is absolute, exists and is executable",
       .section = "2",
       .rule = scriptsExist},
      {.name = "users can execute the scripts made for them",
       .section = "4.1",
       .rule = userScriptsAreForAll},
      {.name = "scripts and their directories are root's alone",
       .section = "4.4",
       .severity = kReading,
       .rule = scriptsAreRoots},
      {.name = "no script is set-uid",
       .section = "4.2",
       .severity = kReading,
       .rule = noneIsSetuid},
      {.name = "--with-php is not in the file", .section = "2", .rule = noFlagInTheFile},
      {.name = "values hold no character that needs quoting",
       .section = "2",
       .severity = kReading,
       .rule = valuesArePlain},
      {.name = "the LVE Manager's settings are complete",
       .section = "2",
       .rule = managerIsConfigured},
  };
}

std::vector<Check> documentChecks() {
  return {
      document("panel_info answers root", "5.1", "panel_info"),
      document("db_info answers root", "5.2", "db_info"),
      document("packages answers root", "5.3", "packages"),
      document("users answers root", "5.4", "users"),
      document("resellers answers root", "5.6", "resellers"),
      document("admins answers root", "5.7", "admins"),
      document("domains answers root", "5.5", "domains"),
      document("domains --with-php answers root", "5.5", "domains", {"--with-php"}),
      document("php answers root", "5.8", "php"),
  };
}

std::vector<Check> closingChecks() {
  return {
      {.name = "reading changed no account of the system",
       .section = "5.6",
       .rule = nothingChanged},
      {.name = "no call takes longer than a second",
       .section = "4.4",
       .severity = kReading,
       .rule = nothingIsSlow},
  };
}

}  // namespace bulkhead::cli::cloudlinux
