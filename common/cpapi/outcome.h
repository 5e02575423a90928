// How a call of a CPAPI script ends: the word in its document and the exit status of the program.
#pragma once
#include <string_view>

namespace bulkhead::cpapi {

// The numbers are the exit statuses.
enum class Outcome { kOk = 0, kInternal = 1, kDenied = 2, kBadRequest = 3, kNotFound = 4 };

// Only "0 on success" is promised by the interface. Should a consumer insist on 0 whenever there is
// a document, this is the one place to say so.
inline constexpr bool kErrorsHaveTheirOwnStatus = true;

constexpr int exitStatus(Outcome outcome) {
  return kErrorsHaveTheirOwnStatus ? static_cast<int>(outcome) : 0;
}

// The value of metadata.result.
std::string_view outcomeName(Outcome outcome);

// Why a call is refused: fixed words and, where it helps, the piece of input that is meant. Both
// live as long as the arguments do.
struct Fault {
  Outcome outcome = Outcome::kInternal;
  std::string_view why;
  std::string_view what;
};

}  // namespace bulkhead::cpapi
