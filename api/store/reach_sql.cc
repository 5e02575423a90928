#include "api/store/reach_sql.h"

namespace bulkhead::api {

std::string withinReach(const PageQuery& query,
                        std::string_view ofAccount,
                        std::string_view ofReseller,
                        int parameter) {
  if (query.within.everything()) return "";
  if (!bindsReach(query)) return " AND 1=0";
  const bool account = query.within.kind == Reach::Kind::kAccount;
  std::string condition(account ? ofAccount : ofReseller);
  const std::string number = "?" + std::to_string(parameter);
  for (auto at = condition.find('#'); at != std::string::npos; at = condition.find('#'))
    condition.replace(at, 1, number);
  return " AND " + condition;
}

bool bindsReach(const PageQuery& query) {
  return query.within.kind == Reach::Kind::kAccount || query.within.kind == Reach::Kind::kReseller;
}

std::string listName(std::string name, const PageQuery& query) { return name + query.within.id; }

}  // namespace bulkhead::api
