// Root with good and bad arguments. Good ones must leave out exactly what the filter excludes; bad
// ones have one right kind of refusal each.
#include "cli/cloudlinux/check.h"

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr auto kStated = Severity::kStated;
constexpr auto kReading = Severity::kReading;
constexpr auto kRoot = As::kRoot;

Check ok(std::string_view name,
         std::string_view section,
         Severity severity,
         std::string_view script,
         std::vector<std::string_view> arguments) {
  return {.name = name,
          .section = section,
          .severity = severity,
          .as = kRoot,
          .script = script,
          .arguments = std::move(arguments),
          .want = Want::kOk};
}
Check bad(std::string_view name,
          Severity severity,
          std::string_view script,
          std::vector<std::string_view> arguments) {
  return {.name = name,
          .section = "3.2",
          .severity = severity,
          .as = kRoot,
          .script = script,
          .arguments = std::move(arguments),
          .want = Want::kBadRequest};
}
Check missing(std::string_view name,
              std::string_view section,
              Severity severity,
              std::string_view script,
              std::vector<std::string_view> arguments) {
  return {.name = name,
          .section = section,
          .severity = severity,
          .as = kRoot,
          .script = script,
          .arguments = std::move(arguments),
          .want = Want::kNotFound};
}

std::vector<Check> goodArguments() {
  return {
      ok("users --owner=X answers X's users", "5.4", kStated, "users", {"--owner={owner}"}),
      ok("users takes the value as a word of its own", "3.4", kStated, "users",
         {"--owner", "{owner}"}),
      ok("users takes -o", "5.4", kStated, "users", {"-o", "{owner}"}),
      ok("users takes -o with the value attached", "3.4", kReading, "users", {"-o{owner}"}),
      ok("an owner of nobody has an empty list", "5.4", kReading, "users",
         {"--owner={idle_owner}"}),
      ok("users by package are that package's", "5.4", kStated, "users",
         {"--package-name={package}", "--package-owner={package_owner}"}),
      ok("the order of options is free", "3.4", kReading, "users",
         {"--package-owner={package_owner}", "--package-name={package}"}),
      ok("users --username is a list of one", "5.4", kStated, "users", {"--username={user}"}),
      ok("users --unix-id is a list of one", "5.4", kStated, "users", {"--unix-id={user_uid}"}),
      ok("users --fields leaves out the others", "5.4", kStated, "users", {"--fields=id,email"}),
      ok("the order of fields is free", "5.4", kStated, "users", {"--fields=email,id"}),
      ok("a field named twice counts once", "5.4", kReading, "users", {"--fields=id,id"}),
      ok("all fields by name are all fields", "5.4", kStated, "users",
         {"--fields=id,username,owner,domain,package,email,locale_code"}),
      ok("the package can be the only field", "5.4", kStated, "users", {"--fields=package"}),
      ok("a filter works on a field that is not shown", "5.4", kStated, "users",
         {"--username={user}", "--fields=id"}),
      ok("packages --owner=X answers X's", "5.3", kStated, "packages",
         {"--owner={packages_owner}"}),
      ok("packages takes -o", "5.3", kStated, "packages", {"-o", "{packages_owner}"}),
      ok("an owner without packages has an empty list", "5.3", kReading, "packages",
         {"--owner={idle_owner}"}),
      ok("domains --owner=X answers X's", "5.5", kStated, "domains", {"--owner={user}"}),
      ok("domains takes -o", "5.5", kStated, "domains", {"-o", "{user}"}),
      ok("a user without domains has an empty object", "3.1", kStated, "domains",
         {"--owner={domainless}"}),
      ok("domains --name answers that one", "5.5", kStated, "domains", {"--name={user_domain}"}),
      ok("domains takes -n", "5.5", kStated, "domains", {"-n", "{user_domain}"}),
      ok("a second domain is found by its name", "5.5", kStated, "domains",
         {"--name={user_side_domain}"}),
      ok("a domain's name has no case", "5.5", kReading, "domains", {"--name={user_domain_upper}"}),
      ok("a domain's name may end with a dot", "5.5", kReading, "domains",
         {"--name={user_domain}."}),
      ok("a domain's name may be given in its own script", "5.5", kReading, "domains",
         {"--name={unicode_domain}"}),
      ok("--with-php goes with --owner", "5.5", kReading, "domains",
         {"--with-php", "--owner={user}"}),
      ok("--with-php goes with --name", "5.5", kReading, "domains",
         {"--name={user_domain}", "--with-php"}),
      ok("resellers --name answers that one", "5.6", kStated, "resellers", {"--name={reseller}"}),
      ok("resellers takes -n", "5.6", kStated, "resellers", {"-n", "{reseller}"}),
      ok("resellers --id answers that one", "5.6", kStated, "resellers", {"--id={reseller_id}"}),
      ok("admins --name answers that one", "5.7", kStated, "admins", {"--name={admin}"}),
      ok("admins takes -n", "5.7", kStated, "admins", {"-n", "{admin}"}),
      ok("admins --is-main=true answers the main one", "5.7", kStated, "admins",
         {"--is-main=true"}),
      ok("admins --is-main=false answers the others", "5.7", kStated, "admins",
         {"--is-main=false"}),
      ok("admins takes -m", "5.7", kStated, "admins", {"-m", "true"}),
      ok("admins takes --is-main and a word", "3.4", kStated, "admins", {"--is-main", "true"}),
      ok("true may be written True", "5.7", kReading, "admins", {"--is-main=True"}),
  };
}

