// The text form of the registry's records, and what makes one unbelievable.
#pragma once
#include <string>
#include <string_view>

#include "agent/registry/registry.h"

namespace bulkhead::agent {

std::string_view stateName(AccountState state);

std::string printAccount(const AccountRecord& record);
// `name` is the file's name: a record must speak of the account that it is filed under, with the
// uid, home and sub-uids that this agent would have given. Refusals say what is wrong, without the
// path.
Result<AccountRecord> parseAccount(const std::string& name, std::string_view text);
// The same, without parsing again what this thread has understood before.
Result<AccountRecord> recallAccount(const std::string& name, std::string_view text);

std::string printRename(const RenameIntent& intent);
// `uid` is the file's name.
Result<RenameIntent> parseRename(uid_t uid, std::string_view text);

std::string printSite(const SiteRecord& site);
Result<SiteRecord> parseSite(const std::string& domain, std::string_view text);

// Everything that follows from a name and a uid.
Identity identityFor(const std::string& name, uid_t uid);

}  // namespace bulkhead::agent
