// Reaching: whether something is within what somebody reaches. The answer is the same for what lies
// beyond and for what is not there at all.
#pragma once
#include <string>
#include <string_view>

#include "api/store/store.h"
#include "api/usecases/model.h"
#include "common/core/result.h"

namespace bulkhead::api {

bool reaches(const Reach& reach, const Account& account);
bool reaches(const Reach& reach, const Plan& plan);
bool reaches(const Reach& reach, const Reseller& reseller);

// What a request can name by an id or a name. kOther: things of which only whoever reaches
// everything has a part.
enum class Named { kAccount, kDomain, kPlan, kReseller, kOwner, kJob, kOther };

// Asked before a request's handler runs. Called by many threads at once.
class Borders {
 public:
  virtual ~Borders() = default;
  // kNotFound for what is beyond, in the words for what is not there. Asks nothing of whoever
  // reaches everything.
  virtual Result<Ok> check(const Reach& reach, Named what, const std::string& idOrName) = 0;
};

class StoreBorders final : public Borders {
 public:
  explicit StoreBorders(Store& store) : store_(store) {}
  Result<Ok> check(const Reach& reach, Named what, const std::string& idOrName) override;

 private:
  Store& store_;
};

}  // namespace bulkhead::api
