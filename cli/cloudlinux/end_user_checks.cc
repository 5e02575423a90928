// Everybody but root: what is theirs, and no word about anybody else. Refusals come before the
// question whether a thing exists, so that nobody can find out by asking.
#include "cli/cloudlinux/check.h"

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr auto kStated = Severity::kStated;
constexpr auto kReading = Severity::kReading;

Check call(std::string_view name,
           std::string_view section,
           Severity severity,
           As as,
           std::string_view script,
           std::vector<std::string_view> arguments,
           Want want,
           std::string_view like = {}) {
  return {.name = name,
          .section = section,
          .severity = severity,
          .as = as,
          .script = script,
          .arguments = std::move(arguments),
          .want = want,
          .like = like};
}

std::vector<Check> theUser() {
  constexpr auto kAs = As::kUser;
  constexpr auto kDenied = Want::kPermissionDenied;
  return {
      call("panel_info is for everybody", "4.1", kStated, kAs, "panel_info", {}, Want::kOk),
      call("a user gets no db_info", "4.1", kStated, kAs, "db_info", {}, kDenied),
      call("a user gets no packages", "4.1", kStated, kAs, "packages", {}, kDenied),
      call("a user gets no users", "4.1", kStated, kAs, "users", {}, kDenied),
      call("a user gets no resellers", "4.1", kStated, kAs, "resellers", {}, kDenied),
      call("a user gets no admins", "4.1", kStated, kAs, "admins", {}, kDenied),
      call("a user gets php or a refusal", "4.1", kReading, kAs, "php", {}, Want::kOkOrDenied),
      call("a user gets not even its own row", "5.4", kReading, kAs, "users", {"--username={user}"},
           kDenied),
      call("a user gets its own domains", "5.5", kStated, kAs, "domains", {}, Want::kOk),
      call("a user may name itself", "5.5", kStated, kAs, "domains", {"--owner={user}"}, Want::kOk),
      call("a user may name its domain", "5.5", kStated, kAs, "domains", {"--name={user_domain}"},
           Want::kOk),
      call("a user may name its second domain", "5.5", kStated, kAs, "domains",
           {"-n", "{user_side_domain}"}, Want::kOk),
      call("a user gets its own PHP", "5.5", kStated, kAs, "domains", {"--with-php"}, Want::kOk),
      call("a user asks for another's domains in vain", "3.2", kStated, kAs, "domains",
           {"--owner={other}"}, kDenied),
      call("an owner that does not exist is refused in the same words", "3.2", kReading, kAs,
           "domains", {"--owner={unknown}"}, kDenied, "a user asks for another's domains in vain"),
      call("root's name is refused in the same words", "3.2", kReading, kAs, "domains",
           {"--owner=root"}, kDenied, "a user asks for another's domains in vain"),
      call("a user asks for another's domain in vain", "3.2", kReading, kAs, "domains",
           {"--name={other_domain}"}, Want::kDeniedOrNotFound),
      call("a domain that does not exist is refused in the same words", "3.2", kReading, kAs,
           "domains", {"--name={unknown_domain}"}, Want::kDeniedOrNotFound,
           "a user asks for another's domain in vain"),
      call("another's PHP is refused", "3.2", kStated, kAs, "domains",
           {"--with-php", "--owner={other}"}, kDenied),
      call("a user's bad option is a bad request", "3.2", kReading, kAs, "domains", {"--nosuch"},
           Want::kBadRequest),
      call("a bad option counts before a refusal", "3.2", kReading, kAs, "users", {"--nosuch"},
           Want::kBadRequest),
      call("a refusal counts before what exists", "3.2", kReading, kAs, "users",
           {"--owner={unknown}"}, kDenied),
      call("a refusal for what exists is the same", "3.2", kReading, kAs, "users",
           {"--owner={owner}"}, kDenied, "a refusal counts before what exists"),
  };
}

std::vector<Check> theOthers() {
  constexpr auto kDenied = Want::kPermissionDenied;
  return {
      call("the second user gets its own domains", "5.5", kStated, As::kOther, "domains", {},
           Want::kOk),
      call("the second user gets nothing of the first", "3.2", kStated, As::kOther, "domains",
           {"--owner={user}"}, kDenied),
      call("the second user gets no users", "4.1", kStated, As::kOther, "users", {}, kDenied),
      call("a stranger gets panel_info", "4.1", kStated, As::kStranger, "panel_info", {},
           Want::kOk),
      call("a stranger has no domains", "4.1", kReading, As::kStranger, "domains", {}, Want::kOk),
      call("a stranger gets nobody's domains", "3.2", kStated, As::kStranger, "domains",
           {"--owner={user}"}, kDenied),
      call("a stranger learns no names", "3.2", kReading, As::kStranger, "domains",
           {"--owner={unknown}"}, kDenied, "a stranger gets nobody's domains"),
      call("a stranger gets no domain by name", "3.2", kReading, As::kStranger, "domains",
           {"--name={user_domain}"}, Want::kDeniedOrNotFound),
      call("a stranger gets no users", "4.1", kStated, As::kStranger, "users", {}, kDenied),
      call("a stranger gets no packages", "4.1", kStated, As::kStranger, "packages", {}, kDenied),
      call("a stranger gets no resellers", "4.1", kStated, As::kStranger, "resellers", {}, kDenied),
      call("a stranger gets no admins", "4.1", kStated, As::kStranger, "admins", {}, kDenied),
      call("a stranger gets no db_info", "4.1", kStated, As::kStranger, "db_info", {}, kDenied),
      call("a reseller's account gets its own domains only", "4.1", kReading, As::kReseller,
           "domains", {}, Want::kOk),
      call("a reseller's account gets no users", "4.1", kStated, As::kReseller, "users", {},
           kDenied),
      call("a reseller's account gets no resellers", "4.1", kStated, As::kReseller, "resellers", {},
           kDenied),
  };
}

std::vector<Check> theCage() {
  constexpr auto kDenied = Want::kPermissionDenied;
  return {
      call("panel_info works in a cage", "4.1", kStated, As::kCage, "panel_info", {}, Want::kOk),
      call("domains works in a cage", "4.1", kStated, As::kCage, "domains", {}, Want::kOk),
      call("domains of oneself works in a cage", "4.1", kStated, As::kCage, "domains",
           {"--owner={user}"}, Want::kOk),
      call("a domain by name works in a cage", "4.1", kStated, As::kCage, "domains",
           {"--name={user_domain}"}, Want::kOk),
      call("--with-php works in a cage", "4.1", kStated, As::kCage, "domains", {"--with-php"},
           Want::kOk),
      call("a cage shows nothing of others", "3.2", kStated, As::kCage, "domains",
           {"--owner={other}"}, kDenied),
      call("a cage tells no names", "3.2", kReading, As::kCage, "domains", {"--owner={unknown}"},
           kDenied, "a cage shows nothing of others"),
      call("users is refused in a cage", "4.1", kStated, As::kCage, "users", {}, kDenied),
      call("a bad option is a bad request in a cage", "3.2", kReading, As::kCage, "domains",
           {"--nosuch"}, Want::kBadRequest),
      call("the second user's cage shows its own domains", "4.1", kStated, As::kCageOther,
           "domains", {}, Want::kOk),
      call("the second user's cage shows nothing of the first", "3.2", kStated, As::kCageOther,
           "domains", {"--owner={user}"}, kDenied),
  };
}

}  // namespace

std::vector<Check> endUserChecks() {
  std::vector<Check> all;
  for (auto list : {theUser(), theOthers(), theCage()})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace bulkhead::cli::cloudlinux