std::vector<Check> badUsersArguments() {
  return {
      bad("an unknown option is a bad request", kStated, "users", {"--nosuch"}),
      bad("an unknown option with a value is too", kStated, "users", {"--nosuch=1"}),
      bad("--filter is an unknown option", kReading, "users", {"--filter=id,email"}),
      bad("a stray word is a bad request", kReading, "users", {"stray"}),
      bad("--help prints no usage text", kReading, "users", {"--help"}),
      bad("an option is not abbreviated", kReading, "users", {"--own={owner}"}),
      bad("a missing value is a bad request", kStated, "users", {"--owner"}),
      bad("an empty value is a bad request", kReading, "users", {"--owner="}),
      bad("an option twice is a bad request", kReading, "users",
          {"--owner={owner}", "--owner={owner}"}),
      bad("a package needs its owner", kStated, "users", {"--package-name={package}"}),
      bad("a package's owner needs the package", kStated, "users",
          {"--package-owner={package_owner}"}),
      bad("two filters exclude each other", kReading, "users",
          {"--username={user}", "--unix-id={user_uid}"}),
      bad("an owner and a user exclude each other", kReading, "users",
          {"--owner={owner}", "--username={user}"}),
      bad("a uid is a number", kStated, "users", {"--unix-id=abc"}),
      bad("a uid is not negative", kReading, "users", {"--unix-id=-1"}),
      bad("a uid has no exponent", kReading, "users", {"--unix-id=1e3"}),
      bad("a uid is not hexadecimal", kReading, "users", {"--unix-id=0x3e9"}),
      bad("a uid has 32 bits", kReading, "users", {"--unix-id=99999999999999"}),
      bad("a uid has no blank before it", kReading, "users", {"--unix-id= {user_uid}"}),
      bad("an unknown field is a bad request", kStated, "users", {"--fields=nosuch"}),
      bad("an unknown field among known ones is too", kStated, "users", {"--fields=id,nosuch"}),
      bad("a part of a field's name is no field", kReading, "users", {"--fields=user"}),
      bad("a field of a field is no field", kReading, "users", {"--fields=package.name"}),
      bad("no field at all is a bad request", kReading, "users", {"--fields="}),
      bad("an empty item among fields is a bad request", kReading, "users", {"--fields=id,,email"}),
      bad("a flag of another script is unknown", kReading, "users", {"--with-php"}),
      bad("bad syntax counts before an unknown owner", kReading, "users",
          {"--owner={unknown}", "--nosuch"}),
  };
}

