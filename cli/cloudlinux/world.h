// What is known about the panel under test: its file, root's answers, and who plays whom. Rules
// and placeholders read it.
#pragma once
#include <sys/stat.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "cli/cloudlinux/check.h"
#include "cli/cloudlinux/integration_ini.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {

// The host as far as checks look at it without a script.
class HostView {
 public:
  HostView() = default;
  HostView(const HostView&) = delete;
  HostView& operator=(const HostView&) = delete;
  virtual ~HostView() = default;
  virtual std::optional<Person> person(const std::string& name) const = 0;     // passwd and group
  virtual std::string read(const std::string& path) const = 0;                 // "" when absent
  virtual std::optional<struct stat> look(const std::string& path) const = 0;  // follows links
};
const HostView& thisHost();

class World {
 public:
  World(const HostView& host, std::string iniPath) : host_(host), iniPath_(std::move(iniPath)) {}

  const HostView& host() const { return host_; }
  const std::string& iniPath() const { return iniPath_; }
  // The file, or why it could not be read.
  const Result<IntegrationIni>& ini() const { return ini_; }
  void setIni(Result<IntegrationIni> ini) { ini_ = std::move(ini); }

  // "users", "domains --with-php": the `data` of root's answer; null when there is none.
  const Json& data(std::string_view call) const;
  void setData(const std::string& call, Json data) { data_[call] = std::move(data); }

  // Picks the cast and fills the words from the answers.
  void choose(const CastNames& names);
  std::optional<Person> cast(As as) const;
  std::optional<std::string> word(std::string_view name) const;
  // With every {word} replaced; the name of a missing word as the error's field.
  Result<std::string> expand(std::string_view text) const;

  // Names of panel users with this uid: two may share one.
  std::set<std::string> usersWithUid(uid_t uid) const;
  std::set<std::string> ownerNames() const;  // admins and resellers
  std::uint64_t uidMax() const;              // of login.defs

  // The slowest median so far, for the check that closes the list.
  void noteTime(const std::string& check, double milliseconds);
  double slowestMs() const { return slowestMs_; }
  const std::string& slowest() const { return slowest_; }
  // Digests of the files that reading must not change, taken before the first call.
  void noteFilesBefore();
  std::vector<std::string> filesChanged() const;

 private:
  void chooseUsers(const CastNames& names);
  void chooseDomainWords();
  void chooseOwnerWords();

  const HostView& host_;
  std::string iniPath_;
  Result<IntegrationIni> ini_ = Error{Code::kNotFound, "not read yet", ""};
  std::map<std::string, Json, std::less<>> data_;
  std::map<As, Person> cast_;
  std::map<std::string, std::string, std::less<>> words_;
  std::map<std::string, std::string> filesBefore_;
  double slowestMs_ = 0;
  std::string slowest_;
};

}  // namespace bulkhead::cli::cloudlinux
