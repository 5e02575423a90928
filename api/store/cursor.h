// Cursors: where a list goes on, opaque to callers. A cursor names its list, so that one of another
// list is refused.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "api/usecases/model.h"

namespace bulkhead::api {

struct Position {
  std::int64_t createdAt = 0;
  std::string id;
};

std::string printCursor(std::string_view list, const Position& position);
// kInvalidArgument for anything that printCursor() would not have written for the same list.
Result<Position> parseCursor(std::string_view list, std::string_view text);

// Where the query starts: at its cursor, or at `first`.
Result<Position> startOf(std::string_view list, const PageQuery& query, Position first = {});

// Rows a query has to fetch for a page: one more than it shows tells whether there is a next page.
std::uint32_t pageSize(const PageQuery& query);

// Turns fetched rows (at most pageSize() + 1) into a page. T has createdAt and id.
template <typename T>
Page<T> makePage(std::string_view list, std::vector<T> rows, const PageQuery& query) {
  Page<T> page;
  const std::size_t shown = pageSize(query);
  if (rows.size() > shown) {
    rows.resize(shown);
    page.nextCursor = printCursor(list, {rows.back().createdAt, rows.back().id});
  }
  page.items = std::move(rows);
  return page;
}

}  // namespace bulkhead::api
