// Text that no type of common/types may take, whatever it is for. Each type's test runs the whole
// list; a type adds its own on top.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::testing {

using namespace std::string_view_literals;

// Refused by every parse(): each would change the meaning of a line, a path, a command or a log
// somewhere.
inline std::vector<std::string> poison() {
  std::vector<std::string> list;
  for (const auto text : {
           ""sv,  // nothing
           " "sv,
           "\t"sv,
           " a.test"sv,
           "a.test "sv,  // space around or alone
           "a\0b.test"sv,
           "a.test\0"sv,
           "\0"sv,  // NUL: C code sees another text
           "a.test\n"sv,
           "a\nb.test"sv,
           "a.test\r\n"sv,
           "\r"sv,
           "-a.test"sv,
           "--help"sv,
           "-"sv,
           "-rf"sv,  // taken for an option
           "/"sv,
           "/etc/passwd"sv,
           "a/b.test"sv,
           "a.test/"sv,
           "\\"sv,
           "a\\b.test"sv,
           "."sv,
           ".."sv,
           "../a"sv,
           "a/../b"sv,
           "..a.test"sv,
           "a..test"sv,
           "a b.test"sv,
           "a;b.test"sv,
           "a'b.test"sv,
           "a\"b.test"sv,
           "a$b.test"sv,
           "a`b`.test"sv,
           "$(id).test"sv,
           "a|b.test"sv,
           "a&b.test"sv,
           "a>b.test"sv,
           "a{b}.test"sv,
           "a#b.test"sv,
           "a%00.test"sv,
           "a%0a.test"sv,
           "@a.test"sv,
           "~a.test"sv,
           "a:b.test"sv,
           "a,b.test"sv,
           "a=b.test"sv,
           "a!b.test"sv,
           "a?b.test"sv,
           "a[b].test"sv,
           "a(b).test"sv,
           "a^b.test"sv,
           "*"sv,
           "*.a.test"sv,
           "a.*.test"sv,
           "a*.test"sv,
           "a\x01.test"sv,
           "a\x1b[0m.test"sv,
           "a\x7f.test"sv,  // control characters
           "a\x80.test"sv,
           "\xc3"sv,
           "a\xc0\xaf.test"sv,
           "\xff\xfe"sv,            // not UTF-8, or an overlong '/'
           "a\xed\xa0\x80.test"sv,  // a surrogate
           "a\xe2\x80\xae.test"sv,
           "a\xe2\x80\x8b.test"sv,  // right-to-left override, zero-width space
           "a\xc2\xad"
           "b.test"sv,
           "\xef\xbb\xbf"
           "a.test"sv,  // soft hyphen, byte order mark
           "a\xef\xbc\x8f"
           "b.test"sv,
           "a\xe2\x88\x95"
           "b.test"sv,  // full-width and division slash
           "a\xe3\x80\x82test"sv,
           "\xef\xbd\x81.test"sv,  // ideographic full stop, full-width letter
           "\xe2\x84\xaa.test"sv,  // Kelvin sign (lower case: k)
       })
    list.emplace_back(text);
  list.emplace_back(std::string(1U << 20U, 'a'));  // a mebibyte
  list.emplace_back(std::string(1U << 20U, '.'));
  return list;
}

// A poison value as a failing test can show it.
inline std::string shown(std::string_view text) {
  std::string out;
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\')
      out += c;
    else
      out += std::string("\\x") + kHex[byte >> 4U] + kHex[byte & 15U];
  }
  return out;
}

}  // namespace bulkhead::testing
