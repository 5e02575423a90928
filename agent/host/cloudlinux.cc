#include "agent/host/cloudlinux.h"

#include <algorithm>
#include <array>

#include "agent/host/cage_work.h"
#include "agent/host/dbuser_map.h"
#include "agent/host/engine_reply.h"
#include "agent/host/written_files.h"

namespace bulkhead::agent::cloudlinux {
namespace {

constexpr Attributes kReadable{0644, 0, 0};
constexpr Attributes kFolder{0755, 0, 0};
// A user passes through to its own directory and cannot list the others.
constexpr Attributes kPassThrough{0711, 0, 0};

struct TemplateFile {
  const char* name;  // in kTemplates
  const char* path;
  bool inCagefs;
};
constexpr std::array kTemplateFiles = {
    TemplateFile{"integration.ini", kIntegration, false},
    TemplateFile{"cagefs.cfg", "/etc/cagefs/conf.d/bulkhead.cfg", true},
    TemplateFile{"proxy.commands", "/etc/cagefs/bulkhead.proxy.commands", true},
    TemplateFile{"exclude", "/etc/cagefs/exclude/bulkhead", true},
};

struct NativeKey {
  const char* key;
  std::array<const char*, 2> candidates;  // the first that is a real file
};
constexpr std::array kNativeKeys = {
    NativeKey{"php", {"/usr/bin/php-cgi", "/usr/bin/php-cgi8.2"}},
    NativeKey{"php-cli", {"/usr/bin/php", "/usr/bin/php8.2"}},
    NativeKey{"php.ini", {"/etc/php.ini", "/etc/php/8.2/cgi/php.ini"}},
    NativeKey{"lsphp", {"/usr/local/bin/lsphp", "/usr/bin/lsphp8.2"}},
    NativeKey{"php-fpm", {"/usr/sbin/php-fpm", "/usr/sbin/php-fpm8.2"}},
};

bool exists(const Host& host, const std::string& path) { return host.inspect(path).ok(); }

bool isRealFile(const Host& host, const std::string& path) {
  const auto info = host.inspect(path);
  return info.ok() && info->type == FileType::kRegular && info->uid == 0;
}

// CloudLinux reads links as an error, so only real files are named; "" when one of the five is
// missing, for a part of them would switch the selector to a PHP that is not there.
std::string nativePhp(const Host& host) {
  std::string text;
  for (const auto& entry : kNativeKeys) {
    const char* found = nullptr;
    for (const auto* candidate : entry.candidates)
      if (found == nullptr && isRealFile(host, candidate)) found = candidate;
    if (found == nullptr) return "";
    text += std::string(entry.key) + "=" + found + "\n";
  }
  return text;
}

struct Wanted {
  std::string path;
  std::string content;
};

// CageFS's files where CageFS is, or where all is wanted for a look.
Result<std::vector<Wanted>> wantedFiles(const Host& host, const Wish& wish) {
  const bool cagefs = exists(host, kCagefs) || wish.anywhere == Wish::Anywhere::kYes;
  std::vector<Wanted> all;
  for (const auto& file : kTemplateFiles) {
    if (file.inCagefs && !cagefs) continue;
    auto content = host.readFile(std::string(kTemplates) + "/" + file.name);
    if (!content.ok() && content.error().code == Code::kNotFound)
      return Error{Code::kUnavailable,
                   std::string(kTemplates) + " has no " + file.name +
                       ": is the package bulkhead-cloudlinux installed?",
                   ""};
    if (!content.ok()) return content.error();
    all.push_back({file.path, std::move(content).value()});
  }
  if (wish.duplicateUids && cagefs) all.push_back({kDuplicateUids, ""});
  if (auto native = nativePhp(host); !native.empty())
    all.push_back({kNativePhp, std::move(native)});
  return all;
}

Result<Ok> makeParents(Host& host, WrittenFiles& written, const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const auto folder = path.substr(0, slash);
    const auto info = host.inspect(folder);
    if (info.ok()) continue;
    if (info.error().code != Code::kNotFound) return info.error();
    TRY(written.rememberFolder(host, folder));
    TRY(host.makeDirectory(folder, kFolder));
  }
  return Ok{};
}

// Those that were made here and that nobody else uses.
Result<Ok> removeParents(Host& host, WrittenFiles& written) {
  for (const auto& folder : written.folders()) {
    TRY(host.removeEmptyDirectory(folder));
    TRY(written.forgetFolder(host, folder));
  }
  return Ok{};
}

bool hasLine(const std::string& content, const std::string& line) {
  return ("\n" + content + "\n").find("\n" + line + "\n") != std::string::npos;
}

// One line of CloudLinux's own file; everything else of it stays byte for byte.
Result<Ok> ensureMountLine(Host& host, CageWork& work) {
  auto content = host.readFile(kMountPoints);
  if (!content.ok() && content.error().code != Code::kNotFound) return content.error();
  if (!content.ok() && !exists(host, kCagefs)) return Ok{};
  auto text = content.ok() ? std::move(content).value() : std::string();
  if (hasLine(text, kMountLine)) return Ok{};
  if (!text.empty() && text.back() != '\n') text += '\n';
  TRY(work.updateFiles(host));
  TRY(work.remount(host));
  return host.writeFile(kMountPoints, text + kMountLine + "\n", kReadable);
}

Result<Ok> removeMountLine(Host& host, CageWork& work) {
  const auto content = host.readFile(kMountPoints);
  if (!content.ok() && content.error().code == Code::kNotFound) return Ok{};
  if (!content.ok()) return content.error();
  auto text = "\n" + *content;
  const std::string line = std::string("\n") + kMountLine;
  const auto at = text.find(line + "\n") != std::string::npos
                      ? text.find(line + "\n")
                      : (text.ends_with(line) ? text.size() - line.size() : std::string::npos);
  if (at == std::string::npos) return Ok{};
  TRY(work.updateFiles(host));
  TRY(work.remount(host));
  text.erase(at, line.size());
  text.erase(0, 1);
  // A file of nothing but our line was ours.
  if (text.empty()) return host.removeFile(kMountPoints);
  return host.writeFile(kMountPoints, text, kReadable);
}

bool isOfCages(const std::string& path) { return path.starts_with(std::string(kCagefs) + "/"); }

// Somebody's file goes aside under a name that nothing has.
Result<std::string> nameAside(const Host& host, const std::string& path) {
  constexpr int kNamesMax = 100;
  for (int i = 1; i <= kNamesMax; ++i) {
    auto aside = path + ".edited" + (i == 1 ? "" : "." + std::to_string(i));
    const auto found = host.inspect(aside);
    if (!found.ok() && found.error().code == Code::kNotFound) return aside;
    if (!found.ok()) return found.error();
  }
  return Error{Code::kConflict, path + ": has been put aside too often", ""};
}

void append(Changes& changes, std::vector<std::string> next) {
  changes.next.insert(changes.next.end(), next.begin(), next.end());
}

}  // namespace

