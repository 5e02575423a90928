// PlanName: what a plan is called, in any language, unique in the panel.
#pragma once
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

class PlanName {
 public:
  static constexpr std::size_t kMaxCharacters = 64;  // fits a table's column
  // 1-64 visible characters of valid UTF-8 without '/', no space at either end, not like an id
  // ("pln_") or an option ("-"). Characters that show nothing or reorder others are refused: a plan
  // must not be able to look like another one.
  static Result<PlanName> parse(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit PlanName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bulkhead
