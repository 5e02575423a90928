// CpapiScripts: the control panel interface as the server sees it. A call is answered with the
// whole document that its script prints, whatever happens; nothing is changed by it.
#pragma once
#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/cpapi/outcome.h"
#include "common/cpapi/script.h"

namespace bulkhead::api {

struct ScriptAnswer {
  cpapi::Outcome outcome = cpapi::Outcome::kInternal;
  std::string document;
  std::shared_ptr<const std::string> shared;  // stands for `document` when it is set
};

class CpapiScripts {
 public:
  virtual ~CpapiScripts() = default;
  // `caller` is the uid that the kernel vouches for. Called by several threads at once.
  virtual ScriptAnswer run(cpapi::Script script,
                           std::span<const std::string_view> arguments,
                           uid_t caller) = 0;
  // Who signed in behind a token of the panel's own pages; kOk with a plain document, or anything
  // else without one.
  virtual ScriptAnswer userInfo(std::string_view token) = 0;
};

}  // namespace bulkhead::api