bool isEnabled(const Host& host) { return exists(host, kEnabledMark); }

std::optional<std::string> release(const Host& host) {
  const auto text = host.readFile("/etc/cloudlinux-release");
  if (text.ok()) return printable(text->substr(0, text->find('\n')), 100);
  for (const auto* sign : {"/usr/bin/cldetect", "/sys/module/kmodlve"})
    if (exists(host, sign)) return "CloudLinux";
  return std::nullopt;
}

Result<Ok> checkConfigure(const Host& host, const Wish& wish) {
  if (wish.anywhere == Wish::Anywhere::kNo && !release(host))
    return Error{Code::kUnsupported,
                 "this host is not CloudLinux; its programs would be misled by the files", "force"};
  TRY(wantedFiles(host, wish));
  TRY(CageWork::load(host));
  TRY_ASSIGN(const auto written, WrittenFiles::load(host, kWrittenFiles));
  const auto paths = written.paths();
  const bool ours = std::find(paths.begin(), paths.end(), kIntegration) != paths.end();
  if (!ours && exists(host, kIntegration))
    return Error{Code::kConflict,
                 std::string(kIntegration) +
                     " is another product's: put it aside first, for CloudLinux reads that one",
                 ""};
  return Ok{};
}

Result<Changes> configure(Host& host, const Wish& wish) {
  TRY_ASSIGN(const auto wanted, wantedFiles(host, wish));
  TRY_ASSIGN(auto written, WrittenFiles::load(host, kWrittenFiles));
  TRY_ASSIGN(auto work, CageWork::load(host));
  Changes changes;
  for (const auto& folder : {"/var/lib/bulkhead/cpapi", kSnapshots})
    TRY(host.makeDirectory(folder, kPassThrough));
  for (const auto& file : wanted) {
    TRY_ASSIGN(const auto state, written.stateOf(host, file.path, file.content));
    if (state == FileState::kCurrent) continue;
    if (state == FileState::kEdited) {
      changes.next.push_back(file.path + " was changed by hand and is left as it is");
      continue;
    }
    TRY(makeParents(host, written, file.path));
    // First the memory of it: what a kill leaves in between is ours all the same, and CageFS hears
    // of it.
    if (isOfCages(file.path)) TRY(work.updateFiles(host));
    if (file.path == kNativePhp) TRY(work.setUpSelector(host));
    TRY(written.remember(host, file.path, file.content));
    TRY(host.writeFile(file.path, file.content, kReadable));
  }
  TRY(ensureMountLine(host, work));
  TRY_ASSIGN(auto next, work.perform(host));
  append(changes, std::move(next));
  TRY(host.writeFile(kEnabledMark, "", {0600, 0, 0}));
  return changes;
}

