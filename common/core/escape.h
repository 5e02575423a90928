// Untrusted text inside one line of a log or a record: quoted, ASCII only, so that it can neither
// end the line nor move a terminal's cursor.
#pragma once
#include <string>
#include <string_view>

namespace bulkhead {

// A JSON string with its quotes. Everything below 0x20 and above 0x7e is \uXXXX (surrogate pairs
// above U+FFFF); a byte that is not valid UTF-8 becomes \ufffd.
std::string quoteAscii(std::string_view text);

}  // namespace bulkhead
