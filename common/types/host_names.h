// Names that belong to the host: its Unix users, its PHP versions, the users of its database
// server.
#pragma once
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

// A Unix user that is not of the panel's making; unlike Username it may be one of the system's.
class UnixUser {
 public:
  static constexpr std::size_t kMaxLength = 32;  // useradd's own limit
  // 1-32 of [a-z0-9_-], first a letter or '_', last not '-'.
  static Result<UnixUser> parse(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit UnixUser(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

class PhpIdentifier {
 public:
  // 2-8 of [a-z], "-php", 2-3 digits: "alt-php83", as CloudLinux names them.
  static Result<PhpIdentifier> parse(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit PhpIdentifier(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

class DatabaseUserName {
 public:
  static constexpr std::size_t kPerAccountMax = 1000;  // they fit into one message to the agent
  static constexpr std::size_t kMaxLength = 32;        // MySQL's; the map of users has room for 63
  // 1-32 of [A-Za-z0-9_], first a letter: nothing that a line of the map of users could break on.
  static Result<DatabaseUserName> parse(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit DatabaseUserName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bulkhead
