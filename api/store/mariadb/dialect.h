// The repositories' SQL as MariaDB's protocol takes it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::api::mariadb {

// `sql` with "?" for every parameter, and which parameter (from 1) each of them is, in order. As
// SQLite counts: "?3" is the third, and "?" is one more than the largest so far. Text in quotes is
// left as it is.
struct Translated {
  std::string sql;
  std::vector<int> parameters;
  int largest = 0;
  bool answersRows = false;  // it is a SELECT
};
Translated translate(std::string_view sql);

}  // namespace bulkhead::api::mariadb
