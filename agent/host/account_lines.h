// account_lines: what a line of /etc/passwd, group, shadow, gshadow, subuid or subgid is to an
// account, and how the account's own line looks. The editors of account_files.h are built on it.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent::account_lines {

enum class File { kSubUid, kSubGid, kGroupShadow, kGroup, kShadow, kPasswd };
// The way in; the way out is the reverse.
inline constexpr std::array<File, 6> kOrder = {File::kSubUid, File::kSubGid, File::kGroupShadow,
                                               File::kGroup,  File::kShadow, File::kPasswd};

const char* pathOf(File file);
std::string lineOf(File file, const Identity& who);  // as a new account gets it

std::vector<std::string_view> split(std::string_view text, char separator);
// The lines of a file; a last line without newline is a line too.
std::vector<std::string_view> linesOf(std::string_view content);
bool listsMember(std::string_view list, std::string_view name);
// The first field of a group or gshadow line that lists members.
constexpr std::size_t firstList(File file) { return file == File::kGroup ? 3 : 2; }

// What a line is to an account. A stranger's line holds something that must be the account's alone.
enum class Relation { kNone, kOwn, kMember, kStranger };
Relation relationOf(File file, std::string_view line, const Identity& who);
// A sub-id line of the account, by name or uid, whatever its range.
bool isKeyedTo(File file, std::string_view line, const Identity& who);

struct Read {
  std::string content;
  Attributes attributes;
  bool present = false;
};
// gshadow, subuid and subgid may be absent. A missing sub-id file is made; a missing gshadow means
// that this system keeps none.
Result<Read> readAccountFile(const Host& host, File file);
Error strangerIn(File file, const Identity& who);

struct Edit {
  File file;
  std::string content;
  Attributes attributes;
};
Result<Ok> writeAll(Host& host, const std::vector<Edit>& edits);

}  // namespace bulkhead::agent::account_lines
