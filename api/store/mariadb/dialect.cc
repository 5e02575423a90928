#include "api/store/mariadb/dialect.h"

#include <algorithm>
#include <charconv>

namespace bulkhead::api::mariadb {

Translated translate(std::string_view sql) {
  Translated out;
  out.answersRows = sql.starts_with("SELECT");
  char quote = '\0';
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    out.sql += c;
    if (quote != '\0') {
      if (c == quote) quote = '\0';  // a doubled one opens again at once
      continue;
    }
    if (c == '\'' || c == '"' || c == '`') quote = c;
    if (c != '?') continue;
    int number = 0;
    const char* const digits = sql.data() + i + 1;
    const auto read = std::from_chars(digits, sql.data() + sql.size(), number);
    i += static_cast<std::size_t>(read.ptr - digits);
    if (read.ptr == digits) number = out.largest + 1;
    out.largest = std::max(out.largest, number);
    out.parameters.push_back(number);
  }
  return out;
}

}  // namespace bulkhead::api::mariadb
