// Lists of whoever does not reach everything: the end of a WHERE, the same in every database.
#pragma once
#include <string>
#include <string_view>

#include "api/usecases/model.h"

namespace bulkhead::api {

// What keeps a list to the query's reach, with `parameter` for its id; "" for whoever reaches
// everything. "#" stands for that parameter in the two conditions.
std::string withinReach(const PageQuery& query,
                        std::string_view ofAccount,
                        std::string_view ofReseller,
                        int parameter);
// Whether that parameter is there to be bound.
bool bindsReach(const PageQuery& query);
// A cursor is good for the list of whoever got it.
std::string listName(std::string name, const PageQuery& query);

}  // namespace bulkhead::api