std::vector<Check> badArgumentsOfTheOthers() {
  return {
      bad("panel_info takes no argument", kReading, "panel_info", {"extra"}),
      bad("panel_info knows no option", kStated, "panel_info", {"--nosuch"}),
      bad("db_info takes no filter", kStated, "db_info", {"--owner={user}"}),
      bad("php takes no filter", kStated, "php", {"--name=x"}),
      bad("packages knows no --name", kStated, "packages", {"--name={package}"}),
      bad("packages --owner needs a value", kStated, "packages", {"--owner"}),
      bad("domains knows no --username", kStated, "domains", {"--username={user}"}),
      bad("--with-php has no value", kReading, "domains", {"--with-php=1"}),
      bad("a domain's owner and name exclude each other", kReading, "domains",
          {"--owner={user}", "--name={user_domain}"}),
      bad("domains --owner needs a value", kStated, "domains", {"--owner"}),
      bad("domains --name= is empty", kReading, "domains", {"--name="}),
      bad("a reseller's id is a number", kStated, "resellers", {"--id=abc"}),
      bad("a reseller's id is not negative", kReading, "resellers", {"--id=-1"}),
      bad("a reseller's id has 32 bits", kReading, "resellers", {"--id=4294967296"}),
      bad("a reseller's id and name exclude each other", kReading, "resellers",
          {"--id={reseller_id}", "--name={reseller}"}),
      bad("resellers knows no --owner", kStated, "resellers", {"--owner={main_admin}"}),
      bad("--is-main is true or false", kReading, "admins", {"--is-main=maybe"}),
      bad("--is-main is not a number", kReading, "admins", {"--is-main=1"}),
      bad("--is-main needs a value", kStated, "admins", {"--is-main"}),
      bad("an admin's name and --is-main exclude each other", kReading, "admins",
          {"--name={admin}", "--is-main=true"}),
      bad("admins knows no --owner", kStated, "admins", {"--owner={main_admin}"}),
      bad("a value of 100,000 bytes with an unknown option is a bad request", kReading, "domains",
          {"--nosuch", "{long}"}),
  };
}

std::vector<Check> nothingFound() {
  return {
      missing("an unknown owner is not found", "5.4", kStated, "users", {"--owner={unknown}"}),
      missing("a user is no owner of users", "5.4", kReading, "users",
              {"--owner={ownerless_user}"}),
      missing("an unknown user is not found", "5.4", kStated, "users", {"--username={unknown}"}),
      missing("root is no user of the panel", "5.4", kReading, "users", {"--username=root"}),
      missing("uid 0 is no user of the panel", "5.4", kReading, "users", {"--unix-id=0"}),
      missing("an unknown uid is not found", "5.4", kStated, "users", {"--unix-id=4294967294"}),
      missing("the largest uid is a number like others", "5.4", kReading, "users",
              {"--unix-id=4294967295"}),
      missing("an unknown package is not found", "5.4", kStated, "users",
              {"--package-name={unknown}", "--package-owner={package_owner}"}),
      missing("a package of another owner is not found", "5.4", kStated, "users",
              {"--package-name={package}", "--package-owner={unknown}"}),
      missing("a user's name has its case", "5.4", kReading, "users", {"--username={user_upper}"}),
      missing("packages of an unknown owner are not found", "5.3", kStated, "packages",
              {"--owner={unknown}"}),
      missing("domains of an unknown owner are not found", "5.5", kStated, "domains",
              {"--owner={unknown}"}),
      missing("a reseller without account owns no domains", "5.5", kReading, "domains",
              {"--owner={accountless_reseller}"}),
      missing("an unknown domain is not found", "5.5", kStated, "domains",
              {"--name={unknown_domain}"}),
      missing("a name below a domain is not that domain", "5.5", kReading, "domains",
              {"--name=x.{user_domain}"}),
      missing("an unknown reseller is not found", "5.6", kStated, "resellers",
              {"--name={unknown}"}),
      missing("an admin is no reseller", "5.6", kStated, "resellers", {"--name={main_admin}"}),
      missing("the largest reseller id is a number like others", "5.6", kReading, "resellers",
              {"--id=4294967295"}),
      missing("an unknown admin is not found", "5.7", kStated, "admins", {"--name={unknown}"}),
      missing("a reseller is no admin", "5.7", kStated, "admins", {"--name={reseller}"}),
      missing("a value may begin with a dash", "3.4", kReading, "users", {"--owner=-x"}),
      missing("a value may hold anything", "3.4", kReading, "users", {"--owner=$(id);'\"<x>\\"}),
  };
}

}  // namespace

std::vector<Check> argumentChecks() {
  std::vector<Check> all;
  for (auto list :
       {goodArguments(), badUsersArguments(), badArgumentsOfTheOthers(), nothingFound()})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace bulkhead::cli::cloudlinux
