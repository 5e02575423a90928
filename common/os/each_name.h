// A pass over a directory of any size: one name at a time, so that nobody's files cost memory here.
#pragma once
#include <functional>
#include <string>

#include "common/core/result.h"

namespace bulkhead::os {

enum class Pass { kGoOn, kStop };
// Names without "." and "..", as the kernel gives them. What is removed meanwhile may still be
// named; what is added may be missed.
Result<Ok> eachName(int directory,
                    const std::string& what,
                    const std::function<Result<Pass>(const std::string&)>& visit);

}  // namespace bulkhead::os
