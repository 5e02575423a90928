// FakeAdmins: administrators in memory. The main one is "alice" unless the test says otherwise.
#pragma once
#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/usecases/admin_directory.h"

namespace bulkhead::testing {

class FakeAdmins final : public api::AdminDirectory {
 public:
  FakeAdmins() {
    api::Administrator main;
    main.id = "adm_main";
    main.name = "alice";
    main.main = true;
    main.unixUser = "root";
    main.revision = 1;
    admins_.push_back(main);
  }
  // As before the main administrator was created.
  void forgetMain() { admins_.clear(); }
  // Something that happens in the middle of a change of the other database.
  void failNext(Error error) { failure_ = std::move(error); }

  Result<api::Administrator> mainAdministrator() override {
    const std::lock_guard lock(mutex_);
    for (const auto& admin : admins_)
      if (admin.main) return admin;
    api::Administrator before;
    before.name = kMainBefore;
    before.main = true;
    before.unixUser = "root";
    return before;
  }
  Result<api::Administrator> findAdministrator(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    const auto found = find(key);
    if (found == admins_.end()) return missing();
    return *found;
  }
  Result<api::Page<api::Administrator>> administrators(const api::PageQuery&) override {
    const std::lock_guard lock(mutex_);
    return api::Page<api::Administrator>{admins_, ""};
  }
  Result<Ok> addAdministrator(const api::Administrator& admin, const std::string&) override {
    const std::lock_guard lock(mutex_);
    if (failure_.has_value()) return *std::exchange(failure_, std::nullopt);
    if (find(admin.name) != admins_.end())
      return Error{Code::kAlreadyExists, "there is an administrator of this name", "username"};
    admins_.push_back(admin);
    return Ok{};
  }
  Result<api::Administrator> changeAdministrator(const api::Administrator& admin) override {
    const std::lock_guard lock(mutex_);
    const auto found = find(admin.id);
    if (found == admins_.end()) return missing();
    if (failure_.has_value()) return *std::exchange(failure_, std::nullopt);
    if (found->revision != admin.revision)
      return Error{Code::kConflict, "the administrator has changed since", ""};
    *found = admin;
    ++found->revision;
    return *found;
  }
  Result<Ok> removeAdministrator(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    if (failure_.has_value()) return *std::exchange(failure_, std::nullopt);
    const auto found = find(id);
    if (found == admins_.end()) return missing();
    admins_.erase(found);
    return Ok{};
  }
  // Password hashes by person, and whose ways in were ended.
  std::map<std::string, std::string> logins;
  std::vector<std::string> ended;
  Result<Ok> addLogin(const std::string& personId, const std::string& passwordHash) override {
    const std::lock_guard lock(mutex_);
    if (failure_.has_value()) return *std::exchange(failure_, std::nullopt);
    logins[personId] = passwordHash;
    return Ok{};
  }
  Result<Ok> endLogins(const std::string& personId) override {
    const std::lock_guard lock(mutex_);
    ended.push_back(personId);
    return Ok{};
  }
  Result<Ok> removeLogin(const std::string& personId) override {
    const std::lock_guard lock(mutex_);
    logins.erase(personId);
    return Ok{};
  }
  Result<bool> isDisabled(const std::string&) override { return false; }

 private:
  static Error missing() { return {Code::kNotFound, "there is no such administrator", ""}; }
  std::vector<api::Administrator>::iterator find(std::string_view key) {
    return std::find_if(admins_.begin(), admins_.end(),
                        [&](const auto& a) { return a.id == key || a.name == key; });
  }
  std::mutex mutex_;
  std::vector<api::Administrator> admins_;
  std::optional<Error> failure_;
};

}  // namespace bulkhead::testing