Result<Changes> remove(Host& host) {
  TRY_ASSIGN(auto written, WrittenFiles::load(host, kWrittenFiles));
  Changes changes;
  TRY_ASSIGN(auto work, CageWork::load(host));
  TRY(host.removeFile(kEnabledMark));
  for (const auto& path : written.paths()) {
    TRY_ASSIGN(const bool edited, written.isEdited(host, path));
    if (edited && path == kIntegration) {
      TRY_ASSIGN(const auto aside, nameAside(host, path));
      TRY(host.move(path, aside, 0));
      changes.next.push_back(path + " was changed by hand and is now " + aside);
    } else if (edited) {
      changes.next.push_back(path + " was changed by hand and is left; remove it when you can");
    } else {
      if (isOfCages(path)) TRY(work.updateFiles(host));
      TRY(host.removeFile(path));
    }
    TRY(written.forget(host, path));
  }
  TRY(removeMountLine(host, work));
  TRY(removeParents(host, written));
  TRY_ASSIGN(auto next, work.perform(host));
  append(changes, std::move(next));
  TRY(host.removeTree("/var/lib/bulkhead/cpapi"));
  TRY(dbuser_map::clear(host));
  TRY(host.removeFile(kWrittenFiles));
  return changes;
}

Result<Ok> told(Host& host) {
  TRY_ASSIGN(auto work, CageWork::load(host));
  return work.told(host);
}

Result<std::vector<ManagedFile>> files(const Host& host) {
  TRY_ASSIGN(auto written, WrittenFiles::load(host, kWrittenFiles));
  std::vector<ManagedFile> all;
  for (const auto& file : kTemplateFiles) {
    const auto content = host.readFile(std::string(kTemplates) + "/" + file.name);
    TRY_ASSIGN(const auto state, written.stateOf(host, file.path, content.ok() ? *content : ""));
    all.push_back({file.path, state});
  }
  for (const auto* path : {kNativePhp, kDuplicateUids}) {
    const std::string content = path == kNativePhp ? nativePhp(host) : "";
    TRY_ASSIGN(const auto state, written.stateOf(host, path, content));
    if (state != FileState::kAbsent) all.push_back({path, state});
  }
  const auto mounts = host.readFile(kMountPoints);
  all.push_back({kMountPoints, mounts.ok() && hasLine(*mounts, kMountLine) ? FileState::kCurrent
                                                                           : FileState::kAbsent});
  return all;
}

}  // namespace bulkhead::agent::cloudlinux
