// Username: the name of a hosting account and of its system user.
#pragma once
#include <compare>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

class Username {
 public:
  static constexpr std::size_t kMaxLength = 32;  // utmp and Docker labels; useradd's own limit
  // 1-32 of [a-z0-9_-], first a letter, last not '-'. Refuses names that a system would give to a
  // service (root, www-data, systemd-*, docker, ...). Whether the name is in use on this host is
  // asked later, on the root side.
  static Result<Username> parse(std::string_view text);
  const std::string& text() const { return text_; }
  auto operator<=>(const Username&) const = default;

 private:
  explicit Username(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// True for names that no account may have, whatever the host looks like today.
bool isReservedName(std::string_view name);

}  // namespace bulkhead
