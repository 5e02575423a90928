// hooks: CloudLinux's hook scripts, which a panel tells of its users, domains, packages and
// administrators. Which script, with which arguments, is fixed here and nowhere else.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "agent/host/tell.h"
#include "common/core/result.h"

namespace bulkhead::agent::hooks {

inline constexpr const char* kDirectory = "/usr/share/cloudlinux/hooks";
inline constexpr const char* kUserPost = "post_modify_user.py";
inline constexpr const char* kUserPre = "pre_modify_user.py";
inline constexpr const char* kDomainPost = "post_modify_domain.py";
inline constexpr const char* kPackagePost = "post_modify_package.py";
inline constexpr const char* kAdminPost = "post_modify_admin.py";

struct Invocation {
  std::string script;                  // a file name of kDirectory
  std::vector<std::string> arguments;  // exactly as CloudLinux documents them
  // Instead, when the script calls the first form a wrong use (exit code 2): the option of
  // "administrator created" is documented in one way and implemented in another.
  std::optional<std::vector<std::string>> otherwise;
};

Invocation adminCreated(const std::string& user);
Invocation adminRemoved(const std::string& user);
Invocation userCreated(const std::string& user, const std::string& owner);
Invocation userRenamed(const std::string& oldName, const std::string& name);
Invocation userMoved(const std::string& user, const std::string& owner);
Invocation userRemoving(const std::string& user);
Invocation userRemoved(const std::string& user);
Invocation userRestored(const std::string& user);
enum class Subdomains { kStay, kFollow };
Invocation domainRenamed(const std::string& user,
                         const std::string& oldName,
                         const std::string& name,
                         Subdomains subdomains);
Invocation packageRenamed(const std::string& oldName, const std::string& name);

std::string pathOf(const Invocation& invocation);
// Those of the five that this host has.
Result<std::vector<std::string>> present(const Host& host);

// `key` as OutsideProgram has it.
Result<Told> run(Host& host, const Invocation& invocation, const std::string& key);

}  // namespace bulkhead::agent::hooks
