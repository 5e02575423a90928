// Account files: the lines of one account in /etc/passwd, group, shadow, gshadow, subuid and
// subgid, kept by an editor of our own. useradd and userdel leave partial users when they die and
// refuse to mend them; here each file is looked at by itself and replaced atomically, under the
// lock that those tools take too. passwd comes last on the way in and first on the way out, so a
// name that the system can see is always complete.
#pragma once
#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent {

// Refuses, with kAlreadyExists, a name that any of the files knows: before an account has an
// identity.
Result<Ok> checkNameIsFree(const Host& host, const std::string& username);

// Whose the identity is, as far as passwd says.
enum class Holder { kNobody, kAccount, kStranger };
Result<Holder> holderOf(const Host& host, const Identity& who);

// Adds what is missing. kAlreadyExists when a name, id or sub-id range of `who` is held by a line
// that is not the account's: nothing has been changed then. kBusy when another tool keeps the lock.
// Once the account stands, what an administrator changed in its lines (shell, real name, password,
// further groups) is left alone.
Result<Ok> ensureAccountFiles(Host& host, const Identity& who);
// True when passwd does not have the name, and a line of somebody else holds its uid, gid or a part
// of its sub-ids: this identity can no more become an account's.
Result<bool> isIdTaken(const Host& host, const Identity& who);
// Removes the lines that a creation wrote which did not get to passwd: those very lines.
Result<Ok> removeUnfinished(Host& host, const Identity& who);
// Removes the account's lines, and its name from the member lists of other groups: a later account
// of that name must not inherit them. kConflict when the name or uid belongs to somebody else by
// now.
Result<Ok> removeAccountFiles(Host& host, const Identity& who);

// Gives the account another name and home in all files, and in the member lists of other groups;
// everything else of its lines stays. A file that has the new name already is left alone, so a call
// that was cut off is completed by the next. kAlreadyExists when the new name is somebody else's,
// kConflict when there is no line of the account.
Result<Ok> renameAccountFiles(Host& host, const Identity& from, const Identity& to);

Result<Proof> proveAccountFiles(const Host& host,
                                const Identity& who);  // also: no password opens it
Result<Proof> proveNoAccountFiles(const Host& host, const Identity& who);

}  // namespace bulkhead::agent
