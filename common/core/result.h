// Result<T>: the value of a call that may be refused, or a typed error. Expected refusals are
// values; exceptions are faults and are caught once per process.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bulkhead {

// The closed list of reasons. Each has a stable snake_case name, which is what REST, CLI, RPC and
// audit print.
enum class Code {
  kInvalidArgument,   // the input itself is wrong; the same call can never succeed
  kUnauthenticated,   // no or wrong credentials
  kPermissionDenied,  // known caller, not allowed; the message names the rule
  kNotFound,
  kAlreadyExists,
  kConflict,       // the state of the object does not allow it now
  kLimitExceeded,  // a plan, policy or size limit
  kUnsupported,    // this host cannot do it (for example: no project quotas)
  kUnavailable,    // a part is down; retry later
  kBusy,           // a lock or budget is taken; retry later
  kTimeout,
  kCancelled,
  kAuditUnavailable,  // the audit log cannot record it, so it was not done
  kInternal,
};

std::string_view codeName(Code code);
// Answers kInternal for a name that is not in the list: a peer of another version must not crash
// us.
Code codeFromName(std::string_view name);
// True when the same call may succeed later without a change by the caller.
bool isRetryable(Code code);

struct Error {
  Code code;
  std::string message;  // for people; never secrets, stack or SQL
  std::string field;    // the parameter at fault, "" when none
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)  // NOLINT(google-explicit-constructor): return a value or an Error directly
      : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // value() of an error and error() of a value throw std::bad_variant_access: a programmer's fault.
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T value() && { return std::get<0>(std::move(state_)); }  // by value: safe in a range-for
  const Error& error() const { return std::get<1>(state_); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

 private:
  std::variant<T, Error> state_;
};

// The value of a call that has nothing to say but that it went well.
struct Ok {};

}  // namespace bulkhead

// TRY_ASSIGN(auto name, parse(text)): binds the value, or returns the error from the calling
// function.
#define BULKHEAD_CONCAT_(a, b) a##b
#define BULKHEAD_CONCAT(a, b) BULKHEAD_CONCAT_(a, b)
#define TRY_ASSIGN(declaration, expression)                                                      \
  auto BULKHEAD_CONCAT(tried_, __LINE__) = (expression);                                         \
  if (!BULKHEAD_CONCAT(tried_, __LINE__).ok()) return BULKHEAD_CONCAT(tried_, __LINE__).error(); \
  declaration = std::move(BULKHEAD_CONCAT(tried_, __LINE__)).value()
// TRY(step()): returns the error from the calling function, drops the value.
#define TRY(expression)                    \
  do {                                     \
    auto tried = (expression);             \
    if (!tried.ok()) return tried.error(); \
  } while (false)
