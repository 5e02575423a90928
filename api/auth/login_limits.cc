// The rates.
#include "api/auth/login_limits.h"

namespace bulkhead::api {
namespace {

// Of one name from one address: five at once, then five a minute. Not of the name alone: a stranger
// could keep its owner out.
constexpr Rate kPerNameThere{5, 12};
constexpr Rate kPerAddress{20, 3};  // twenty at once, then twenty a minute
// Of one name from everywhere: what many strangers can guess together. A few addresses use it up,
// so it does not count where the name's owner has logged in lately; there kPerNameThere alone does.
constexpr Rate kPerName{20, 3};
constexpr std::size_t kNameKeyMax = 64;  // of the limiter's memory

}  // namespace

LoginLimits::LoginLimits(std::int64_t knownPlaceMicros, const Clock& clock)
    : perNameThere_(kPerNameThere, clock),
      perName_(kPerName, clock),
      perAddress_(kPerAddress, clock),
      knownPlaces_(knownPlaceMicros, clock) {}

LoginLimits::Tries LoginLimits::triesOf(const std::string& username, const std::string& address) {
  Tries tries{addressKey(address), username.substr(0, kNameKeyMax), "", false};
  tries.nameThere = tries.name + '\n' + tries.from;
  return tries;
}

std::optional<int> LoginLimits::take(Tries& tries) {
  auto wait = perAddress_.take(tries.from);
  if (wait) return wait;
  wait = perNameThere_.take(tries.nameThere);
  if (wait) {
    perAddress_.giveBack(tries.from);
    return wait;
  }
  if (knownPlaces_.has(tries.nameThere)) return std::nullopt;
  wait = perName_.take(tries.name);
  tries.ofName = !wait;
  if (wait) giveBack(tries);
  return wait;
}

void LoginLimits::giveBack(const Tries& tries) {
  perAddress_.giveBack(tries.from);
  perNameThere_.giveBack(tries.nameThere);
  if (tries.ofName) perName_.giveBack(tries.name);
}

std::optional<int> LoginLimits::takeFrom(const std::string& address) {
  return perAddress_.take(addressKey(address));
}

void LoginLimits::giveBackFrom(const std::string& address) {
  perAddress_.giveBack(addressKey(address));
}

}  // namespace bulkhead::api
