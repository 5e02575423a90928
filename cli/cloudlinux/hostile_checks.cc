// Claims of another identity in the environment, and surroundings as a careless or hostile caller
// leaves them. The answer must be the one of the plain call.
#include "cli/cloudlinux/check.h"

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr auto kStated = Severity::kStated;
constexpr auto kReading = Severity::kReading;

Check claim(std::string_view name,
            Severity severity,
            As as,
            std::string_view script,
            Want want,
            std::vector<std::string_view> environment) {
  return {.name = name,
          .section = "4.2",
          .severity = severity,
          .as = as,
          .script = script,
          .want = want,
          .environment = std::move(environment)};
}
Check around(std::string_view name,
             As as,
             std::string_view script,
             Want want,
             Streams streams,
             std::string_view directory = "/") {
  return {.name = name,
          .section = "4.4",
          .severity = kReading,
          .as = as,
          .script = script,
          .want = want,
          .streams = streams,
          .directory = directory};
}

std::vector<Check> claims() {
  return {
      claim("PROXYEXEC_UID=0 makes nobody root", kStated, As::kUser, "domains", Want::kOk,
            {"PROXYEXEC_UID=0", "PROXYEXEC_GID=0"}),
      claim("PROXYEXEC_UID makes nobody another user", kStated, As::kUser, "domains", Want::kOk,
            {"PROXYEXEC_UID={other_uid}", "PROXYEXEC_GID={other_uid}"}),
      claim("SUDO_UID=0 makes nobody root", kStated, As::kUser, "domains", Want::kOk,
            {"SUDO_UID=0", "SUDO_GID=0", "SUDO_USER=root"}),
      claim("SUDO_USER makes nobody another user", kStated, As::kUser, "domains", Want::kOk,
            {"SUDO_UID={other_uid}", "SUDO_GID={other_uid}", "SUDO_USER={other}"}),
      claim("USER makes nobody another user", kStated, As::kUser, "domains", Want::kOk,
            {"USER={other}", "LOGNAME={other}", "USERNAME={other}", "HOME=/home/{other}"}),
      claim("USER=root makes nobody root", kStated, As::kUser, "domains", Want::kOk,
            {"USER=root", "LOGNAME=root", "HOME=/root"}),
      claim("SUDO_UID=0 opens no users", kStated, As::kUser, "users", Want::kPermissionDenied,
            {"SUDO_UID=0", "SUDO_USER=root"}),
      claim("PROXYEXEC_UID=0 opens no users", kStated, As::kUser, "users", Want::kPermissionDenied,
            {"PROXYEXEC_UID=0"}),
      claim("SUDO_UID=0 opens no db_info", kStated, As::kUser, "db_info", Want::kPermissionDenied,
            {"SUDO_UID=0", "USER=root"}),
      claim("a stranger's claims open nothing", kStated, As::kStranger, "domains", Want::kOk,
            {"SUDO_UID={user_uid}", "SUDO_USER={user}", "PROXYEXEC_UID={user_uid}", "USER={user}"}),
      claim("claims count for nothing in a cage", kStated, As::kCage, "domains", Want::kOk,
            {"PROXYEXEC_UID={other_uid}", "SUDO_UID={other_uid}", "USER={other}"}),
      claim("claims open no users in a cage", kStated, As::kCage, "users", Want::kPermissionDenied,
            {"PROXYEXEC_UID=0", "SUDO_UID=0", "USER=root"}),
      claim("a locale changes nothing", kReading, As::kUser, "domains", Want::kOk,
            {"LANG=ru_RU.KOI8-R", "LC_ALL=tr_TR.UTF-8", "LANGUAGE=de"}),
      claim("an empty PATH changes nothing", kReading, As::kUser, "domains", Want::kOk, {"PATH="}),
      claim("a user's own library path changes nothing", kReading, As::kUser, "domains", Want::kOk,
            {"LD_LIBRARY_PATH=/nonexistent", "LD_AUDIT=", "PYTHONPATH=/nonexistent",
             "PERL5LIB=/nonexistent", "PHPRC=/nonexistent"}),
  };
}

std::vector<Check> surroundings() {
  return {
      around("the working directory does not matter", As::kUser, "domains", Want::kOk,
             Streams::kGood, "/tmp"),
      around("root's working directory does not matter", As::kRoot, "users", Want::kOk,
             Streams::kGood, "/proc"),
      around("a reader that goes away ends nothing by a signal", As::kRoot, "users", Want::kAlive,
             Streams::kNobodyReads),
      around("a closed stdout ends nothing by a signal", As::kUser, "domains", Want::kAlive,
             Streams::kOutputClosed),
      around("closed descriptors end nothing by a signal", As::kUser, "domains", Want::kAlive,
             Streams::kAllClosed),
      {.name = "an argument of 100,000 bytes is refused in order",
       .section = "3.1",
       .severity = kReading,
       .as = As::kUser,
       .script = "domains",
       .arguments = {"--nosuch={long}"},
       .want = Want::kBadRequest},
      {.name = "a name of 100,000 bytes is refused",
       .section = "3.2",
       .severity = kReading,
       .as = As::kUser,
       .script = "domains",
       .arguments = {"--owner={long}"},
       .want = Want::kRefused},
      {.name = "bytes that are no UTF-8 are refused in order",
       .section = "3.1",
       .severity = kReading,
       .as = As::kRoot,
       .script = "users",
       .arguments = {"--nosuch=\xff\xfe"},
       .want = Want::kBadRequest},
  };
}

}  // namespace

std::vector<Check> hostileChecks() {
  auto all = claims();
  for (auto& check : surroundings())
    all.push_back(std::move(check));
  return all;
}

}  // namespace bulkhead::cli::cloudlinux
